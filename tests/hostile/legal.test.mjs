// The mirror of the other files: what is unusual, but legal. Each must sign in.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { workFolder } from '../e2e/support/place.mjs';
import { base64url, claims as claimsOf, halfHash, header as headerOf, jws, key } from './jose.mjs';
import { Reply } from './provider.mjs';
import { Scene, checkSignedIn, now, origin, program, returnTo, sceneTest, variation } from './scene.mjs';

const header = (name, change, options) => variation(name, { ...options, hooks: { header: (right) => ({ ...right, ...change }) } });
const claims = (name, change, options) => variation(name, {
  ...options, hooks: { claims: (right, login) => ({ ...right, ...(typeof change === 'function' ? change(right, login) : change) }) },
});
const token = (name, change, options) => variation(name, { ...options, hooks: { token: change } });
const userinfo = (name, change, check) => variation(name, { hooks: { userinfo: (right) => ({ ...right, ...change }) }, check });
const keys = (name, jwks, change = {}, options = {}) => variation(name,
  { ...options, hooks: { jwks, header: (right) => ({ ...right, ...change }) } });
const configured = (name, settings, options) => variation(name, { ...options, settings });
const extra = { a_member_that_nobody_knows: { 'https://example.com/x': [1, null, true, { deep: [[[]]] }] } };

variation('an ordinary login', {
  check: (me) => {
    assert.equal(me.name, 'Jane Doe');
    assert.equal(me.email, 'jane@example.com');
    assert.equal(me.email_verified, true);
    assert.equal(me.provider, 'op');
  },
});

// ---- the authorization request and its response

const response = (name, change) => variation(name, { hooks: { parameters: change } });
const code = (name, value) => variation(name,
  { hooks: { parameters: (right, login) => { login.code = value; return { ...right, code: value }; } } });

response('further parameters beside code and state',
  (right) => ({ ...right, session_state: 'x.y', scope: 'openid email', authuser: '0', hd: 'example.com', prompt: 'none' }));
response('parameters that nobody knows, and some of them twice', (right) => `${new URLSearchParams(right)}&x=1&x=2&%C3%A9=%F0%9F%98%80&y`);
response('tokens beside the code are not looked at', (right) => ({ ...right, id_token: 'x.y.z', access_token: 'x', token_type: 'Bearer' }));
response('parameters in another order, ending with &',
  ({ code: one, state, iss }) => `iss=${encodeURIComponent(iss)}&state=${state}&code=${one}&`);
response('parameters encoded more than need be', (right) => Object.entries(right)
  .map(([name, value]) => `${name}=${[...value].map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}`).join('&'));
code('a code of every printable character', Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join(''));
code('a code like Google’s', '4/0AX4XfWh-_x.y~z');
code('a code of 2 KB', 'c'.repeat(2048));
code('a code in Korean', '코드');
variation('no iss in the response, where none was promised', { hooks: {
  discovery: (right) => ({ ...right, authorization_response_iss_parameter_supported: false }),
  parameters: ({ code: one, state }) => ({ code: one, state }),
} });
variation('an iss that was not promised, but is right',
  { hooks: { discovery: (right) => ({ ...right, authorization_response_iss_parameter_supported: undefined }) } });
configured('form_post', { response_mode: 'form_post' }, {
  hooks: { parameters: (right, login) => { assert.equal(login.request.response_mode, 'form_post'); return right; } },
});
variation('an authorization_endpoint with a query of its own', { hooks: {
  discovery: (right) => ({ ...right, authorization_endpoint: `${right.authorization_endpoint}?tenant=a%20b&policy=sign-in` }),
} });
variation('a token_endpoint with a query of its own',
  { hooks: { discovery: (right) => ({ ...right, token_endpoint: `${right.token_endpoint}?tenant=a` }) } });
variation('an issuer with a path', { provider: { path: '/tenant/v2.0' } });
variation('an issuer with a slash at its end', { provider: { path: '/' } });
variation('an issuer with a path and a slash at its end', { provider: { path: '/tenant/' } });

