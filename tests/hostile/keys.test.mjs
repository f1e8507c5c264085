// Key sets that must not be used (RFC 7517, RFC 7518, OpenID Connect Core 10.1); and when they are asked for anew.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { base64url, claims, header, jws, key } from './jose.mjs';
import { Reply } from './provider.mjs';
import { checkSignedIn, mutation, rules, sceneTest } from './scene.mjs';

const judged = ['token', 'jwks'];
const searched = ['token', 'jwks', 'jwks', 'discovery']; // for a key that might be new

/** The set is another one. */
const set = (name, jwks, rule, calls = judged, options) => mutation(name, { jwks }, { rule, calls }, options);

/** The provider's key, with these members changed; `undefined` leaves one out. */
const member = (name, change, rule, calls, options) => set(name,
  ({ keys: [first] }) => ({ keys: [{ ...first, ...(typeof change === 'function' ? change(first) : change) }] }), rule, calls, options);

// ---- keys too weak to prove anything

const weak = key('RSA-1024');
mutation('an RSA key of 1024 bits', {
  jwks: () => ({ keys: [weak.jwk] }),
  idToken: (compact) => jws({ ...header(compact), kid: weak.kid }, claims(compact), weak),
}, { rule: 'jwk_weak', calls: judged });
member('an RSA key with the exponent 1', { e: base64url([1]) }, 'jwk_weak');
member('an RSA key with an even exponent', { e: base64url([2]) }, 'jwk_weak');
member('an RSA key with an exponent of 100 bytes', { e: base64url(Buffer.alloc(100, 0x55)) }, 'jwk_weak');
member('an RSA key with an even modulus', ({ n }) => ({ n: n.slice(0, -2) + 'AA' }), 'jwk_weak');
member('an RSA key of 64 Kbit', { n: base64url(Buffer.alloc(8192, 0xff)) }, 'jwk_weak');
const smallOrders = { zero: Buffer.alloc(32), one: Buffer.from([1, ...Array(31).fill(0)]) };
for (const [name, x] of Object.entries(smallOrders))
  member(`an Ed25519 key of small order (${name})`, { x: base64url(x) }, 'jwk_weak', judged,
    { provider: { alg: 'EdDSA' }, settings: { id_token_signed_response_alg: 'EdDSA' } });

// ---- keys for another purpose

member('a key for encryption', { use: 'enc' }, 'jws_key_unknown', searched);
member('a key for a use that nobody knows', { use: 'SIG' }, 'jws_key_unknown', searched);
member('a use that is a list', { use: ['sig'] }, 'jws_key_unknown', searched);
member('a key that may only sign', { key_ops: ['sign'] }, 'jws_key_unknown', searched);
member('a key that may do nothing', { key_ops: [] }, 'jws_key_unknown', searched);
member('key_ops that is no list', { key_ops: 'verify' }, 'jws_key_unknown', searched);
member('a key for another algorithm of its type', { alg: 'RS512' }, 'jws_key_unknown', searched);
member('a key for PS256 alone', { alg: 'PS256' }, 'jws_key_unknown', searched);
member('a key for RSA-OAEP', { alg: 'RSA-OAEP' }, 'jws_key_unknown', searched);
member('a key of another type under the same kid',
  () => ({ kty: undefined, n: undefined, e: undefined, ...key('P-256').jwk, kid: 'RSA' }), 'jws_key_unknown', searched);
member('a shared secret under the same kid', { kty: 'oct', k: base64url('x'.repeat(32)) }, 'jws_key_unknown', searched);
member('a kty in small letters', { kty: 'rsa' }, 'jws_key_unknown', searched);
member('a kty that is a number', { kty: 1 }, 'jws_key_unknown', searched);
member('no kty', { kty: undefined }, 'jws_key_unknown', searched);
member('another kid', { kid: 'another' }, 'jws_key_unknown', searched);
member('a kid in other case', { kid: 'rsa' }, 'jws_key_unknown', searched);
mutation('a secret that the provider publishes', {
  jwks: ({ keys }) => ({ keys: [...keys, { kty: 'oct', kid: 'shared', k: base64url('x'.repeat(32)), alg: 'HS256' }] }),
  idToken: (compact) => jws({ alg: 'HS256', kid: 'shared' }, claims(compact), { secret: 'x'.repeat(32) }),
}, { rule: 'jws_alg', calls: ['token'] });

const elliptic = { provider: { alg: 'ES256' } };
member('a P-384 key for ES256', () => ({ ...key('P-384').jwk, kid: 'P-256' }), 'jws_key_unknown', searched, elliptic);
member('a secp256k1 key for ES256', () => ({ ...key('secp256k1').jwk, kid: 'P-256' }), 'jws_key_unknown', searched, elliptic);
member('a secp256k1 key that says it is P-256', () => ({ ...key('secp256k1').jwk, crv: 'P-256', kid: 'P-256' }), 'jwk_malformed',
  judged, elliptic);
member('no crv', { crv: undefined }, 'jws_key_unknown', searched, elliptic);
const edwards = { provider: { alg: 'EdDSA' }, settings: { id_token_signed_response_alg: 'EdDSA' } };
member('an X25519 key for EdDSA', () => ({ ...key('X25519').jwk, kid: 'Ed25519' }), 'jws_key_unknown', searched, edwards);
member('an Ed448 key for EdDSA', () => ({ ...key('Ed448').jwk, kid: 'Ed25519' }), 'jws_key_unknown', searched, edwards);

// ---- keys that are none

