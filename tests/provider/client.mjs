// What the tests of the demo provider share: one that runs, and the steps of a sign-in, each with a way to get it wrong.
// Signatures are verified by Node.js, which shares no code with the provider.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { build, freePort, listening, start, workFolder } from '../e2e/support/place.mjs';

export const program = path.join(build, 'tests/provider/provider');
export const redirectUri = 'http://localhost:9/cgi-bin/callback.cgi/demo';
export const otherUri = 'http://localhost:9/second?tenant=1';
export const postLogoutUri = 'http://localhost:9/';
export const secret = 's3cr3t/+%&= ~';

const folder = workFolder('provider');

/** Starts a provider with the tests' clients; resolves to its issuer. */
export async function provide(...options) {
  const port = await freePort();
  const log = path.join(folder, `log-${port}`);
  const started = start(program, ['--port', port, '--client', `demo:${secret}:${redirectUri},${otherUri}`,
    '--client', `other:${secret}2:http://localhost:9/other`, '--post-logout', postLogoutUri, ...options], { log });
  await listening(port, started, log);
  return { issuer: `http://localhost:${port}`, port, log, ...started };
}

export const main = await provide();
export const { issuer, port } = main;

export const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
export const newVerifier = () => base64url(randomBytes(32));
const challengeOf = (verifier) => base64url(createHash('sha256').update(verifier).digest());

/** fetch() that follows no redirect. */
export const go = (where, options = {}) => fetch(new URL(where, issuer), { redirect: 'manual', ...options });
export const post = (where, form, headers = {}) =>
  go(where, { method: 'POST', body: new URLSearchParams(form), headers });

export const verifier = newVerifier();
export const request = {
  client_id: 'demo', redirect_uri: redirectUri, response_type: 'code', scope: 'openid profile email', state: 'the state &=',
  nonce: 'the nonce', code_challenge: challengeOf(verifier), code_challenge_method: 'S256',
};
export const authorizeUri = (changes = {}) => {
  const parameters = { ...request, ...changes };
  for (const name of Object.keys(parameters)) if (parameters[name] === undefined) delete parameters[name];
  return `/authorize?${new URLSearchParams(parameters)}`;
};

/** The hidden request of a page's form. */
export const hidden = (page) => page.match(/name="request" value="([^"]+)"/)[1];

/** Gets the sign-in page and decides. Resolves to the response to the form. */
export async function decide(decision, changes = {}, headers = {}) {
  const page = await go(authorizeUri(changes), { headers });
  assert.equal(page.status, 200, await page.clone().text());
  return post('/decide', { request: hidden(await page.text()), ...decision }, headers);
}

/** The parameters of the redirect back to the client. */
export function redirected(response, to = redirectUri) {
  assert.equal(response.status, 303);
  const location = response.headers.get('location');
  assert.ok(location.startsWith(to), location);
  return Object.fromEntries(new URL(location).searchParams);
}

export const signIn = async (person, misbehaviour = '', changes = {}) =>
  redirected(await decide({ person, misbehaviour }, changes));

export const basic = (id, password) =>
  ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(password)}`).toString('base64')}` });

/** The token request, with changes to its parameters. */
export const redeem = (code, changes = {}, headers = basic('demo', secret)) => {
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...changes };
  for (const name of Object.keys(form)) if (form[name] === undefined) delete form[name];
  return post('/token', form, headers);
};

export async function tokens(person = 'ada', misbehaviour = '', changes = {}) {
  const { code } = await signIn(person, misbehaviour, changes);
  const response = await redeem(code);
  assert.equal(response.status, 200);
  return response.json();
}

export function decode(jwt) {
  const [header, payload, signature] = jwt.split('.');
  return {
    header: JSON.parse(Buffer.from(header, 'base64url')), claims: JSON.parse(Buffer.from(payload, 'base64url')),
    input: `${header}.${payload}`, signature: Buffer.from(signature, 'base64url'),
  };
}

/** True if the key of its kid in the JWK Set made the signature. */
export async function isSigned(jwt, from = issuer) {
  const { header, input, signature } = decode(jwt);
  const { keys } = await (await fetch(`${from}/jwks`)).json();
  const jwk = keys.find(({ kid }) => kid === header.kid);
  assert.ok(jwk, 'a key of that kid');
  assert.equal(jwk.alg, header.alg);
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return verify('sha256', Buffer.from(input), key, signature);
}

export const userinfo = (token, options = {}) => go('/userinfo', { headers: { authorization: `Bearer ${token}` }, ...options });

export async function assertError(response, status, error) {
  assert.equal(response.status, status);
  assert.equal((await response.json()).error, error);
}

/** Sends bytes as they are; resolves to the first line of the answer. */
export function raw(bytes) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => { answer += data; });
    socket.on('end', () => { socket.destroy(); resolve(answer.split('\r\n')[0]); });
    socket.on('error', reject);
  });
}

export const refusal = (...options) => spawnSync(program, options, { encoding: 'utf8', timeout: 5000 });

export async function session(person = 'ada') {
  const response = await decide({ person });
  const cookie = response.headers.get('set-cookie');
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax$/);
  return { cookie: cookie.split(';')[0] };
}