// ---- the metadata

variation('metadata that nobody knows', { hooks: { discovery: (right) => ({ ...right, ...extra }) } });
variation('metadata of the least members', { hooks: {
  discovery: ({ issuer, authorization_endpoint, token_endpoint, jwks_uri }) => ({ issuer, authorization_endpoint, token_endpoint,
    jwks_uri }),
  parameters: ({ code: one, state }) => ({ code: one, state }),
}, check: (me, scene) => assert.ok(!scene.provider.calls().includes('userinfo')) });
variation('metadata as application/json; charset=UTF-8',
  { hooks: { discovery: (right) => new Reply(200, JSON.stringify(right), { type: 'application/json; charset=UTF-8' }) } });
variation('metadata in many lines', { hooks: { discovery: (right) => new Reply(200, `\r\n\t ${JSON.stringify(right, null, '\t')}\r\n`) } });

// ---- the token response

token('token_type in other case', (right) => ({ ...right, token_type: 'bEaReR' }));
token('no expires_in', (right) => ({ ...right, expires_in: undefined }));
token('expires_in as a text', (right) => ({ ...right, expires_in: '3600' }));
token('expires_in of zero', (right) => ({ ...right, expires_in: 0 }));
token('expires_in that is null', (right) => ({ ...right, expires_in: null }));
token('members that nobody knows', (right) => ({ ...right, ...extra, scope: 'openid', session_state: 'x', not_before_policy: 0 }));
token('a refresh_token', (right) => ({ ...right, refresh_token: 'r'.repeat(2000) }));
token('a refresh_token that is null', (right) => ({ ...right, refresh_token: null }));
token('an error that is null', (right) => ({ ...right, error: null }));
variation('an access_token of every character that one may have', { hooks: {
  claims: ({ at_hash: hash, ...right }) => right,
  token: (right, login) => { login.accessToken = 'AZaz09-._~+/=='; return { ...right, access_token: login.accessToken }; },
} });
variation('an access_token of 8 KB', { hooks: {
  claims: ({ at_hash: hash, ...right }) => right,
  token: (right, login) => { login.accessToken = 'a'.repeat(8000); return { ...right, access_token: login.accessToken }; },
} });
const raw = (name, change, options) => token(name, (right) => new Reply(200, change(JSON.stringify(right)), options));
raw('an answer as application/json; charset=UTF-8', (right) => right, { type: 'application/json; charset=UTF-8' });
raw('an answer as application/json;charset="utf-8"', (right) => right, { type: 'application/json;charset="utf-8"' });
raw('an answer without a type', (right) => right, { type: null });
raw('an answer with white space everywhere', (right) => ` \r\n\t${JSON.stringify(JSON.parse(right), null, 8)}\n\n`);
raw('an answer in chunks', (right) => right, { headers: { 'Transfer-Encoding': 'chunked' } });
raw('an answer packed with gzip', (right) => zlib.gzipSync(right), { headers: { 'Content-Encoding': 'gzip' } });
raw('an answer packed with deflate', (right) => zlib.deflateSync(right), { headers: { 'Content-Encoding': 'deflate' } });
raw('an answer in escapes', (right) => right.replace(/[A-Za-z](?=[^"]*")/g,
  (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));
raw('an answer with fields that nobody knows', (right) => right,
  { headers: { 'X-Frame-Options': 'DENY', 'Set-Cookie': ['a=b', 'c=d'], Pragma: 'no-cache' } });

// ---- the id_token’s header and signature

header('no typ', { typ: undefined });
header('a typ in other case', { typ: 'jwt' });
header('members that nobody knows', { ...extra, x5t: 'abc', jku: 'https://other.example/keys' });
header('b64 = true', { b64: true });
header('no kid, and one key', { kid: undefined });
for (const alg of ['PS256', 'ES256', 'EdDSA', 'RS384', 'RS512', 'PS384', 'PS512', 'ES384'])
  variation(`an id_token by ${alg}, where it is accepted`,
    { provider: { alg }, settings: { id_token_signed_response_alg: `RS256 ${alg}` } });
variation('an id_token by HS256, where it is accepted', {
  provider: { alg: 'HS256', client: { secret: 'a client secret of more than 32 bytes' } },
  settings: { id_token_signed_response_alg: 'HS256' },
});
variation('an ES256 signature with the greater s', {
  provider: { alg: 'ES256' },
  hooks: { idToken: greaterS },
});

/** (r, n - s) signs as well as (r, s) (SEC 1 4.1.4), and JWS prefers neither. */
function greaterS(compact) {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [head, payload, sign] = compact.split('.');
  const bytes = Buffer.from(sign, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const greater = s > n / 2n ? s : n - s;
  const half = Buffer.from(greater.toString(16).padStart(64, '0'), 'hex');
  return `${head}.${payload}.${base64url(Buffer.concat([bytes.subarray(0, 32), half]))}`;
}

// ---- the key set

const jwk = (kind, name, change = {}) => ({ ...key(kind, name).jwk, ...change });
const strangers = () => [
  jwk('P-256', 'e1'), jwk('secp256k1', 'k1'), jwk('Ed25519', 'o1'), jwk('Ed448', 'o2'), jwk('X25519', 'o3'),
  { kty: 'PQC', kid: 'q1', alg: 'ML-DSA-65', pub: 'AAAA' }, { kty: 'oct', kid: 's1', k: 'AAAA' }, { kty: 'RSA', kid: 'broken' },
  {}, null, 5, 'x', [],
];
keys('keys of every type, and things that are none', (right) => ({ keys: [...strangers(), ...right.keys, ...strangers()] }));
keys('a set with members that nobody knows',
  (right) => ({ ...extra, keys: right.keys.map((one) => ({ ...one, ...extra, x5c: ['AAAA'], x5t: 'AA', nbf: 5 })) }));
keys('no kid, and many keys of many types without one (as the conformance suite has it)', ({ keys: [right] }) => ({
  keys: [...['RSA', 'P-256', 'secp256k1', 'Ed25519'].flatMap((kind) => [1, 2].map((i) => jwk(kind, `${kind} ${i}`))), right,
    jwk('P-256', 'P-256 3'), jwk('secp256k1', 'secp256k1 3'), jwk('Ed25519', 'Ed25519 3')].map((one) => ({ ...one, kid: undefined })),
}), { kid: undefined });
keys('no kid, and many keys with one', ({ keys: [right] }) => ({ keys: [jwk('RSA', 'RSA 1'), jwk('RSA', 'RSA 2'), right] }),
  { kid: undefined });
keys('several keys with one kid',
  ({ keys: [right] }) => ({ keys: [jwk('RSA', 'RSA 1', { kid: 'RSA' }), jwk('P-256', 'P-256 1', { kid: 'RSA' }), right] }));
keys('a kid of odd characters', ({ keys: [right] }) => ({ keys: [{ ...right, kid: 'ключ/1 "α"=+' }] }), { kid: 'ключ/1 "α"=+' });
keys('use, alg and key_ops as they should be',
  ({ keys: [right] }) => ({ keys: [{ ...right, use: 'sig', alg: 'RS256', key_ops: ['verify'] }] }));
keys('a set of 100 keys',
  ({ keys: [right] }) => ({ keys: [...Array.from({ length: 99 }, (_, i) => jwk('P-256', 'e1', { kid: `e${i}` })), right] }));
keys('a set as application/jwk-set+json', (right) => new Reply(200, JSON.stringify(right), { type: 'application/jwk-set+json' }));
keys('a set that tells its private halves', () => ({ keys: [{ ...key('RSA').privateKey.export({ format: 'jwk' }), kid: 'RSA' }] }));

const rotate = (scene, name) => { scene.provider.key = key('RSA', name); scene.provider.keys = [scene.provider.key]; };

sceneTest('keys changed just before signing', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const { parameters } = await scene.begin();
  rotate(scene, 'rotated');
  await checkSignedIn(scene, await scene.comeBack(parameters));
  assert.deepEqual(scene.provider.calls(scene.seen), ['token', 'jwks', 'userinfo']);
});

sceneTest('keys changed between two logins', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  rotate(scene, 'rotated');
  await checkSignedIn(scene, await scene.signIn());
});

sceneTest('keys changed between two logins, under the same kid or none', {}, async (scene) => {
  scene.provider.hooks.header = (right) => ({ ...right, kid: undefined });
  await checkSignedIn(scene, await scene.signIn());
  rotate(scene, 'rotated');
  await checkSignedIn(scene, await scene.signIn());
});

sceneTest('keys that moved to another address', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  rotate(scene, 'rotated');
  scene.provider.hooks.discovery = (right) => ({ ...right, jwks_uri: right.jwks_uri.replace('/jwks', '/keys') });
  scene.provider.hooks.jwks = (right) => (scene.provider.calls().at(-1) === 'keys' ? right : { keys: [key('RSA', 'old').jwk] });
  await checkSignedIn(scene, await scene.signIn());
  assert.deepEqual(scene.provider.calls(scene.seen), ['token', 'jwks', 'discovery', 'keys', 'userinfo']);
});

