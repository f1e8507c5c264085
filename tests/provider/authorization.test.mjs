// The authorization endpoint, the decision on its page, the session, and signing out.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../e2e/support/place.mjs';
import {
  assertError, authorizeUri, decide, decode, go, hidden, issuer, otherUri, post, postLogoutUri, redeem, redirected,
  redirectUri, request, session, signIn, tokens, userinfo,
} from './client.mjs';

test('while client and redirect_uri are not known to fit, nobody is redirected', async () => {
  for (const changes of [{ client_id: undefined }, { client_id: 'nobody' }, { client_id: '' }, { redirect_uri: undefined },
  { redirect_uri: `${redirectUri}/` },
  { redirect_uri: `${redirectUri}?x=1` }, { redirect_uri: redirectUri.replace('localhost', '127.0.0.1') },
      { redirect_uri: redirectUri.toUpperCase() },
    { redirect_uri: 'http://localhost:9/other' }, { redirect_uri: 'https://attacker.example/' }]) {
    const response = await go(authorizeUri(changes));
    assert.equal(response.status, 400, JSON.stringify(changes));
    assert.match(response.headers.get('content-type'), /^text\/html/);
    assert.equal(response.headers.get('location'), null);
  }
  for (const name of ['client_id', 'redirect_uri']) assert.equal((await go(`${authorizeUri()}&${name}=x`)).status, 400, name);
});

test('what else is wrong with a request goes back to the client, with state and iss', async () => {
  for (const [changes, error] of [
    [{ response_type: undefined }, 'invalid_request'], [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'code id_token' }, 'unsupported_response_type'],
    [{ scope: undefined }, 'invalid_scope'], [{ scope: 'profile' }, 'invalid_scope'], [{ scope: 'openidx' }, 'invalid_scope'],
    [{ code_challenge: undefined }, 'invalid_request'], [{ code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'], [{ code_challenge: `${'a'.repeat(42)}=` }, 'invalid_request'],
    [{ response_mode: 'fragment' }, 'invalid_request'], [{ prompt: 'none login' }, 'invalid_request'],
    [{ prompt: 'sometimes' }, 'invalid_request'],
    [{ max_age: '-1' }, 'invalid_request'], [{ max_age: '1.5' }, 'invalid_request'],
    [{ max_age: '99999999999' }, 'invalid_request'],
    [{ request: 'x' }, 'request_not_supported'], [{ request_uri: 'http://localhost/' }, 'request_uri_not_supported'],
    [{ registration: '{}' }, 'registration_not_supported'],
    [{ prompt: 'none' }, 'login_required'],
  ]) {
    const response = redirected(await go(authorizeUri(changes)));
    assert.equal(response.error, error, JSON.stringify(changes));
    assert.equal(response.state, request.state);
    assert.equal(response.iss, issuer);
    assert.equal(response.code, undefined);
  }
});

test('a repeated parameter is refused', async () => {
  for (const name of ['scope', 'nonce', 'response_type', 'code_challenge', 'code_challenge_method', 'max_age', 'prompt',
    'response_mode', 'state']) {
    const response = redirected(await go(`${authorizeUri({ max_age: '1', prompt: 'login', response_mode: 'query' })}&${name}=1`));
    assert.equal(response.error, 'invalid_request', name);
  }
});

test('the request may be posted, and unknown parameters and scopes are ignored', async () => {
  const response = await post('/authorize', { ...request, scope: 'openid unheard_of', display: 'page', unknown: 'x' });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /Who do you want to be\?/);
});

test('the page names everybody, as text and not as markup', async () => {
  const page = await (await go(authorizeUri())).text();
  for (const id of ['ada', 'haneul', 'maryam', 'fox', 'script', 'nobody', 'mallory', 'long']) {
    assert.match(page, new RegExp(`name="person" value="${id}"`));
  }
  assert.match(page, /김하늘/);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.ok(!page.includes('<script'));
  assert.match(page, /Demo provider<\/strong> - for trying out Latchkey on this machine\. Not for real accounts\./);
});

