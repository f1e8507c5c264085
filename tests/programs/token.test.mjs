// Access tokens: token.cgi issues them, jwks.cgi publishes the keys, me.cgi takes them, and nothing that only looks like one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { json, page } from '../e2e/support/cgi.mjs';
import { build } from '../e2e/support/place.mjs';
import { events } from '../e2e/support/site.mjs';
import { base64url, claims, header, jws, parts, signature, signingInput, withSignature } from '../hostile/jose.mjs';
import { now, origin, program, rules, Scene } from '../hostile/scene.mjs';

const api = 'https://api.example.org/v1';
const script = { accept: 'application/json' };
const ownScript = { ...script, origin, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
const realm = `Bearer realm="${origin}"`;

const token = (settings = '') => ({ more: () => `[token]\naudience = ${origin} ${api}\n${settings}\n` });

/** A test on a site that Jane signed in to; `scene.csrf` is the session's. */
function signedIn(name, options, body) {
  test(name, async (t) => {
    const scene = await Scene.open(options);
    t.after(() => scene.close());
    const answer = await scene.signIn();
    assert.equal(answer.status, 303, answer.log);
    scene.csrf = (await scene.whoAmI()).csrf_token;
    await body(scene, t);
  });
}

/** POST token.cgi as a script of this site. */
const ask = (scene, fields = {}, options = {}) =>
  scene.browser.post(program('token.cgi'), fields, { headers: ownScript, ...options });

async function issued(scene, fields) {
  const answer = await ask(scene, fields);
  assert.equal(answer.status, 200, answer.log);
  return json(answer).access_token;
}

/** me.cgi, asked with an Authorization field alone, or with more. */
const me = (scene, authorization, { method = 'GET', headers = script, cookie = '' } = {}) =>
  scene.browser.request(method, program('me.cgi'), { headers: { ...headers, authorization }, cookie });

const bearer = (scene, compact, options) => me(scene, `Bearer ${compact}`, options);

/** Refused as RFC 6750 3 says, with one line in the log that names the rule and not the token. */
function isInvalid(answer, rule, compact = '') {
  assert.equal(answer.status, 401, answer.log);
  assert.equal(answer.code, 0);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(json(answer).error, 'invalid_token');
  assert.match(answer.headers['www-authenticate'], /^Bearer realm="https:\/\/www\.example\.org", error="invalid_token", error_description="[^"]+"$/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.ok(compact.length < 20 || !answer.log.includes(compact.slice(0, 20)), 'the token is in the log');
  assert.doesNotMatch(answer.body, /Jane|csrf/);
}

// ---- asking

const answers = {
  'a script of this site': [{}, { headers: ownScript }, 200],
  'a form with the csrf_token': [{ csrf_token: true }, { headers: { ...script, origin } }, 200],
  'a script with X-CSRF-Token': [{}, { csrf: true, headers: { ...script, origin } }, 200],
  'a script with X-CSRF-Token, without Origin': [{}, { csrf: true, headers: script }, 200],
  'nobody': [{ csrf_token: true }, { cookie: '', headers: ownScript }, 401, 'unauthenticated'],
  'a script that no browser vouches for': [{}, { headers: { ...script, origin } }, 403, 'csrf_token'],
  'a wrong csrf_token': [{ csrf_token: 'x' }, { headers: { ...script, origin } }, 403, 'csrf_token'],
  'a link or form of this site without csrf_token': [{}, { headers: { ...ownScript, 'sec-fetch-mode': 'navigate' } }, 403, 'csrf_token'],
  'a script of a sister site': [{}, { headers: { ...ownScript, 'sec-fetch-site': 'same-site', origin: 'https://evil.example.org' } }, 403, 'request_origin'],
  'a script of another site': [{}, { headers: { ...ownScript, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }, 403, 'request_origin'],
  'a script of another site with the csrf_token': [{ csrf_token: true }, { headers: { ...ownScript, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }, 403, 'request_origin'],
  'an origin that fits no Sec-Fetch-Site': [{}, { headers: { ...ownScript, origin: 'https://evil.example' } }, 403, 'request_origin'],
};
for (const [name, [fields, { csrf, ...options }, status, rule]] of Object.entries(answers)) {
  signedIn(`a token is asked for by ${name}: ${status}`, token(), async (scene) => {
    const sent = fields.csrf_token === true ? { csrf_token: scene.csrf } : fields;
    const headers = csrf ? { ...options.headers, 'x-csrf-token': scene.csrf } : options.headers;
    const answer = await ask(scene, sent, { ...options, headers });
    assert.equal(answer.status, status, answer.log);
    assert.equal(answer.code, 0);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(answer.cookies, []);
    if (status === 200) {
      assert.deepEqual(Object.keys(json(answer)), ['access_token', 'token_type', 'expires_in']);
      assert.equal(json(answer).token_type, 'Bearer');
      assert.equal(json(answer).expires_in, 600);
      assert.ok(!answer.log.includes(json(answer).access_token.slice(0, 30)), 'the token is in the log');
      assert.deepEqual(events(answer.log).map(({ event, audience }) => [event, audience]), [['token_issued', origin]]);
    } else {
      assert.doesNotMatch(answer.body, /access_token|eyJ/);
      assert.ok(!('www-authenticate' in answer.headers), 'no token would help');
      assert.deepEqual(rules(answer.log), rule === 'unauthenticated' ? [] : [rule], answer.log);
    }
  });
}

signedIn('token.cgi takes POST alone', token(), async (scene) => {
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await scene.browser.request(method, program('token.cgi'), { headers: ownScript });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'POST');
  }
  assert.equal((await ask(scene, {}, { run: { pathInfo: '/x' } })).status, 404);
});

signedIn('a token cannot ask for another one', token(), async (scene) => {
  const compact = await issued(scene);
  const answer = await ask(scene, {}, { cookie: '', headers: { ...ownScript, authorization: `Bearer ${compact}` } });
  assert.equal(answer.status, 401, answer.log);
  assert.equal(json(answer).error, 'unauthenticated');
});

const audiences = [
  [{}, 200, origin], [{ audience: api }, 200, api], [{ resource: api }, 200, api], [{ resource: api, audience: api }, 200, api],
  [{ audience: 'https://evil.example' }, 400, 'invalid_target', 'audience'], [{ resource: `${api}/` }, 400, 'invalid_target', 'audience'],
  [{ resource: api, audience: origin }, 400, 'invalid_target', 'audience'], [{ audience: '' }, 400, 'invalid_target', 'audience'],
  [`audience=${encodeURIComponent(api)}&audience=${encodeURIComponent(api)}`, 400, 'invalid_request', 'parameter_repeated'],
  [`resource=${encodeURIComponent(api)}&resource=${encodeURIComponent(origin)}`, 400, 'invalid_request', 'parameter_repeated'],
];
for (const [fields, status, expected, rule] of audiences) {
  const text = typeof fields === 'string' ? fields : JSON.stringify(fields);
  signedIn(`audience ${text} is answered with ${status}`, token(), async (scene) => {
    const answer = await ask(scene, fields);
    assert.equal(answer.status, status, answer.log);
    if (status === 200) {
      assert.equal(claims(json(answer).access_token).aud, expected);
    } else {
      assert.equal(json(answer).error, expected);
      assert.ok(json(answer).error_description.length > 10);
      assert.deepEqual(rules(answer.log), [rule]);
    }
  });
}

signedIn('what is asked for in the address is not looked at', token(), async (scene) => {
  const answer = await scene.browser.post(`${program('token.cgi')}?audience=${encodeURIComponent(api)}`, {}, { headers: ownScript });
  assert.equal(claims(json(answer).access_token).aud, origin);
});

signedIn('the claims are those of RFC 9068, and those that were configured', token('claims = name email groups auth_time\nclient_id = shop\nlifetime = 90s'), async (scene) => {
  const { sub, email } = await scene.whoAmI();
  const compact = await issued(scene);
  const { exp, iat, jti, sid, auth_time: authTime, ...rest } = claims(compact);
  assert.deepEqual(rest, { iss: origin, sub, aud: origin, client_id: 'shop', name: 'Jane Doe', email, email_verified: true });
  assert.equal(exp - iat, 90);
  assert.ok(Math.abs(iat - now()) < 10 && authTime <= iat && authTime > iat - 60);
  assert.match(jti, /^[\w-]{22}$/);
  assert.match(sid, /^[\w-]{43}$/);
  const { kid, ...head } = header(compact);
  assert.deepEqual(head, { alg: 'ES256', typ: 'at+jwt' });
  assert.match(kid, /^[\w-]{8}$/);
});

// ---- the keys

const keySet = (scene, options = {}) => scene.browser.request('GET', program('jwks.cgi'), { headers: script, cookie: '', ...options });

signedIn('the keys are public, and may be kept for a while', token(), async (scene) => {
  const answer = await keySet(scene);
  assert.equal(answer.status, 200, answer.log);
  assert.equal(answer.headers['content-type'], 'application/jwk-set+json');
  assert.equal(answer.headers['cache-control'], 'public, max-age=900');
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.deepEqual(answer.cookies, []);
  const { keys } = JSON.parse(answer.body);
  assert.deepEqual(keys.map((jwk) => Object.keys(jwk).sort()), [['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);

  const head = await keySet(scene, { run: { method: 'HEAD' } });
  assert.equal(head.headers['content-length'], String(answer.body.length));
  assert.equal(head.headers.etag, answer.headers.etag);
  assert.equal(head.body, '');
});

signedIn('who has the keys already gets no second copy', token(), async (scene) => {
  const { headers: { etag } } = await keySet(scene);
  assert.match(etag, /^"[\w-]{43}"$/);
  for (const known of [etag, `W/${etag}`, '*', `"x", ${etag}`]) {
    const answer = await keySet(scene, { headers: { 'if-none-match': known } });
    assert.equal(answer.status, 304, known);
    assert.equal(answer.body, '');
    assert.equal(answer.headers.etag, etag);
    assert.equal(answer.headers['cache-control'], 'public, max-age=900');
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  }
  for (const other of ['"x"', etag.slice(1, -1), `"${etag}"`])
    assert.equal((await keySet(scene, { headers: { 'if-none-match': other } })).status, 200, other);
});

signedIn('jwks.cgi only tells', token(), async (scene) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await keySet(scene, { run: { method } });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'GET, HEAD');
  }
  assert.equal((await keySet(scene, { run: { pathInfo: '/x' } })).status, 404);
});

const published = async (scene) => JSON.parse((await keySet(scene)).body).keys;

/** Verified by Node's own cryptography and the published key of that kid alone. */
async function verify(scene, compact) {
  const jwk = (await published(scene)).find(({ kid }) => kid === header(compact).kid);
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  const [head, payload, sign] = parts(compact);
  const digest = jwk.alg === 'EdDSA' ? null : 'sha256';
  return crypto.verify(digest, Buffer.from(`${head}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(sign, 'base64url'));
}

for (const alg of ['ES256', 'EdDSA', 'RS256']) {
  signedIn(`a token signed by ${alg} verifies by the published key, and is taken back`, token(`algorithm = ${alg}`), async (scene) => {
    const compact = await issued(scene);
    assert.equal(header(compact).alg, alg);
    assert.ok(await verify(scene, compact));
    assert.ok(!await verify(scene, withSignature(compact, (bytes) => { bytes[5] ^= 1; return bytes; })));
    assert.equal(json(await bearer(scene, compact)).name, 'Jane Doe');
  });
}

const secret = 'a secret that is shared by an API';
signedIn('a token by a shared secret is for who shares it, and opens nothing here', { more: () => `[token]\nalgorithm = HS256\naudience = ${api}\nsecret = ${secret}\n` }, async (scene) => {
  const compact = await issued(scene);
  assert.equal(claims(compact).aud, api);
  const [head, payload, sign] = parts(compact);
  assert.equal(base64url(signature('HS256', `${head}.${payload}`, { secret })), sign);
  assert.deepEqual(await published(scene), []);
  isInvalid(await bearer(scene, compact), 'access_token_key', compact);

  const own = await issued(scene, { audience: origin });
  assert.equal(json(await bearer(scene, own)).name, 'Jane Doe');
  const forged = { ...claims(own), jti: 'mine' };
  isInvalid(await bearer(scene, jws(header(own), forged, { secret })), 'access_token_signature');
});

// ---- calling

signedIn('me.cgi answers a token as JSON, and tells it no csrf_token', token(), async (scene) => {
  const compact = await issued(scene);
  const { csrf_token: csrf, status, ...known } = await scene.whoAmI();
  assert.equal(status, 200);
  assert.ok(csrf);
  for (const headers of [script, page, { ...page, 'sec-fetch-mode': 'navigate' }]) {
    const answer = await bearer(scene, compact, { headers });
    assert.equal(answer.status, 200, answer.log);
    assert.deepEqual(json(answer), known);
    assert.deepEqual(answer.cookies, []);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  assert.equal((await bearer(scene, compact, { method: 'HEAD' })).status, 200);
  assert.equal((await me(scene, `bearer  ${compact}`)).status, 200);
});

signedIn('who brings nothing is told that a token would do', token(), async (scene) => {
  const answer = await scene.browser.get(program('me.cgi'), { headers: script, cookie: '' });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['www-authenticate'], realm);
  assert.equal(json(answer).error, 'unauthenticated');
  const shown = await scene.browser.get(program('me.cgi'), { cookie: '' });
  assert.equal(shown.status, 303, 'a person goes to the sign-in page');
});

signedIn('another scheme of Authorization is not ours to judge', token(), async (scene) => {
  for (const field of ['Basic eDp5', 'Digest username="x"', 'Bearerx'])
    assert.equal((await me(scene, field, { cookie: scene.browser.cookieField(false) })).status, 200, field);
});

// ---- forgeries: each of them comes with Jane's good cookie, which must not help

const keyFile = (scene) => path.join(scene.place.state, 'keys/jwt.keys');

/** The key that signs here: who has stolen it can sign anything, and the claims are judged all the same. */
function ownKey(scene) {
  const [kid, , alg, octets] = fs.readFileSync(keyFile(scene), 'utf8').split('\n')[0].split(' ');
  return { kid, alg, privateKey: crypto.createPrivateKey({ key: Buffer.from(octets, 'base64url'), format: 'der', type: 'pkcs8' }) };
}

const changed = (change) => (scene, compact) => {
  const head = header(compact);
  const body = claims(compact);
  change(body, head);
  return jws(head, body, ownKey(scene), 'ES256');
};
const claim = (name, value) => changed((body) => { body[name] = value; });
const without = (name) => changed((body) => { delete body[name]; });
const head = (name, value) => changed((body, fields) => { fields[name] = value; });

/** RFC 8725 2.1: HS256, and our public key as the secret, in some form or other. */
const confused = (form) => async (scene, compact) => {
  const [jwk] = await published(scene);
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  const forms = {
    JWK: JSON.stringify(jwk), x: jwk.x, PEM: key.export({ type: 'spki', format: 'pem' }), DER: key.export({ type: 'spki', format: 'der' }),
    'JWK Set': (await keySet(scene)).body, 'no bytes': '',
  };
  return jws({ ...header(compact), alg: 'HS256' }, claims(compact), { secret: forms[form] });
};
const withoutSignature = (alg) => (scene, compact) => `${signingInput({ ...header(compact), alg }, claims(compact))}.`;
const another = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const longer = (size) => (scene, compact) => claim('x', 'x'.repeat(size))(scene, compact);

const forgeries = {
  'alg none, without a signature': [withoutSignature('none'), 'access_token_alg'],
  'alg None': [withoutSignature('None'), 'access_token_alg'],
  'alg nOnE': [withoutSignature('nOnE'), 'access_token_alg'],
  'no signature': [withoutSignature('ES256'), 'access_token_signature'],
  ...Object.fromEntries(['JWK', 'x', 'PEM', 'DER', 'JWK Set', 'no bytes']
    .map((form) => [`HS256 by our public key as ${form}`, [confused(form), 'access_token_alg']])),
  'another algorithm of ours': [(scene, compact) => jws({ ...header(compact), alg: 'RS256' }, claims(compact), crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })), 'access_token_alg'],
  'another’s key': [(scene, compact) => jws(header(compact), claims(compact), another), 'access_token_signature'],
  'another’s key, which the header brings along': [(scene, compact) => jws({ ...header(compact), jwk: another.publicKey.export({ format: 'jwk' }) }, claims(compact), another), 'access_token_signature'],
  'a signature in DER': [(scene, compact) => { const input = signingInput(header(compact), claims(compact)); return `${input}.${base64url(crypto.sign('sha256', Buffer.from(input), ownKey(scene).privateKey))}`; }, 'access_token_signature'],
  'a signature of zeros': [(scene, compact) => withSignature(compact, () => Buffer.alloc(64)), 'access_token_signature'],
  'a changed claim': [(scene, compact) => `${signingInput(header(compact), { ...claims(compact), sub: 'somebody' })}.${parts(compact)[2]}`, 'access_token_signature'],
  'no kid': [head('kid', undefined), 'access_token_key'],
  'an unknown kid': [head('kid', 'AAAAAAAA'), 'access_token_key'],
  'a kid that is a path': [head('kid', '../../../dev/null'), 'access_token_key'],
  'typ JWT': [head('typ', 'JWT'), 'access_token_typ'],
  'no typ': [head('typ', undefined), 'access_token_typ'],
  'crit': [changed((body, fields) => { fields.crit = ['exp']; }), 'access_token_malformed'],
  'crit of an unknown extension': [changed((body, fields) => { fields.crit = ['x']; fields.x = 1; }), 'access_token_malformed'],
  'b64 false': [head('b64', false), 'access_token_malformed'],
  'iss of another': [claim('iss', 'https://evil.example'), 'access_token_iss'],
  'no iss': [without('iss'), 'access_token_iss'],
  'aud of an API': [claim('aud', api), 'access_token_aud'],
  'aud of an API and us': [claim('aud', [api, origin]), 'access_token_aud'],
  'no aud': [without('aud'), 'access_token_aud'],
  'expired': [claim('exp', now() - 1), 'access_token_exp'],
  'no exp': [without('exp'), 'access_token_exp'],
  'exp as a text': [claim('exp', String(now() + 600)), 'access_token_exp'],
  'issued in the future': [claim('iat', now() + 3600), 'access_token_iat'],
  'no iat': [without('iat'), 'access_token_iat'],
  'not yet to be used': [claim('nbf', now() + 3600), 'access_token_nbf'],
  'no jti': [without('jti'), 'access_token_claims'],
  'no client_id': [without('client_id'), 'access_token_claims'],
  'no sub': [without('sub'), 'access_token_claims'],
  'no sid': [without('sid'), 'access_token_claims'],
  'sid of another session': [claim('sid', base64url(crypto.randomBytes(32))), 'access_token_session'],
  'sid with SQL': [claim('sid', "' OR 1=1 --"), 'access_token_claims'],
  'sub of another': [claim('sub', 'somebody'), 'access_token_session'],
  'too large': [longer(5000), 'access_token_too_large'],
  'larger than a field may be': [longer(20000), 'access_token_too_large'],
  'as large as an environment allows': [longer(80000), 'access_token_too_large'],
  'one segment': [(scene, compact) => parts(compact)[0], 'access_token_malformed'],
  'two segments': [(scene, compact) => parts(compact).slice(0, 2).join('.'), 'access_token_malformed'],
  'four segments': [(scene, compact) => `${compact}.x`, 'access_token_malformed'],
  'five segments, as of a JWE': [(scene, compact) => `${compact}.x.y`, 'access_token_malformed'],
  'two tokens': [(scene, compact) => `${compact}, Bearer ${compact}`, 'access_token_malformed'],
  'a header that is no JSON': [(scene, compact) => `${base64url('alg=none')}.${parts(compact)[1]}.${parts(compact)[2]}`, 'access_token_malformed'],
  'padding': [(scene, compact) => `${compact}=`, 'access_token_malformed'],
  'a payload that is a list': [(scene, compact) => jws(header(compact), '[]', ownKey(scene)), 'access_token_malformed'],
  'a name twice in the claims': [(scene, compact) => jws(header(compact), JSON.stringify(claims(compact)).replace('{', `{"aud":"${api}",`), ownKey(scene)), 'access_token_malformed'],
  'nothing': [() => '', 'access_token_malformed'],
};

let victim;
let good;
before(async () => {
  victim = await Scene.open(token());
  await victim.signIn();
  good = await issued(victim);
});
after(() => victim.close());

test('a token that a forger changes nothing of is ours', async () => {
  assert.equal((await bearer(victim, changed(() => {})(victim, good))).status, 200);
  assert.equal((await bearer(victim, claim('x', 'y')(victim, good))).status, 200);
});
for (const [name, [forge, rule]] of Object.entries(forgeries)) {
  test(`a token is refused: ${name}`, async () => {
    const forged = await forge(victim, good);
    assert.notEqual(forged, good);
    isInvalid(await me(victim, `Bearer ${forged}`, { cookie: victim.browser.cookieField(false) }), rule, forged);
    assert.equal((await bearer(victim, good)).status, 200, 'the good one is still good');
  });
}

// ---- the end of a token

const latchkey = (scene, ...args) => execFileSync(path.join(build, 'bin/latchkey'), args, { encoding: 'utf8', env: { ...process.env, LATCHKEY_CONF: scene.place.conf } });
const rotate = (scene, ...args) => latchkey(scene, 'rotate-keys', 'jwt', ...args);

const ends = {
  'the person signs out': async (scene) => scene.browser.post(program('logout.cgi'), {}, { headers: { origin } }),
  'the session is ended from elsewhere': async (scene) => latchkey(scene, 'revoke', '--all', '--yes'),
  'the account is blocked': async (scene) => latchkey(scene, 'block', (await scene.whoAmI()).sub),
  'the account is deleted': async (scene) => latchkey(scene, 'delete', '--yes', (await scene.whoAmI()).sub),
};
for (const [name, end] of Object.entries(ends)) {
  signedIn(`a token is over when ${name}`, token(), async (scene) => {
    const compact = await issued(scene);
    assert.equal((await bearer(scene, compact)).status, 200);
    await end(scene);
    isInvalid(await bearer(scene, compact), 'access_token_session', compact);
    assert.ok(await verify(scene, compact), 'an API that does not ask cannot know: the token is short-lived for that');
  });
}

/** As if the keys were made `seconds` before. */
function age(scene, seconds) {
  const lines = fs.readFileSync(keyFile(scene), 'utf8').trimEnd().split('\n').map((line) => line.split(' '));
  for (const line of lines) line[1] = String(Number(line[1]) - seconds);
  fs.writeFileSync(keyFile(scene), `${lines.map((line) => line.join(' ')).join('\n')}\n`);
}

signedIn('a new key is published before it signs, and the old one as long as it is needed', token(), async (scene) => {
  const first = await issued(scene);
  age(scene, 86400);
  assert.match(rotate(scene), /^jwt: a new key, which will sign in a quarter of an hour; 1 older kept, 0 retired$/m);
  const kids = (await published(scene)).map(({ kid }) => kid);
  assert.equal(kids.length, 2);
  assert.equal(kids[1], header(first).kid);
  assert.equal(header(await issued(scene)).kid, kids[1], 'the old one still signs');
  age(scene, 900);
  assert.equal(header(await issued(scene)).kid, kids[1], 'a copy of the set may be as old as that');
  age(scene, 60);
  const second = await issued(scene);
  assert.equal(header(second).kid, kids[0]);
  for (const compact of [first, second]) {
    assert.ok(await verify(scene, compact));
    assert.equal((await bearer(scene, compact)).status, 200);
  }
  latchkey(scene, 'vacuum');
  assert.equal((await published(scene)).length, 2);
  age(scene, 86400 + 3600 + 60);
  latchkey(scene, 'vacuum');
  assert.deepEqual((await published(scene)).map(({ kid }) => kid), [kids[0]]);
  isInvalid(await bearer(scene, first), 'access_token_key', first);
});

signedIn('--drop-old makes every token worthless here', token(), async (scene) => {
  const compact = await issued(scene);
  const { headers: { etag } } = await keySet(scene);
  assert.match(rotate(scene, '--drop-old', '--yes'), /^jwt: a new key; 0 older kept, 1 retired$/m);
  isInvalid(await bearer(scene, compact), 'access_token_key', compact);
  assert.notEqual((await keySet(scene)).headers.etag, etag);
  assert.equal((await bearer(scene, await issued(scene))).status, 200);
});

signedIn('without tokens there are no keys to rotate', token(), async (scene) => {
  assert.throws(() => rotate(scene), /jwt: there are no keys yet/);
  assert.doesNotMatch(latchkey(scene, 'rotate-keys'), /jwt/);
  assert.ok(!fs.existsSync(keyFile(scene)));
  assert.match(latchkey(scene, 'check', '--offline'), /note +keys jwt +not there yet: made at first use/);
  await issued(scene);
  assert.equal(fs.statSync(keyFile(scene)).mode & 0o777, 0o600);
  assert.match(latchkey(scene, 'check', '--offline'), /ok +keys jwt +1 key, the newest 0 days old/);
  assert.deepEqual(JSON.parse(rotate(scene, '--json')), { ring: 'jwt', older_keys: 1, retired: 0 });
});

signedIn('another algorithm gets a key of its own, and the old one stays published', token(), async (scene) => {
  const old = await issued(scene);
  fs.writeFileSync(scene.place.conf, fs.readFileSync(scene.place.conf, 'utf8').replace('[token]', '[token]\nalgorithm = EdDSA'));
  const compact = await issued(scene);
  assert.equal(header(compact).alg, 'EdDSA');
  assert.deepEqual((await published(scene)).map(({ alg }) => alg), ['EdDSA', 'ES256']);
  assert.ok(await verify(scene, old));
  isInvalid(await bearer(scene, old), 'access_token_alg', old);
  assert.equal((await bearer(scene, compact)).status, 200);
});

test('a key file that others can read is used by nobody', async (t) => {
  const scene = await Scene.open(token());
  t.after(() => scene.close());
  await scene.signIn();
  const compact = await issued(scene);
  fs.chmodSync(keyFile(scene), 0o644);
  for (const answer of [await ask(scene), await keySet(scene), await bearer(scene, compact)]) {
    assert.equal(answer.status, 500);
    assert.deepEqual(rules(answer.log), ['key_file']);
    assert.equal(json(answer).error, 'server_error');
  }
});

test('twenty first tokens at once are of one key', async (t) => {
  const scene = await Scene.open(token());
  t.after(() => scene.close());
  await scene.signIn();
  const kids = await Promise.all(Array.from({ length: 20 }, async () => header(await issued(scene)).kid));
  assert.equal(new Set(kids).size, 1);
});

test('a site that never heard of [token] issues tokens for itself alone', async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  await scene.signIn();
  const compact = await issued(scene);
  assert.equal(claims(compact).aud, origin);
  assert.equal((await bearer(scene, compact)).status, 200);
  assert.equal((await ask(scene, { audience: api })).status, 400);
});