sceneTest('keys that moved to another address, where the old one is gone', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  rotate(scene, 'rotated');
  scene.provider.hooks.discovery = (right) => ({ ...right, jwks_uri: right.jwks_uri.replace('/jwks', '/keys') });
  scene.provider.hooks.jwks = (right) => (scene.provider.calls().at(-1) === 'keys' ? right : new Reply(404));
  await checkSignedIn(scene, await scene.signIn());
});

// ---- the id_token’s claims

claims('aud as a list', ({ aud }) => ({ aud: [aud] }));
claims('aud as a list with a trusted audience, and azp', ({ aud }) => ({ aud: ['other', aud], azp: aud }),
  { settings: { trusted_audiences: 'other third' } });
claims('aud as a list with the client twice, and azp', ({ aud }) => ({ aud: [aud, aud], azp: aud }));
claims('azp beside a single aud', ({ aud }) => ({ azp: aud }));
claims('claims that nobody knows', { ...extra, jti: 'x', ver: '1.0', amr: ['pwd'], tid: 'x' });
claims('nbf in the past', () => ({ nbf: now() - 100 }));
claims('fractional times', ({ iat, exp }) => ({ iat: iat + 0.25, exp: exp + 0.75, auth_time: iat - 0.5, nbf: iat - 0.125 }));
claims('times with an exponent', ({ exp }) => ({ exp: Number(exp.toPrecision(12)) * 1, iat: 1.5e9 }));
claims('an iat long ago', { iat: 1 });
claims('an exp long ahead', { exp: 2.5e11 });
claims('a clock 50 s ahead', ({ iat, exp }) => ({ iat: iat + 50, nbf: iat + 50, auth_time: iat + 50, exp: exp + 50 }));
claims('a clock 50 s behind, and a token that lives for 10', ({ iat }) => ({ iat: iat - 50, exp: iat - 40, auth_time: iat - 50 }));
claims('no at_hash', { at_hash: undefined });
claims('a right c_hash', (right, login) => ({ c_hash: halfHash('RS256', login.code) }));
claims('no auth_time, where max_age was not sent', { auth_time: undefined });
claims('no sid', { sid: undefined });
claims('an auth_time within max_age', () => ({ auth_time: now() - 200 }), { settings: { max_age: 300 } });
claims('an auth_time of now, after max_age = 0', () => ({ auth_time: now() }), { settings: { max_age: 0 } });
claims('an acr that was asked for', { acr: 'silver' }, { settings: { acr_values: 'gold silver' } });
claims('an acr that nobody asked for', { acr: 'urn:mace:incommon:iap:bronze' });
claims('an id_token of 20 KB', { groups: Array.from({ length: 500 }, (_, i) => `cn=group-${i},ou=groups`) });
const subs = { '255 characters': 's'.repeat(255), 'one character': '0', 'odd characters': 'auth0|a/b\\c"d\'e<f>&%00+ {}' };
for (const [name, sub] of Object.entries(subs))
  sceneTest(`a sub of ${name}`, {}, async (scene) => {
    scene.provider.person.sub = sub;
    await checkSignedIn(scene, await scene.signIn());
  });