test('login_hint marks the person it means', async () => {
  const count = async (hint) => ((await (await go(authorizeUri({ login_hint: hint }))).text()).match(/suggested/g) ?? []).length;
  assert.equal(await count('haneul@example.com'), 1);
  assert.equal(await count('ada@example.org'), 1, 'not Mallory, whose address is not verified');
  assert.equal(await count('stranger@example.org'), 0);
});

test('the response has code, state and iss, and keeps the query of the redirect_uri', async () => {
  const response = await signIn('ada');
  assert.deepEqual(Object.keys(response).sort(), ['code', 'iss', 'state']);
  assert.equal(response.state, request.state);
  assert.equal(response.iss, issuer);
  const other = redirected(await decide({ person: 'ada' }, { redirect_uri: otherUri }), otherUri);
  assert.equal(other.tenant, '1');
  assert.ok(other.code);
});

test('a request without state gets none back', async () => {
  assert.deepEqual(Object.keys(await signIn('ada', '', { state: undefined })).sort(), ['code', 'iss']);
});

test('response_mode=form_post is a form that sends itself', async () => {
  const response = await decide({ person: 'ada' }, { response_mode: 'form_post', state: '"><script>' });
  assert.equal(response.status, 200);
  const page = await response.text();
  assert.ok(page.includes(`<form method="post" action="${redirectUri}">`));
  assert.match(page, /name="code" value="[\w.-]+"/);
  assert.match(page, /name="state" value="&quot;&gt;&lt;script&gt;"/);
  const [, nonce] = page.match(/<script nonce="([\w-]+)">/);
  assert.ok(response.headers.get('content-security-policy').includes(`script-src 'nonce-${nonce}'`));
  assert.ok(response.headers.get('content-security-policy').includes("form-action 'self' http://localhost:9;"));
});

test('errors are sent by form_post, too', async () => {
  const response = await go(authorizeUri({ response_mode: 'form_post', scope: 'profile' }));
  assert.equal(response.status, 200);
  assert.match(await response.text(), /name="error" value="invalid_scope"/);
});

test('to deny is access_denied', async () => {
  const response = redirected(await decide({ decision: 'deny' }));
  assert.equal(response.error, 'access_denied');
  assert.equal(response.state, request.state);
});

test('a decision that is not on the page is refused', async () => {
  for (const decision of [
    {}, { person: '' }, { person: 'eve' }, { person: 'ada', misbehaviour: 'unheard_of' }, { decision: 'continue' },
  ]) assert.equal((await decide(decision)).status, 400, JSON.stringify(decision));
  const blob = hidden(await (await go(authorizeUri())).text());
  for (const forged of ['', 'x', 'x.y', blob.slice(0, -1), `${blob}A`, `A${blob.slice(1)}`, blob.split('.')[0]])
    assert.equal((await post('/decide', { request: forged, person: 'ada' })).status, 400, forged);
  assert.equal((await post('/decide', { person: 'ada' })).status, 400);
});

test('a code, a request and an access token cannot stand for one another', async () => {
  const { code } = await signIn('ada');
  const { access_token: token } = await tokens();
  const blob = hidden(await (await go(authorizeUri())).text());
  for (const other of [code, token]) assert.equal((await post('/decide', { request: other, person: 'ada' })).status, 400);
  for (const other of [blob, token]) await assertError(await redeem(other), 400, 'invalid_grant');
  for (const other of [blob, code]) assert.equal((await userinfo(other)).status, 401);
});

test('who is signed in can continue, or be passed silently', async () => {
  const headers = await session('haneul');
  assert.match(await (await go(authorizeUri(), { headers })).text(), /Continue as <bdi>김하늘<\/bdi>/);
  assert.ok(redirected(await decide({ decision: 'continue' }, {}, headers)).code);
  const { code } = redirected(await go(authorizeUri({ prompt: 'none' }), { headers }));
  const { claims } = decode((await (await redeem(code)).json()).id_token);
  assert.equal(claims.sub, '248289761002');
});

