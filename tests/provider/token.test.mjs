// The token endpoint, the ID Token, UserInfo; and that nothing of these stands in the log.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import test from 'node:test';
import {
  assertError, authorizeUri, base64url, basic, decide, decode, go, hidden, isSigned, issuer, main, newVerifier, otherUri, post,
  provide, redeem, redirected, redirectUri, request, secret, signIn, tokens, userinfo, verifier,
} from './client.mjs';

test('the token response is complete and not to be stored', async () => {
  const { code } = await signIn('ada');
  const response = await redeem(code);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('pragma'), 'no-cache');
  const body = await response.json();
  assert.equal(body.token_type, 'Bearer');
  assert.equal(body.scope, request.scope);
  assert.ok(body.expires_in > 0 && body.access_token && body.id_token);
});

test('the ID Token says what OpenID Connect Core 2 asks for, and is signed', async () => {
  const { id_token: idToken, access_token: token } = await tokens('ada');
  const { header, claims } = decode(idToken);
  const now = Date.now() / 1000;
  assert.equal(header.alg, 'RS256');
  assert.equal(await isSigned(idToken), true);
  assert.equal(claims.iss, issuer);
  assert.equal(claims.aud, 'demo');
  assert.equal(claims.sub, '248289761001');
  assert.equal(claims.nonce, request.nonce);
  assert.equal(claims.at_hash, base64url(createHash('sha256').update(token).digest().subarray(0, 16)));
  assert.ok(Math.abs(claims.iat - now) < 5 && claims.exp > now && Math.abs(claims.auth_time - now) < 5);
  for (const name of ['name', 'email']) assert.equal(claims[name], undefined, 'claims of scopes are for UserInfo (5.4)');
});

test('with --id-token-alg ES256 it is signed so', async () => {
  const other = await provide('--id-token-alg', 'ES256', '--quiet');
  const at = (where) => new URL(where, other.issuer);
  const page = await (await fetch(at(authorizeUri()))).text();
  const response = await fetch(at('/decide'), { method: 'POST', redirect: 'manual',
    body: new URLSearchParams({ request: hidden(page), person: 'ada' }) });
  const { code } = redirected(response);
  const answer = await fetch(at('/token'), {
    method: 'POST', headers: basic('demo', secret),
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }),
  });
  const { id_token: idToken } = await answer.json();
  assert.equal(decode(idToken).header.alg, 'ES256');
  assert.equal(await isSigned(idToken, other.issuer), true);
  assert.equal(fs.readFileSync(other.log, 'utf8'), `ready ${other.issuer}\n`, '--quiet: no other line');
});

test('client_secret_post serves as well as client_secret_basic', async () => {
  const { code } = await signIn('ada');
  assert.equal((await redeem(code, { client_id: 'demo', client_secret: secret }, {})).status, 200);
});

test('a client that does not prove itself is invalid_client, with WWW-Authenticate', async () => {
  const { code } = await signIn('ada');
  const colonless = { authorization: `Basic ${Buffer.from('demo').toString('base64')}` };
  for (const [changes, headers] of [
    [{}, {}], [{}, basic('demo', 'wrong')], [{}, basic('nobody', secret)], [{}, basic('demo', '')],
    [{}, colonless], [{}, { authorization: 'Basic ?' }], [{ client_id: 'demo' }, {}],
    [{ client_id: 'demo', client_secret: 'wrong' }, {}], [{ client_id: 'demo', client_secret: '' }, {}],
  ]) {
    const response = await redeem(code, changes, headers);
    assert.match(response.headers.get('www-authenticate'), /^Basic realm=/);
    await assertError(response, 401, 'invalid_client');
  }
  await assertError(await redeem(code, { client_secret: secret }), 400, 'invalid_request');
  await assertError(await redeem(code, { client_id: 'other' }), 400, 'invalid_request');
  assert.equal((await redeem(code)).status, 200, 'none of this has spent the code');
});