member('an RSA key without n', { n: undefined }, 'jwk_malformed');
member('an RSA key without e', { e: undefined }, 'jwk_malformed');
member('an n that is a number', { n: 5 }, 'jwk_malformed');
member('an n that is empty', { n: '' }, 'jwk_malformed');
member('an n with padding', ({ n }) => ({ n: `${n}==` }), 'jwk_malformed');
member('an n in plain base64', ({ n }) => ({ n: `+/${n.slice(2)}` }), 'jwk_malformed');
member('an n with a leading zero', ({ n }) => ({ n: base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')])) }),
  'jwk_malformed');
member('an x that is too short', ({ x }) => ({ x: base64url(Buffer.from(x, 'base64url').subarray(1)) }), 'jwk_malformed', judged, elliptic);
member('a point that is not on the curve', ({ x }) => ({ y: x }), 'jwk_malformed', judged, elliptic);
member('a point at zero', () => ({ x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) }), 'jwk_malformed', judged, elliptic);
member('a point without y', { y: undefined }, 'jwk_malformed', judged, elliptic);

// ---- sets that are none

set('an empty set', () => ({ keys: [] }), 'jws_key_unknown', searched);
set('a set without keys', () => ({}), 'jwk_malformed');
set('keys that are null', () => ({ keys: null }), 'jwk_malformed');
set('keys that are an object', ({ keys: [first] }) => ({ keys: { first } }), 'jwk_malformed');
set('keys that are texts', ({ keys }) => ({ keys: keys.map((one) => JSON.stringify(one)) }), 'jws_key_unknown', searched);
set('a set of 101 keys', ({ keys: [first] }) => ({ keys: Array(101).fill(first) }), 'jwk_malformed');
set('a bare list', ({ keys }) => new Reply(200, JSON.stringify(keys)), 'json');
set('a key instead of a set', ({ keys: [first] }) => first, 'jwk_malformed');
set('a map from kid to certificate', () => ({ RSA: '-----BEGIN CERTIFICATE-----' }), 'jwk_malformed');
set('a set that is empty text', () => new Reply(200, ''), 'json');
set('a set that is HTML', () => new Reply(200, '<!doctype html>', { type: 'text/html' }), 'json');
set('a set with keys twice', (right) => new Reply(200, JSON.stringify(right).replace('{', '{"keys":[],')), 'json');
set('a set with a kid twice', (right) => new Reply(200, JSON.stringify(right).replace('"kid"', '"kid":"other","kid"')), 'json');
set('a set cut off', (right) => new Reply(200, JSON.stringify(right).slice(0, -2)), 'json');
for (const status of [204, 401, 404, 500, 503]) set(`a set with status ${status}`,
  (right) => new Reply(status, status === 204 ? '' : JSON.stringify(right)), 'http_status');
for (const status of [301, 302, 307]) set(`a redirect ${status} to another set`,
  () => new Reply(status, '', { headers: { Location: '/keys' } }), 'http_status');
const large = (right) => JSON.stringify({ ...right, a: 'x'.repeat(2_000_000) });
set('a set of 2 MB', (right) => new Reply(200, large(right)), 'http_too_large');
set('a set of 2 MB, packed into 2 KB', (right) => new Reply(200, zlib.gzipSync(large(right)),
  { headers: { 'Content-Encoding': 'gzip' } }), 'http_too_large');
set('a set cut off by the connection', (right) => new Reply(200, JSON.stringify(right), { cut: 'within' }), 'http_failed');
mutation('no jwks_uri', { discovery: (right) => ({ ...right, jwks_uri: undefined }) }, { rule: 'discovery_malformed', calls: ['token'] });

// ---- asking anew

sceneTest('a set that was wrong is not kept: once it is put right, the next login succeeds', {}, async (scene) => {
  const { jwks } = scene.provider.hooks;
  for (const wrong of [() => ({}), () => new Reply(500), () => ({ keys: 'none' })]) {
    scene.provider.hooks.jwks = wrong;
    assert.equal((await scene.signIn()).status, 502);
  }
  scene.provider.hooks.jwks = jwks;
  scene.log = '';
  await checkSignedIn(scene, await scene.signIn());
});

sceneTest('a key that nobody knows is looked for once a minute, not at every token', {}, async (scene) => {
  scene.provider.hooks.header = (right) => ({ ...right, kid: 'nobody' });
  for (let i = 0; i < 4; i++) {
    const answer = await scene.signIn();
    assert.deepEqual(rules(answer.log), ['jws_key_unknown'], answer.log);
    assert.deepEqual(scene.provider.calls(scene.seen), i === 0 ? searched : ['token']);
  }
});

sceneTest('a refetched set that is wrong does not sign anybody in', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const stolen = key('RSA', 'attacker');
  scene.provider.hooks.jwks = () => ({ keys: [{ ...weak.jwk, kid: 'attacker' }] });
  scene.provider.hooks.idToken = (compact) => jws({ ...header(compact), kid: 'attacker' }, claims(compact), stolen);
  const answer = await scene.signIn();
  assert.deepEqual(rules(answer.log), ['jwk_weak'], answer.log);
});

sceneTest('keys are asked for once, not at every login', {}, async (scene) => {
  for (let i = 0; i < 3; i++) await checkSignedIn(scene, await scene.signIn());
  assert.equal(scene.provider.calls().filter((call) => call === 'jwks').length, 1);
  assert.equal(scene.provider.calls().filter((call) => call === 'discovery').length, 1);
});