variation('an id_token in escapes and white space', { hooks: {
  idToken: (compact) => jws(headerOf(compact),
    ` ${JSON.stringify(claimsOf(compact), null, 3).replaceAll('/', '\\/').replace('"iss"', '"\\u0069ss"')}\n`, key('RSA')),
} });

// ---- who it is

const names = {
  'in Korean': '김하늘', 'from right to left': 'ليلى الأحمد', 'in emoji': '👩‍👩‍👧‍👦 Fam', 'of characters outside the BMP': '𝒥𝒶𝓃𝑒 𠮷田',
  'with markup': '<script>alert("1")</script>',
  'of one letter': 'Q', 'with an apostrophe': "Conan O'Brien",
};
for (const [name, value] of Object.entries(names))
  userinfo(`a name ${name}`, { name: value }, async (me, scene) => {
    assert.equal(me.name, value);
    const page = await scene.browser.get(program('me.cgi'));
    assert.equal(page.status, 200);
    assert.ok(!page.body.includes('<script>alert'), 'markup is text');
  });
userinfo('a name in surrogate escapes', { name: undefined, given_name: '\u{1f600}' }, (me) => assert.equal(me.name, '\u{1f600}'));
userinfo('a name with what would turn the text around it', { name: 'a\u202eb\u200fc\u0007d' }, (me) => assert.equal(me.name, 'abcd'));
userinfo('a name of 5,000 characters', { name: '가'.repeat(5000) }, (me) => assert.ok([...me.name].length <= 101));
userinfo('no name', { name: undefined }, (me) => assert.ok(!('name' in me)));
userinfo('a name that is null', { name: null, email: null }, (me) => assert.ok(!('name' in me) && !('email' in me)));
userinfo('a name that is a number', { name: 5 }, (me) => assert.equal(me.name, '5'));
userinfo('a name that is an object', { name: { first: 'Jane' } }, (me) => assert.ok(!('name' in me)));
userinfo('a given and a family name', { name: undefined, given_name: 'Ada', family_name: 'Lovelace' },
  (me) => assert.equal(me.name, 'Ada Lovelace'));