test('a code is for one client, one redirect_uri, one verifier', async () => {
  const { code } = await signIn('ada');
  await assertError(await redeem(code, {}, basic('other', `${secret}2`)), 400, 'invalid_grant');
  await assertError(await redeem(code, { redirect_uri: otherUri }), 400, 'invalid_grant');
  await assertError(await redeem(code, { redirect_uri: undefined }), 400, 'invalid_request');
  await assertError(await redeem(code, { code_verifier: newVerifier() }), 400, 'invalid_grant');
  await assertError(await redeem(code, { code_verifier: undefined }), 400, 'invalid_request');
  await assertError(await redeem(code, { code_verifier: request.code_challenge.slice(1) }), 400, 'invalid_request');
  await assertError(await redeem(code, { code_verifier: request.code_challenge }), 400, 'invalid_grant');
  await assertError(await redeem(code, { grant_type: undefined }), 400, 'invalid_request');
  await assertError(await redeem(code, { grant_type: 'password' }), 400, 'unsupported_grant_type');
  await assertError(await redeem(undefined), 400, 'invalid_request');
  await assertError(await redeem(`${code}x`), 400, 'invalid_grant');
  await assertError(await redeem(`x${code}`), 400, 'invalid_grant');
  const twice = `grant_type=authorization_code&code=${code}&code=${code}`;
  const repeated = await go('/token', { method: 'POST', body: new URLSearchParams(twice), headers: basic('demo', secret) });
  await assertError(repeated, 400, 'invalid_request');
  assert.equal((await redeem(code)).status, 200);
});

test('a code works once, and a second use revokes what came of the first', async () => {
  const { code } = await signIn('ada');
  const { access_token: token } = await (await redeem(code)).json();
  assert.equal((await userinfo(token)).status, 200);
  await assertError(await redeem(code), 400, 'invalid_grant');
  await assertError(await userinfo(token), 401, 'invalid_token');
});

test('of ten who redeem a code at once, one succeeds', async () => {
  const { code } = await signIn('ada');
  const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 400).length, 9);
});

test('the scopes decide on the claims', async () => {
  const claimsFor = async (scope) => (await userinfo((await tokens('ada', '', { scope })).access_token)).json();
  assert.deepEqual(await claimsFor('openid'), { sub: '248289761001' });
  assert.deepEqual(await claimsFor('openid email'), { sub: '248289761001', email: 'ada@example.org', email_verified: true });
  assert.deepEqual(await claimsFor('openid profile'), {
    sub: '248289761001', name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', preferred_username: 'ada',
      picture: `${issuer}/picture/ada`, locale: 'en-GB',
  });
});

test('people are as different as they should be', async () => {
  const claimsOf = async (person) => (await userinfo((await tokens(person)).access_token)).json();
  assert.deepEqual(await claimsOf('nobody'), { sub: '248289761006' });
  const mallory = await claimsOf('mallory');
  assert.deepEqual([mallory.email, mallory.email_verified], ['ada@example.org', false]);
  const maryam = await claimsOf('maryam');
  assert.equal(maryam.email, undefined);
  assert.match(maryam.name, /^\p{Script=Arabic}/u);
  assert.equal((await claimsOf('haneul')).picture, undefined);
  assert.match((await claimsOf('fox')).name, /\u200d/u);
  assert.equal((await claimsOf('script')).name, '<script>alert(1)</script>');
  assert.ok((await claimsOf('long')).name.length > 300);
});

test('a picture is an image', async () => {
  const response = await go('/picture/ada');
  assert.equal(response.headers.get('content-type'), 'image/svg+xml');
  assert.match(await response.text(), /^<svg .*>A<\/text><\/svg>\n$/);
});

test('UserInfo can be posted to, and wants exactly one bearer token', async () => {
  const { access_token: token } = await tokens();
  assert.equal((await post('/userinfo', { access_token: token })).status, 200);
  assert.equal((await userinfo(token, { method: 'POST' })).status, 200);
  await assertError(await post('/userinfo', { access_token: token }, { authorization: `Bearer ${token}` }), 400, 'invalid_request');
  const none = await go('/userinfo');
  assert.equal(none.status, 401);
  assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="demo provider"');
  assert.equal((await go(`/userinfo?access_token=${token}`)).status, 401, 'never in the query (RFC 9700 4.3.2)');
  const wrong = await userinfo(`${token}x`);
  assert.match(wrong.headers.get('www-authenticate'), /error="invalid_token"/);
  await assertError(wrong, 401, 'invalid_token');
});

test('its log has no codes, tokens or secrets', async () => {
  const { code, state } = await signIn('ada');
  const { access_token: token, id_token: idToken } = await (await redeem(code)).json();
  await userinfo(token);
  const log = fs.readFileSync(main.log, 'utf8');
  assert.match(log, /POST \/token 200/);
  for (const value of [code, token, idToken, secret, state, verifier, request.nonce, 'example.org'])
    assert.ok(!log.includes(value));
  assert.ok(!/AddressSanitizer|runtime error/.test(log), log);
});