test('prompt=login and max_age ask again, and auth_time tells of the new sign-in', async () => {
  const headers = await session();
  assert.equal(redirected(await go(authorizeUri({ prompt: 'none', max_age: '100' }), { headers })).error, undefined);
  await sleep(1100);
  assert.equal(redirected(await go(authorizeUri({ prompt: 'none', max_age: '0' }), { headers })).error, 'login_required');
  for (const changes of [{ prompt: 'login' }, { max_age: '0' }]) {
    assert.ok(!(await (await go(authorizeUri(changes), { headers })).text()).includes('Continue as'));
    assert.equal((await decide({ decision: 'continue' }, changes, headers)).status, 400);
    const before = Math.floor(Date.now() / 1000);
    const { code } = redirected(await decide({ person: 'ada' }, changes, headers));
    assert.ok(decode((await (await redeem(code)).json()).id_token).claims.auth_time >= before);
  }
});

test('a forged session cookie is nobody', async () => {
  const { cookie } = await session();
  for (const forged of [cookie.slice(0, -2), cookie.replace('=', '=A'), 'latchkey-demo-provider=', 'latchkey-demo-provider=x.y']) {
    assert.equal(redirected(await go(authorizeUri({ prompt: 'none' }), { headers: { cookie: forged } })).error, 'login_required');
  }
});

const logoutUri = (parameters) => `/logout?${new URLSearchParams(parameters)}`;

test('signing out is asked for, and then leads back with the state', async () => {
  const headers = await session();
  const { id_token: hint } = await tokens();
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: postLogoutUri, state: 'bye&' };
  for (const response of [await go(logoutUri(parameters), { headers }), await post('/logout', parameters, headers)]) {
    assert.equal(response.status, 200);
    const page = await response.text();
    assert.match(page, /signed in to this demo provider as <strong><bdi>Ada Lovelace/);
    const answer = await post('/logout/decide', { request: hidden(page), decision: 'leave' }, headers);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), `${postLogoutUri}?state=bye%26`);
    assert.match(answer.headers.get('set-cookie'), /^latchkey-demo-provider=; .*Max-Age=0/);
  }
});

test('without anywhere to go there is a page, and to stay changes nothing', async () => {
  const headers = await session();
  const page = await (await go('/logout', { headers })).text();
  const gone = await post('/logout/decide', { request: hidden(page), decision: 'leave' }, headers);
  assert.match(await gone.text(), /Signed out/);
  const stayed = await post('/logout/decide', { request: hidden(page), decision: 'stay' }, headers);
  assert.equal(stayed.headers.get('set-cookie'), null);
  assert.match(await stayed.text(), /Still signed in/);
});

test('who is not signed in is not asked', async () => {
  const back = await go(logoutUri({ client_id: 'demo', post_logout_redirect_uri: postLogoutUri }));
  assert.equal(back.headers.get('location'), postLogoutUri);
  assert.equal((await go('/logout')).status, 200);
});

test('an address that is not registered, or a client that is not known, is refused', async () => {
  const { id_token: hint } = await tokens();
  const { id_token: forged } = await tokens('ada', 'bad_signature');
  const { id_token: foreign } = await tokens('ada', 'wrong_issuer');
  for (const parameters of [
    { client_id: 'demo', post_logout_redirect_uri: 'https://attacker.example/' }, { client_id: 'demo',
      post_logout_redirect_uri: `${postLogoutUri}x` },
    { post_logout_redirect_uri: postLogoutUri }, { client_id: 'nobody', post_logout_redirect_uri: postLogoutUri },
    { client_id: 'other', id_token_hint: hint }, { id_token_hint: forged }, { id_token_hint: foreign }, { id_token_hint: 'x' },
  ]) {
    const response = await go(logoutUri(parameters));
    assert.equal(response.status, 400, JSON.stringify(parameters));
    assert.equal(response.headers.get('location'), null);
  }
  for (const wrong of [{}, { request: 'x.y' }, { request: (await signIn('ada')).code }])
    assert.equal((await post('/logout/decide', wrong)).status, 400);
});