userinfo('no e-mail address', { email: undefined, email_verified: undefined },
  (me) => assert.ok(!('email' in me) && !('email_verified' in me)));
userinfo('an e-mail address that is not verified', { email_verified: false }, (me) => assert.equal(me.email_verified, false));
userinfo('an e-mail address of which nobody says whether it is verified', { email_verified: undefined },
  (me) => assert.equal(me.email_verified, false));
userinfo('email_verified as a text', { email_verified: 'true' }, (me) => assert.equal(me.email_verified, true));
userinfo('an e-mail address in Korean', { email: '하늘@예시.한국' }, (me) => assert.equal(me.email, '하늘@예시.한국'));
userinfo('what is no e-mail address', { email: 'jane@example.com\r\nBcc: all@example.com' }, (me) => assert.ok(!('email' in me)));
userinfo('a picture', { picture: 'https://op.example/jane.png?s=64' },
  (me) => assert.equal(me.picture, 'https://op.example/jane.png?s=64'));
userinfo('a picture that is a script', { picture: 'javascript:alert(1)' }, (me) => assert.ok(!('picture' in me)));
userinfo('a locale', { locale: 'ko-KR' }, (me) => assert.equal(me.locale, 'ko-KR'));
userinfo('claims by aggregation and distribution are passed over', {
  _claim_names: { address: 'src1', payment: 'src2' },
  _claim_sources: { src1: { JWT: 'x.y.z' }, src2: { endpoint: 'http://169.254.169.254/', access_token: 'x' } },
}, (me, scene) => assert.deepEqual(scene.provider.calls(), ['discovery', 'token', 'jwks', 'userinfo']));
variation('an address that UserInfo has not is taken from the id_token', {
  hooks: { userinfo: ({ sub }) => ({ sub }),
    claims: (right) => ({ ...right, name: 'Jane of the id_token', email: 'jane@id-token.example' }) },
  check: (me) => {
    assert.equal(me.name, 'Jane of the id_token');
    assert.equal(me.email, 'jane@id-token.example');
    assert.equal(me.email_verified, false);
  },
});

