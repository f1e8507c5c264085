// Access tokens and other people's libraries: jose and Authlib verify ours, and what they make is taken or refused. The examples of
// README.md are run as they stand there, but for the addresses.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { promisify } from 'node:util';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, importPKCS8, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { build, top, workFolder } from './support/place.mjs';
import { signIn, signOut, whoAmI } from './support/login.mjs';
import { events, startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const execute = promisify(execFile);
const api = 'https://api.example.org/v1';
const secret = 'a secret that an API shares with us';
const here = path.join(top, 'tests/e2e');
const now = () => Math.floor(Date.now() / 1000);

let site;
before(async () => {
  site = await startSite({ providers: async (origin) =>
    `[token]\naudience = ${api}\nclaims = name email\nalgorithm = ES256\n${(await startProvider(origin)).sections}` });
});

/** From now on the site signs like this. */
function configure(algorithm, more = '') {
  const text = fs.readFileSync(site.conf, 'utf8').replace(/^secret = .*\n/m, '').replace(/^algorithm = .*$/m, `algorithm = ${algorithm}${more}`);
  fs.writeFileSync(site.conf, text);
}

async function person(name = 'ada') {
  const visitor = new Visitor();
  await signIn(visitor, site, 'rs256-basic', name);
  return visitor;
}

/** As a script of the site's pages asks for it. */
async function issue(visitor, fields = {}) {
  const answer = await visitor.post(`${site.origin}/cgi-bin/token.cgi`, fields,
    { headers: { origin: site.origin, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', accept: '*/*' } });
  assert.equal(answer.status, 200, answer.body + site.log());
  return JSON.parse(answer.body).access_token;
}

const me = (token, visitor = new Visitor()) =>
  visitor.get(`${site.origin}/cgi-bin/me.cgi`, { headers: { accept: 'application/json', authorization: `Bearer ${token}` } });
const jwks = async () => JSON.parse((await new Visitor().get(`${site.origin}/cgi-bin/jwks.cgi`)).body);
const own = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

const verifyPy = async (...args) => (await execute('/usr/bin/python3', [path.join(here, 'verify.py'), ...args])).stdout.trim();
const rejectedByPy = (promise, what) => assert.rejects(promise, ({ stderr }) => what.test(stderr));

/** The key that signs now: stolen, as it were. */
function stolen() {
  const lines = fs.readFileSync(path.join(site.state, 'keys/jwt.keys'), 'utf8').trim().split('\n').map((line) => line.split(' '));
  const [kid, , alg, octets] = lines[0];
  const key = crypto.createPrivateKey({ key: Buffer.from(octets, 'base64url'), format: 'der', type: 'pkcs8' });
  return { kid, alg, pem: key.export({ format: 'pem', type: 'pkcs8' }) };
}

// ---- ours, verified by them

for (const algorithm of ['ES256', 'EdDSA', 'RS256']) {
  test(`jose and Authlib verify our token by ${algorithm}, and no other`, async () => {
    configure(algorithm);
    const visitor = await person();
    const token = await issue(visitor);
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(`${site.origin}/cgi-bin/jwks.cgi`)),
      { algorithms: [algorithm], issuer: site.origin, audience: api, typ: 'at+jwt', requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id', 'sid'] });
    assert.equal(payload.sub, (await whoAmI(visitor, site)).sub);
    assert.equal(payload.name, 'Ada Lovelace');
    assert.equal(payload.email, 'ada@example.org');
    assert.equal(protectedHeader.alg, algorithm);
    const keys = await jwks();
    assert.deepEqual(JSON.parse(await verifyPy('check', algorithm, JSON.stringify(keys), site.origin, api, token)), payload);

    const wrong = `${token.slice(0, -8)}${token.at(-8) === 'A' ? 'B' : 'A'}${token.slice(-7)}`;
    await assert.rejects(jwtVerify(wrong, createLocalJWKSet(keys)), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    await rejectedByPy(verifyPy('check', algorithm, JSON.stringify(keys), site.origin, api, wrong), /BadSignatureError/);
    await assert.rejects(jwtVerify(token, createLocalJWKSet(keys), { audience: site.origin }), { claim: 'aud' });
    await rejectedByPy(verifyPy('check', algorithm, JSON.stringify(keys), site.origin, site.origin, token), /InvalidClaimError: .*aud/);
  });
}

test('jose and Authlib verify our token by a shared secret', async () => {
  configure('HS256', `\nsecret = ${secret}`);
  const token = await issue(await person());
  const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), { algorithms: ['HS256'], issuer: site.origin, audience: api, typ: 'at+jwt' });
  const key = JSON.stringify({ kty: 'oct', k: Buffer.from(secret).toString('base64url') });
  assert.deepEqual(JSON.parse(await verifyPy('check', 'HS256', key, site.origin, api, token)), payload);
  await assert.rejects(jwtVerify(token, new TextEncoder().encode(`${secret}!`)), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  assert.equal((await me(token)).status, 401, 'it is for the API');
  configure('ES256');
});

test('whoever keeps the keys is not surprised by new ones', async () => {
  const keys = createRemoteJWKSet(new URL(`${site.origin}/cgi-bin/jwks.cgi`), { cooldownDuration: 3600_000, cacheMaxAge: 3600_000 });
  const visitor = await person();
  await jwtVerify(await issue(visitor), keys);
  await execute(path.join(build, 'bin/latchkey'), ['rotate-keys', 'jwt'], { env: { ...process.env, LATCHKEY_CONF: site.conf } });
  const token = await issue(visitor);
  assert.ok((await jwks()).keys.length > 1);
  await jwtVerify(token, keys);
  assert.equal(decodeProtectedHeader(token).kid, (await jwks()).keys.filter(({ alg }) => alg === 'ES256')[1].kid, 'the older one signs');
});

// ---- theirs, judged by us

/** Right but for `change`, which works on the claims and the header. */
function parts(visitorsToken, change = () => {}) {
  const { kid, alg } = stolen();
  const header = { alg, typ: 'at+jwt', kid };
  const claims = { ...own(visitorsToken), jti: crypto.randomUUID() };
  change(claims, header);
  return { header, claims };
}

const tokens = {
  'right': [() => {}, null],
  'expired': [(claims) => { claims.exp = now() - 1; }, 'access_token_exp'],
  'without exp': [(claims) => { delete claims.exp; }, 'access_token_exp'],
  'issued tomorrow': [(claims) => { claims.iat = now() + 86400; }, 'access_token_iat'],
  'not before tomorrow': [(claims) => { claims.nbf = now() + 86400; }, 'access_token_nbf'],
  'for an API': [(claims) => { claims.aud = api; }, 'access_token_aud'],
  'for nobody': [(claims) => { delete claims.aud; }, 'access_token_aud'],
  'of another issuer': [(claims) => { claims.iss = 'https://evil.example'; }, 'access_token_iss'],
  'typ JWT': [(claims, header) => { header.typ = 'JWT'; }, 'access_token_typ'],
  'of another session': [(claims) => { claims.sid = crypto.randomBytes(32).toString('base64url'); }, 'access_token_session'],
  'about somebody else': [(claims) => { claims.sub = 'somebody'; }, 'access_token_session'],
  'of an unknown kid': [(claims, header) => { header.kid = 'AAAAAAAA'; }, 'access_token_key'],
  'oversized': [(claims) => { claims.x = 'x'.repeat(5000); }, 'access_token_too_large'],
};

/** What me.cgi says to a token that comes together with a good cookie. */
async function judge(token, visitor, rule) {
  const answer = await me(token, visitor);
  if (rule === null) {
    assert.equal(answer.status, 200, answer.body);
    assert.equal(JSON.parse(answer.body).name, 'Ada Lovelace');
    return;
  }
  assert.equal(answer.status, 401, answer.body);
  assert.match(answer.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
  assert.equal(events(site.log()).at(-1).rule, rule);
}

test('tokens that jose and Authlib made', async (t) => {
  configure('ES256');
  const visitor = await person();
  const base = await issue(visitor, { audience: site.origin });
  const made = Object.values(tokens).map(([change]) => parts(base, change));
  const { pem } = stolen();
  const key = await importPKCS8(pem, 'ES256');
  const byAuthlib = JSON.parse(await verifyPy('make', JSON.stringify(made.map(({ header, claims }) => [header, claims])), pem));
  for (const [i, [name, [, rule]]] of Object.entries(tokens).entries()) {
    await t.test(`${name}: ${rule ?? 'taken'}`, async () => {
      const { header, claims } = made[i];
      await judge(await new SignJWT(claims).setProtectedHeader(header).sign(key), visitor, rule);
      await judge(byAuthlib[i], visitor, rule);
    });
  }
});

test('tokens that jose and Authlib made with our public key as the secret of HS256', async () => {
  configure('ES256');
  const visitor = await person();
  const { header, claims } = parts(await issue(visitor, { audience: site.origin }), (_, fields) => { fields.alg = 'HS256'; });
  const jwk = (await jwks()).keys.find(({ kid }) => kid === header.kid);
  const pem = crypto.createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
  for (const text of [pem, JSON.stringify(jwk), `${jwk.x}.${jwk.y}`])
    await judge(await new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(text)), visitor, 'access_token_alg');
  const [token] = JSON.parse(await verifyPy('make', JSON.stringify([[header, claims]]), `${jwk.x}.${jwk.y}`));
  await judge(token, visitor, 'access_token_alg');
});

test('an unsecured token by jose: 401', async () => {
  const visitor = await person();
  const { claims } = parts(await issue(visitor, { audience: site.origin }));
  await judge(new UnsecuredJWT(claims).encode(), visitor, 'access_token_alg');
});

test('a token is over here when the person signs out, and there when it expires', async () => {
  const visitor = await person();
  const token = await issue(visitor, { audience: site.origin });
  const { csrf_token: csrf } = await whoAmI(visitor, site);
  assert.equal((await me(token)).status, 200);
  await signOut(visitor, site, csrf);
  assert.equal((await me(token)).status, 401);
  await jwtVerify(token, createLocalJWKSet(await jwks()), { audience: site.origin });
});

// ---- the examples of README.md

/** The first block of code of that language in the section that has this text. */
function example(language, text) {
  const section = fs.readFileSync(path.join(top, 'README.md'), 'utf8').split('\n## ').find((part) => part.startsWith('Tokens for your API'));
  const blocks = [...section.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);
  const code = blocks.find((block) => block.includes(text));
  assert.ok(code, `README.md has an example with ${text}`);
  const own_ = code.replaceAll('https://www.example.org', site.origin);
  assert.notEqual(own_, code);
  return own_;
}

// Each gives a function from Authorization fields to who is calling by each, null for nobody.
const runners = {
  node: (folder) => {
    fs.symlinkSync(path.join(here, 'node_modules'), path.join(folder, 'node_modules'));
    fs.writeFileSync(path.join(folder, 'caller.mjs'), example('js', 'createRemoteJWKSet'));
    fs.writeFileSync(path.join(folder, 'run.mjs'), `import { caller } from './caller.mjs';
const callers = JSON.parse(process.argv[2]).map((field) => caller(field).catch(() => null));
console.log(JSON.stringify(await Promise.all(callers)));
`);
    return [process.execPath, [path.join(folder, 'run.mjs')]];
  },
  python: (folder) => {
    fs.writeFileSync(path.join(folder, 'caller.py'), example('python', 'def caller'));
    fs.writeFileSync(path.join(folder, 'run.py'), `import json, sys
from caller import caller
def known(field):
    try:
        return caller(field)
    except Exception:
        return None
print(json.dumps([known(field) for field in json.loads(sys.argv[1])]))
`);
    return ['/usr/bin/python3', [path.join(folder, 'run.py')]];
  },
};
for (const [language, prepare] of Object.entries(runners)) {
  test(`the example of README.md in ${language} knows who is calling, and nobody else`, async () => {
    configure('ES256');
    const [command, args] = prepare(workFolder('example'));
    const visitor = await person('layla');
    const { sub } = await whoAmI(visitor, site);
    const token = await issue(visitor);
    const { kid, pem } = stolen();
    const key = await importPKCS8(pem, 'ES256');
    const jwk = (await jwks()).keys.find((one) => one.kid === kid);
    const sign = (change, header = {}) => new SignJWT({ ...own(token), ...change }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(key);
    const fields = {
      'ours': [`Bearer ${token}`, sub], 'ours, in small letters': [`bearer ${token}`, sub], 'the forger’s, nothing changed': [`Bearer ${await sign({})}`, sub],
      'none': ['', null], 'another scheme': [`Basic ${token}`, null], 'Bearer nothing': ['Bearer ', null],
      'expired': [`Bearer ${await sign({ exp: now() - 120 })}`, null], 'of another issuer': [`Bearer ${await sign({ iss: 'https://evil.example' })}`, null],
      'for another API': [`Bearer ${await issue(visitor, { audience: site.origin })}`, null], 'typ JWT': [`Bearer ${await sign({}, { typ: 'JWT' })}`, null],
      'unsecured': [`Bearer ${new UnsecuredJWT(own(token)).encode()}`, null], 'changed': [`Bearer ${token.slice(0, -9)}${token.at(-9) === 'A' ? 'B' : 'A'}${token.slice(-8)}`, null],
      'HS256 by the public key': [`Bearer ${await new SignJWT(own(token)).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid }).sign(new TextEncoder().encode(JSON.stringify(jwk)))}`, null],
    };
    const { stdout } = await execute(command, [...args, JSON.stringify(Object.values(fields).map(([field]) => field))]);
    const found = JSON.parse(stdout);
    assert.deepEqual(Object.fromEntries(Object.keys(fields).map((name, i) => [name, found[i]])),
      Object.fromEntries(Object.entries(fields).map(([name, [, expected]]) => [name, expected])));
  });
}
