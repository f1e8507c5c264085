// Each misbehaviour does what it says, and nothing else.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { sleep } from '../e2e/support/place.mjs';
import {
  assertError, authorizeUri, basic, decide, decode, go, isSigned, redeem, redirectUri, request, secret, signIn, tokens,
  userinfo, verifier,
} from './client.mjs';

test('every misbehaviour of the page is tested here', async () => {
  const page = await (await go(authorizeUri())).text();
  const source = fs.readFileSync(new URL(import.meta.url), 'utf8');
  const names = [...page.matchAll(/name="misbehaviour" value="([a-z0-9_]+)"/g)].map(([, name]) => name);
  assert.equal(names.length, 23);
  for (const name of names) assert.ok(source.includes(`'${name}'`), name);
});

test('misbehaviour: the state', async () => {
  assert.notEqual((await signIn('ada', 'wrong_state')).state, request.state);
  assert.equal((await signIn('ada', 'missing_state')).state, undefined);
});

test('misbehaviour: the iss parameter', async () => {
  assert.equal((await signIn('ada', 'wrong_iss')).iss, 'https://another-provider.example');
  assert.equal((await signIn('ada', 'missing_iss')).iss, undefined);
});

test('misbehaviour: the code twice, and an error instead of one', async () => {
  const response = await decide({ person: 'ada', misbehaviour: 'code_twice' });
  assert.equal(new URL(response.headers.get('location')).searchParams.getAll('code').length, 2);
  const error = await signIn('ada', 'server_error');
  assert.equal(error.error, 'server_error');
  assert.equal(error.code, undefined);
});

test('misbehaviour: the code is refused', async () => {
  for (const name of ['code_used', 'invalid_grant']) {
    await assertError(await redeem((await signIn('ada', name)).code), 400, 'invalid_grant');
  }
});

test('misbehaviour: the token response is broken', async () => {
  assert.equal((await redeem((await signIn('ada', 'token_500')).code)).status, 500);
  const text = await redeem((await signIn('ada', 'token_not_json')).code);
  assert.equal(text.status, 200);
  await assert.rejects(text.json());
  const huge = await redeem((await signIn('ada', 'token_huge')).code);
  assert.ok((await huge.text()).length > 5 * 1024 * 1024);
});

test('misbehaviour: the token response is slow, and nobody else waits', async () => {
  const { code } = await signIn('ada', 'token_slow');
  const impatience = new AbortController();
  let answered = false;
  const slow = go('/token', {
    method: 'POST', headers: basic('demo', secret), signal: impatience.signal,
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }),
  }).then(() => { answered = true; }, () => {});
  await sleep(300);
  assert.equal((await go('/jwks')).status, 200);
  await sleep(2500);
  assert.equal(answered, false);
  impatience.abort();
  await slow;
});

test('misbehaviour: one claim of the ID Token is wrong, the signature is right', async () => {
  const claimsOf = async (name) => {
    const { id_token: idToken } = await tokens('ada', name);
    assert.equal(await isSigned(idToken), true, name);
    return decode(idToken).claims;
  };
  const nonce = (await claimsOf('wrong_nonce')).nonce;
  assert.ok(nonce && nonce !== request.nonce);
  assert.equal((await claimsOf('missing_nonce')).nonce, undefined);
  assert.ok((await claimsOf('expired')).exp < Date.now() / 1000 - 3600);
  assert.equal((await claimsOf('wrong_audience')).aud, 'another-client');
  assert.equal((await claimsOf('wrong_issuer')).iss, 'https://another-provider.example');
  assert.equal((await claimsOf('missing_sub')).sub, undefined);
});

test('misbehaviour: the signature of the ID Token is wrong', async () => {
  assert.equal(await isSigned((await tokens('ada', 'bad_signature')).id_token), false);
  const none = decode((await tokens('ada', 'alg_none')).id_token);
  assert.deepEqual([none.header.alg, none.signature.length], ['none', 0]);
  assert.equal(none.claims.sub, '248289761001');
  const { header } = decode((await tokens('ada', 'unknown_kid')).id_token);
  const { keys } = await (await go('/jwks')).json();
  assert.ok(!keys.some(({ kid }) => kid === header.kid));
});

test('misbehaviour: UserInfo', async () => {
  const other = await userinfo((await tokens('ada', 'userinfo_other_sub')).access_token);
  assert.equal((await other.json()).sub, 'somebody-else');
  assert.equal((await userinfo((await tokens('ada', 'userinfo_500')).access_token)).status, 500);
});