const signedUserinfo = (type) => (right, login) => new Reply(200,
  jws({ alg: 'RS256', kid: 'RSA' }, { ...right, iss: login.response.iss, aud: ['latchkey', 'https://rs.example'] }, key('RSA')), { type });
variation('a signed UserInfo response', { hooks: { userinfo: signedUserinfo('application/jwt') },
  check: (me) => assert.equal(me.name, 'Jane Doe') });
variation('a signed UserInfo response with a parameter to its type',
  { hooks: { userinfo: signedUserinfo('Application/JWT; charset=utf-8') } });
variation('UserInfo as application/json; charset=UTF-8, packed',
  { hooks: { userinfo: (right) => new Reply(200, zlib.gzipSync(JSON.stringify(right)),
  { type: 'application/json; charset=UTF-8', headers: { 'Content-Encoding': 'gzip' } }) } });
configured('UserInfo is not asked where the record says so', { userinfo: 'no' }, {
  check: (me, scene) => assert.ok(!scene.provider.calls().includes('userinfo')),
});

// ---- client authentication (RFC 6749 2.3.1, RFC 7523) and pushed requests (RFC 9126)

for (const method of ['client_secret_basic', 'client_secret_post'])
  for (const secret of ['plain', 'a:b', 'a b+c', '100%25', 'x&y=z', 'ключ', 'a "quoted" word', 'semi;colon#hash', '~!@$^*()_-{}[]|<>,.?/'])
    variation(`${method} with the secret ${secret}`, { provider: { client: { method, secret } } });
variation('a client_id that has to be encoded', { provider: { client: { id: 'https://www.example.org/a:b%20c?d=e&f' } } });
variation('client_secret_jwt', { provider: { client: { method: 'client_secret_jwt', secret: 'a client secret of more than 32 bytes' } } });
variation('a public client, by PKCE alone', { provider: { client: { method: 'none' } }, settings: { client_secret: undefined } });

async function withPrivateKey(kind, settings, body) {
  const signer = key(kind, `client ${kind}`);
  const file = path.join(workFolder('key'), 'client.pem');
  fs.writeFileSync(file, signer.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const scene = await Scene.open({
    provider: { client: { method: 'private_key_jwt', key: signer, pushes: Boolean(settings.require_pushed_authorization_requests) } },
    settings: { client_secret: undefined, private_key_file: file, private_key_id: 'mine', ...settings },
  });
  try {
    await checkSignedIn(scene, await scene.signIn());
    await body?.(scene);
  } finally {
    scene.close();
  }
}

/** The assertions sent, in order. */
const assertions = (scene) => scene.provider.requests
  .map(({ body }) => new URLSearchParams(body).get('client_assertion')).filter(Boolean);

for (const [kind, alg] of [['RSA', 'RS256'], ['P-256', 'ES256']])
  sceneTest(`private_key_jwt by ${alg}`, {}, () => withPrivateKey(kind, { token_endpoint_auth_signing_alg: alg },
    (scene) => assert.deepEqual(headerOf(assertions(scene)[0]), { alg, kid: 'mine' })));
sceneTest('private_key_jwt and a pushed request: an assertion each', {},
  () => withPrivateKey('RSA', { require_pushed_authorization_requests: 'yes' }, (scene) => {
    const [pushed, sent] = assertions(scene).map((assertion) => claimsOf(assertion).jti);
    assert.ok(pushed && sent && pushed !== sent);
  }));

const pushes = { provider: { client: { pushes: true } }, check: (me, scene) => assert.equal(scene.provider.calls()[1], 'par') };
configured('a pushed request, because we say so', { require_pushed_authorization_requests: 'yes' }, pushes);
for (const method of ['client_secret_post', 'client_secret_jwt', 'none'])
  variation(`a pushed request of a client with ${method}`, {
    provider: { client: { method, pushes: true, secret: 'a client secret of more than 32 bytes' } },
    settings: { require_pushed_authorization_requests: 'yes', ...(method === 'none' ? { client_secret: undefined } : {}) },
  });
variation('a pushed request, because the provider demands it',
  { ...pushes, hooks: { discovery: (right) => ({ ...right, require_pushed_authorization_requests: true }) } });

// ---- what is asked for

const asked = (name, settings, check, hooks = {}) => variation(name,
  { settings, hooks: { ...hooks, parameters: (right, { request }) => { check(request); return right; } } });
asked('a resource (RFC 8707)', { resource: 'https://api.example.com/' },
  ({ resource }) => assert.deepEqual(resource, ['https://api.example.com/']));
asked('two resources', { resource: 'https://a.example/ https://b.example/x?y=z' },
  ({ resource }) => assert.deepEqual(resource, ['https://a.example/', 'https://b.example/x?y=z']));
asked('max_age', { max_age: 60 }, (request) => assert.equal(request.max_age, '60'));
asked('acr_values', { acr_values: 'gold silver' }, (request) => assert.equal(request.acr_values, 'gold silver'),
  { claims: (right) => ({ ...right, acr: 'gold' }) });
asked('ui_locales', { ui_locales: 'ko en' }, (request) => assert.equal(request.ui_locales, 'ko en'));
asked('claims', { claims: '{"id_token":{"email":null}}' }, (request) => assert.equal(request.claims, '{"id_token":{"email":null}}'));
asked('prompt', { prompt: 'select_account' }, (request) => assert.equal(request.prompt, 'select_account'));
asked('scope', { scope: 'openid address phone' }, (request) => assert.equal(request.scope, 'openid address phone'));
variation('login_hint and prompt of the link', {
  query: `provider=op&login_hint=${encodeURIComponent('jané+1@example.com')}&prompt=login&return_to=${encodeURIComponent(returnTo)}`,
  hooks: { parameters: (right, { request }) => {
    assert.equal(request.login_hint, 'jané+1@example.com');
    assert.equal(request.prompt, 'login');
    return right;
  } },
});

// ---- a login that somebody else began (OpenID Connect Core 4)

const third = (name, begin, location = `${origin}/`) => sceneTest(name, {}, async (scene) => {
  const answer = await begin(scene, encodeURIComponent(scene.provider.issuer));
  assert.equal(answer.status, 303, answer.log);
  await checkSignedIn(scene, await scene.comeBack(scene.provider.authorize(answer.headers.location)), { location });
});
third('a login by iss, by GET', (scene, iss) => scene.browser.get(program(`login.cgi?iss=${iss}`), { crossSite: true }));
third('a login by iss, by POST', (scene, iss) => scene.browser.post(program('login.cgi'), `iss=${iss}`, { crossSite: true }));
const deep = `${origin}/deep/page?x=1`;
third('a login by iss, with target_link_uri', (scene, iss) => scene.browser.get(
  program(`login.cgi?iss=${iss}&target_link_uri=${encodeURIComponent(deep)}&login_hint=jane&lti_message_hint=x`),
  { crossSite: true }), deep);
sceneTest('a login by an iss that nobody configured', {}, async (scene) => {
  for (const iss of ['https://evil.example', `${scene.provider.issuer}/`, scene.provider.issuer.toUpperCase(), 'javascript:alert(1)', '']) {
    const answer = await scene.browser.get(program(`login.cgi?iss=${encodeURIComponent(iss)}`), { crossSite: true });
    assert.equal(answer.status, 404, answer.log);
    assert.deepEqual(answer.cookies, []);
  }
  assert.deepEqual(scene.provider.calls(), []);
});
