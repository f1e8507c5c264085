// Signing out: by the person (RP-Initiated Logout), by the provider directly (Back-Channel) and in a frame (Front-Channel Logout 1.0).
import assert from 'node:assert/strict';
import { json } from '../e2e/support/cgi.mjs';
import { base64url, claims, header, jws, key, signingInput, withSignature } from './jose.mjs';
import { checkSignedIn, now, origin, program, rules, sceneTest } from './scene.mjs';

const site = { origin, 'sec-fetch-site': 'same-origin' };

/** A test that begins with somebody signed in, as `sub`. */
const signedIn = (name, { sub, ...options }, body) => sceneTest(name, options, async (scene) => {
  await checkSignedIn(scene, await scene.signIn(), { sub });
  scene.seen = scene.provider.requests.length;
  await body(scene);
});

async function checkOut(scene, browser = scene.browser) {
  assert.equal((await scene.whoAmI(browser)).status, 401);
}

async function checkStillIn(scene, browser = scene.browser) {
  assert.equal((await scene.whoAmI(browser)).status, 200, 'the session is still there');
}

// ---- by the person

const signOut = (scene, headers = site, fields = {}) => scene.browser.post(program('logout.cgi'), fields, { headers });

/** As far as the provider's page: its address. */
async function toProvider(scene, fields) {
  const answer = await signOut(scene, site, fields);
  assert.equal(answer.status, 303, answer.log);
  return new URL(answer.headers.location);
}

signedIn('signing out ends the session, and tells the provider whose', {}, async (scene) => {
  const before = scene.browser.cookieField();
  const uri = await toProvider(scene);
  assert.equal(uri.origin + uri.pathname, `${scene.provider.origin}/end_session`);
  const { state, id_token_hint: hint, ...rest } = Object.fromEntries(uri.searchParams);
  assert.equal(scene.provider.secrets.get(hint), 'id_token', 'the very token that it issued');
  assert.match(state, /^[\w-]{22,}$/);
  assert.deepEqual(rest, { client_id: 'latchkey', post_logout_redirect_uri: program('logout.cgi') });
  assert.ok(!scene.browser.isSignedIn());
  assert.equal(scene.rows().sessions, 0);
  const answer = await scene.browser.get(program('me.cgi'), { cookie: before, headers: { accept: 'application/json' } });
  assert.equal(answer.status, 401, 'the cookie of before is worth nothing');
});

signedIn('the way back with the state that was sent goes home, once', {}, async (scene) => {
  const state = (await toProvider(scene)).searchParams.get('state');
  const back = await scene.browser.get(program(`logout.cgi?state=${state}`), { crossSite: true });
  assert.equal(back.status, 303, back.log);
  assert.equal(back.headers.location, `${origin}/`);
  assert.deepEqual(scene.browser.names(), ['__Host-latchkey-last'], 'nothing is left in the browser but the provider used last');
  const again = await scene.browser.get(program(`logout.cgi?state=${state}`), { crossSite: true });
  assert.equal(again.status, 400);
  assert.deepEqual(rules(again.log), ['logout_state']);
});

signedIn('the way back leads to the place where the sign-out began, of which the provider hears nothing', {}, async (scene) => {
  const uri = await toProvider(scene, { return_to: '/members.html?a=b%20c' });
  assert.ok(!uri.href.includes('members'), uri.href);
  const back = await scene.browser.get(program(`logout.cgi?state=${uri.searchParams.get('state')}&return_to=/elsewhere`), { crossSite: true });
  assert.equal(back.status, 303, back.log);
  assert.equal(back.headers.location, `${origin}/members.html?a=b%20c`);
});

for (const place of ['https://evil.example/', '//evil.example/', '/\\evil.example', '/a/../b', '/a#b', 'javascript:alert(1)', ''])
  signedIn(`a place to go afterwards that is none of this site is refused: ${JSON.stringify(place)}`, {}, async (scene) => {
    const answer = await signOut(scene, site, { return_to: place });
    assert.equal(answer.status, 400, answer.log);
    assert.deepEqual(rules(answer.log), ['return_to']);
    assert.equal(answer.headers.location, undefined);
    await checkStillIn(scene);
    const page = await scene.browser.get(program(`logout.cgi?return_to=${encodeURIComponent(place)}`));
    assert.equal(page.status, 400, page.log);
  });

signedIn('the page with the button takes the place along, as text', {}, async (scene) => {
  const place = `/a'b/?q=%22%3E%3Cscript%3E&r='`;
  const page = await scene.browser.get(program(`logout.cgi?return_to=${encodeURIComponent(place)}`));
  assert.equal(page.status, 200, page.log);
  assert.match(page.body, /name="return_to" value="\/a&#39;b\/\?q=%22%3E%3Cscript%3E&amp;r=&#39;"/);
  assert.match(page.body, /href="\/a&#39;b\//, 'staying signed in leads back, too');
});

signedIn('the way back without state is answered by the page of who is signed out', {}, async (scene) => {
  await toProvider(scene);
  const back = await scene.browser.get(program('logout.cgi'), { crossSite: true });
  assert.equal(back.status, 200, back.log);
  assert.match(back.body, /You are not signed in/);
  await checkOut(scene);
});

const wrongStates = {
  'with text behind it': (state) => `${state}_INVALID`, 'in other case': (state) => state.toUpperCase(),
  'cut off': (state) => state.slice(0, -1), empty: () => '',
  'of another’s making': () => base64url(Buffer.alloc(32)), 'with markup': () => '%3Cscript%3Ealert(1)%3C/script%3E',
};
for (const [name, change] of Object.entries(wrongStates))
  signedIn(`the way back with a state ${name} is told as such, and one is signed out`, {}, async (scene) => {
    const state = (await toProvider(scene)).searchParams.get('state');
    const back = await scene.browser.get(program(`logout.cgi?state=${change(state)}`), { crossSite: true });
    assert.equal(back.status, 400, back.log);
    assert.deepEqual(rules(back.log), ['logout_state']);
    assert.ok(!back.body.includes('<script'));
    await checkOut(scene);
  });

signedIn('the state of another browser’s sign-out is none here', {}, async (scene) => {
  const state = (await toProvider(scene)).searchParams.get('state');
  const back = await scene.newBrowser().get(program(`logout.cgi?state=${state}`), { crossSite: true });
  assert.deepEqual(rules(back.log), ['logout_state']);
});

signedIn('two states on the way back', {}, async (scene) => {
  const state = (await toProvider(scene)).searchParams.get('state');
  const back = await scene.browser.get(program(`logout.cgi?state=${state}&state=${state}`), { crossSite: true });
  assert.equal(back.status, 400);
  assert.deepEqual(rules(back.log), ['parameter_repeated']);
});

for (const [name, headers] of Object.entries({
  'another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'a neighbour': { origin: 'https://other.example.org', 'sec-fetch-site': 'same-site' },
  'an origin that only begins like ours': { origin: `${origin}.evil.example` },
  'the same host without TLS': { origin: 'http://www.example.org' },
  nowhere: { origin: 'null', 'sec-fetch-site': 'cross-site' },
}))
  signedIn(`a sign-out sent by ${name} is refused`, {}, async (scene) => {
    const answer = await signOut(scene, headers);
    assert.equal(answer.status, 403, answer.log);
    assert.deepEqual(rules(answer.log), ['request_origin']);
    await checkStillIn(scene);
  });

signedIn('a link to the sign-out page ends nothing', {}, async (scene) => {
  const answer = await scene.browser.get(program('logout.cgi'), { crossSite: true });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/);
  await checkStillIn(scene);
});

const goesHome = (name, discovery) => signedIn(name, { provider: { hooks: { discovery } } }, async (scene) => {
  assert.equal((await toProvider(scene)).href, `${origin}/`);
  await checkOut(scene);
});
goesHome('a provider without end_session_endpoint: home', (right) => ({ ...right, end_session_endpoint: undefined }));
goesHome('a provider whose end_session_endpoint is null: home', (right) => ({ ...right, end_session_endpoint: null }));

signedIn('an end_session_endpoint with a query of its own keeps it', {
  provider: { hooks: { discovery: (right) => ({ ...right, end_session_endpoint: `${right.end_session_endpoint}?tenant=a` }) } },
}, async (scene) => {
  const uri = await toProvider(scene);
  assert.equal(uri.searchParams.get('tenant'), 'a');
  assert.ok(uri.searchParams.has('id_token_hint'));
});

signedIn('signing out does not depend on the provider being there', {}, async (scene) => {
  scene.provider.stop();
  const answer = await signOut(scene);
  assert.equal(answer.status, 303, answer.log);
  await checkOut(scene);
});

// ---- by the provider, directly

const backchannel = (scene, body, { id = 'op', ...options } = {}) => scene.newBrowser().post(program(`logout.cgi/backchannel/${id}`),
  typeof body === 'string' ? body : new URLSearchParams(body).toString(), { crossSite: true, headers: { accept: '*/*' }, ...options });

const accepted = (name, token, options = {}) => signedIn(name, options, async (scene) => {
  const answer = await backchannel(scene, { logout_token: token(scene) });
  assert.equal(answer.status, 200, answer.log);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(answer.cookies, []);
  await checkOut(scene);
  assert.equal(scene.rows().sessions, 0);
  assert.equal(scene.rows().accounts, 1, 'a session ended, not an account');
});

let refusal; // what every refusal says

/** The answer is 400, this rule is in the log, and nobody is signed out. */
async function checkKept(scene, answer, rule) {
  assert.equal(answer.status, 400, answer.log);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  const { request_id: id, ...told } = json(answer);
  assert.ok(answer.log.includes(id), 'the request id leads to the log');
  assert.equal(told.error, 'invalid_request');
  refusal ??= told;
  assert.deepEqual(told, refusal, 'the answer does not tell which check failed');
  for (const [secret] of scene.provider.secrets) assert.ok(secret.length < 8 || !answer.log.includes(secret));
  await checkStillIn(scene);
}

const refused = (name, token, rule, { calls = [], ...options } = {}) => signedIn(name, options, async (scene) => {
  await checkKept(scene, await backchannel(scene, { logout_token: token(scene) }), rule);
  assert.deepEqual(scene.provider.calls(scene.seen), calls);
});

const made = (options) => (scene) => scene.provider.logoutToken(options);
const change = (changed) => made({ claims: (right) => ({ ...right, ...(typeof changed === 'function' ? changed(right) : changed) }) });
const head = (changed) => made({ header: (right) => ({ ...right, ...changed }) });
// A provider whose people are told apart by another claim than sub.
const otherClaim = { sub: 'o-1', settings: { claim_sub: 'oid' }, provider: { hooks: { claims: (right) => ({ ...right, oid: 'o-1' }) } } };
const event = 'http://schemas.openid.net/event/backchannel-logout';

accepted('a logout_token with sub and sid', made());
accepted('a logout_token with sub alone', change({ sid: undefined }));
accepted('a logout_token with sid alone', change({ sub: undefined }));
accepted('a logout_token with sub alone, where identities have an issuer of their own', change({ sid: undefined }),
  { settings: { identity_issuer: 'https://people.example' } });
accepted('a logout_token with sid alone, where another claim says who it is', change({ sub: undefined }), otherClaim);
accepted('a logout_token with sub and sid, where another claim says who it is', made(), otherClaim);
accepted('a logout_token with claims that nobody knows', change({ ignored_claim: { x: [1] } }));
accepted('a logout_token for several audiences', change(({ aud }) => ({ aud: [aud] })));
accepted('a logout_token with another event besides', change({ events: { [event]: {}, 'https://other.example/event': {} } }));
accepted('a logout_token whose event tells something', change({ events: { [event]: { reason: 'x' } } }));
accepted('a logout_token of typ JWT', head({ typ: 'JWT' }));
accepted('a logout_token without typ', head({ typ: undefined }));
accepted('a logout_token of a clock 50 s ahead', change(({ iat }) => ({ iat: iat + 50 })));
accepted('a logout_token of ES256, like the id_token', made(), { provider: { alg: 'ES256' } });
accepted('a logout_token of HS256, like the id_token', made(),
  { provider: { alg: 'HS256', client: { secret: 'a client secret of more than 32 bytes' } },
  settings: { id_token_signed_response_alg: 'HS256' } });
accepted('a logout_token by a key that is new', (scene) => {
  scene.provider.key = key('RSA', 'rotated');
  scene.provider.keys = [scene.provider.key];
  return scene.provider.logoutToken();
});

const searched = { calls: ['jwks', 'discovery'] };
refused('a logout_token of alg none',
  (scene) => `${signingInput({ alg: 'none', typ: 'logout+jwt' }, claims(scene.provider.logoutToken()))}.`, 'jws_alg');
refused('a logout_token without its signature', (scene) => withSignature(scene.provider.logoutToken(), () => Buffer.alloc(0)),
  'jws_signature');
refused('a logout_token with another bit in its signature',
  (scene) => withSignature(scene.provider.logoutToken(), (bytes) => bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte))), 'jws_signature');
refused('a logout_token by another’s key',
  (scene) => jws(header(scene.provider.logoutToken()), claims(scene.provider.logoutToken()), key('RSA', 'attacker')), 'jws_signature');
refused('a logout_token by a key that nobody knows', made({ signer: key('RSA', 'attacker') }), 'jws_key_unknown', searched);
refused('a logout_token of ES256, where id_tokens are RS256', (scene) => {
  scene.provider.keys.push(key('P-256'));
  return scene.provider.logoutToken({ alg: 'ES256', signer: key('P-256') });
}, 'jws_alg', { settings: { id_token_signed_response_alg: 'RS256' } });
refused('a logout_token of ES256, where this id_token was RS256',
  (scene) => scene.provider.logoutToken({ alg: 'ES256', signer: key('P-256') }), 'jws_alg',
  { provider: { hooks: { jwks: ({ keys }) => ({ keys: [...keys, key('P-256').jwk] }) } },
  settings: { id_token_signed_response_alg: 'RS256 ES256' } });
refused('a logout_token of HS256 under the client secret',
  (scene) => scene.provider.logoutToken({ alg: 'HS256', signer: { secret: scene.provider.client.secret } }), 'jws_alg');
refused('a logout_token with crit', head({ crit: ['x'], x: 1 }), 'jws_crit');
for (const typ of ['at+jwt', 'secevent+jwt', 'JWE']) refused(`a logout_token of typ ${typ}`, head({ typ }), 'jws_typ');
refused('a logout_token of five segments', (scene) => `${scene.provider.logoutToken()}.a.b`, 'jws_malformed');
refused('a logout_token that is text', () => 'logout', 'jws_malformed');
refused('a logout_token of 40 KB', (scene) => scene.provider.logoutToken() + 'A'.repeat(40_000), 'jws_too_large');
refused('a logout_token that is JSON', () => '{"sub":"248289761001"}', 'jws_malformed');

refused('a logout_token of another issuer', change(({ iss }) => ({ iss: `${iss}INVALID` })), 'id_token_iss');
refused('a logout_token without iss', change({ iss: undefined }), 'id_token_iss');
refused('a logout_token for another client', change(({ aud }) => ({ aud: `${aud}INVALID` })), 'id_token_aud');
refused('a logout_token for an untrusted audience besides', change(({ aud }) => ({ aud: [aud, 'other'] })), 'id_token_aud');
refused('a logout_token without aud', change({ aud: undefined }), 'id_token_aud');
refused('a logout_token without iat', change({ iat: undefined }), 'id_token_iat');
refused('a logout_token from the future', change(() => ({ iat: now() + 70 })), 'id_token_iat');
refused('a logout_token without exp', change({ exp: undefined }), 'id_token_exp');
refused('a logout_token that has expired', change(() => ({ exp: now() - 61 })), 'id_token_exp');
refused('a logout_token without jti', change({ jti: undefined }), 'logout_token');
refused('a jti that is empty', change({ jti: '' }), 'logout_token');
refused('a jti that is a number', change({ jti: 5 }), 'logout_token');
refused('a jti of 300 characters', change({ jti: 'j'.repeat(300) }), 'logout_token');
refused('a logout_token with neither sub nor sid', change({ sub: undefined, sid: undefined }), 'logout_token');
refused('a logout_token with a sub that is a number', change({ sub: 5 }), 'logout_token');
refused('a logout_token with a sid that is empty', change({ sid: '' }), 'logout_token');
refused('a logout_token with sub alone, where another claim says who it is', change({ sid: undefined }), 'logout_token',
  otherClaim);
refused('a logout_token with a nonce', change({ nonce: 'logout_tokens_must_not_contain_a_nonce' }), 'logout_token');
refused('a logout_token with a nonce that is null', change({ nonce: null }), 'logout_token');
const events = {
  'no events': undefined, 'events that are null': null, 'no event': {},
  'another event': { 'http://schemas.openid.net/event/foobar': {} }, 'a list of events': [event],
  'an event that is null': { [event]: null }, 'an event that is true': { [event]: true },
  'an event that is a list': { [event]: [] }, 'an event that is a text': { [event]: '{}' },
  'an event in other case': { [event.toUpperCase()]: {} },
};
for (const [name, value] of Object.entries(events)) refused(`a logout_token with ${name}`, change({ events: value }), 'logout_token');
refused('an id_token as logout_token', (scene) => scene.provider.idToken(scene.provider.logins[0]), 'logout_token');
refused('an id_token without nonce as logout_token', (scene) => {
  scene.provider.hooks.claims = ({ nonce, ...right }) => ({ ...right, jti: 'x' });
  return scene.provider.idToken(scene.provider.logins[0]);
}, 'logout_token');
refused('a logout_token with sub twice', (scene) => jws(header(scene.provider.logoutToken()),
  JSON.stringify(claims(scene.provider.logoutToken())).replace('{', '{"sub":"another",'), key('RSA')), 'logout_token');
refused('a logout_token whose claims are a list',
  (scene) => jws(header(scene.provider.logoutToken()), [claims(scene.provider.logoutToken())], key('RSA')), 'logout_token');

signedIn('a logout_token works once', {}, async (scene) => {
  const token = scene.provider.logoutToken();
  assert.equal((await backchannel(scene, { logout_token: token })).status, 200);
  scene.log = '';
  await checkSignedIn(scene, await scene.signIn());
  await checkKept(scene, await backchannel(scene, { logout_token: token }), 'logout_replayed');
});

signedIn('another logout_token with the same jti is a replay, too', {}, async (scene) => {
  const same = { claims: (right) => ({ ...right, jti: 'the same', sub: 'nobody', sid: undefined }) };
  assert.equal((await backchannel(scene, { logout_token: scene.provider.logoutToken(same) })).status, 200);
  const other = scene.provider.logoutToken({ claims: (right) => ({ ...right, jti: 'the same' }) });
  await checkKept(scene, await backchannel(scene, { logout_token: other }), 'logout_replayed');
});

signedIn('of ten at once with the same logout_token, one succeeds', {}, async (scene) => {
  const body = { logout_token: scene.provider.logoutToken() };
  const answers = await Promise.all(Array.from({ length: 10 }, () => backchannel(scene, body)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(400)]);
});

signedIn('a logout_token that was refused has not used its jti up', {}, async (scene) => {
  const bad = scene.provider.logoutToken({ claims: (right) => ({ ...right, jti: 'mine', aud: 'other' }) });
  assert.equal((await backchannel(scene, { logout_token: bad })).status, 400);
  const good = scene.provider.logoutToken({ claims: (right) => ({ ...right, jti: 'mine' }) });
  assert.equal((await backchannel(scene, { logout_token: good })).status, 200);
});

/** Three browsers: two of Jane's, with sessions of their own at the provider, and one of John's. */
async function threeBrowsers(scene) {
  const { provider } = scene;
  const [first, second, third] = [scene.browser, scene.newBrowser(), scene.newBrowser()];
  const others = [[second, provider.person.sub, 'second'], [third, 'john', 'third']];
  for (const [browser, sub, sid] of others) {
    scene.browser = browser;
    provider.person = { ...provider.person, sub };
    provider.hooks.claims = (right) => ({ ...right, sid });
    await checkSignedIn(scene, await scene.signIn());
  }
  return [first, second, third];
}

const whoIsLeft = (name, changed, left) => signedIn(name, {}, async (scene) => {
  const { sub } = scene.provider.person;
  const browsers = await threeBrowsers(scene);
  const token = scene.provider.logoutToken({ claims: (right) => ({ ...right, sub, sid: undefined, ...changed }) });
  assert.equal((await backchannel(scene, { logout_token: token })).status, 200);
  const statuses = [];
  for (const browser of browsers) statuses.push((await scene.whoAmI(browser)).status === 200);
  assert.deepEqual(statuses, left);
});
whoIsLeft('a sid ends that session alone', { sid: 'second' }, [true, false, true]);
whoIsLeft('a sid without sub ends that session alone', { sid: 'second', sub: undefined }, [true, false, true]);
whoIsLeft('a sub ends all of that person’s sessions, and nobody else’s', {}, [false, false, true]);
whoIsLeft('a sid that nobody has ends nothing, and is a success', { sid: 'unknown' }, [true, true, true]);
whoIsLeft('a sub that nobody has ends nothing, and is a success', { sub: 'unknown' }, [true, true, true]);

const bodies = {
  'no logout_token': ['', 'logout_token'],
  'an empty logout_token': ['logout_token=', 'jws_malformed'],
  'another parameter': ['token=x', 'logout_token'],
};
for (const [name, [body, rule]] of Object.entries(bodies))
  signedIn(`a back-channel request with ${name}`, {}, async (scene) => checkKept(scene, await backchannel(scene, body), rule));
signedIn('a back-channel request with two logout_tokens', {}, async (scene) => {
  const token = scene.provider.logoutToken();
  await checkKept(scene, await backchannel(scene, `logout_token=${token}&logout_token=${token}`), 'parameter_repeated');
});
signedIn('a logout_token in the query', {}, async (scene) => {
  const answer = await scene.newBrowser().post(program(`logout.cgi/backchannel/op?logout_token=${scene.provider.logoutToken()}`),
    '', { headers: { accept: '*/*' } });
  await checkKept(scene, answer, 'logout_token');
});
signedIn('a back-channel request by GET', {}, async (scene) => {
  const answer = await scene.newBrowser().get(program(`logout.cgi/backchannel/op?logout_token=${scene.provider.logoutToken()}`));
  assert.equal(answer.status, 405, answer.log);
  assert.equal(answer.headers.allow, 'POST');
  await checkStillIn(scene);
});
signedIn('a back-channel request for nobody', {}, async (scene) => {
  for (const id of ['nobody', '', 'op/x'])
    assert.equal((await backchannel(scene, { logout_token: scene.provider.logoutToken() }, { id })).status, 404);
  await checkStillIn(scene);
});
signedIn('a logout_token at another client’s address', {
  more: (scene) => scene.section('other', scene.provider, { client_id: 'another-client' }),
}, async (scene) => checkKept(scene, await backchannel(scene, { logout_token: scene.provider.logoutToken() }, { id: 'other' }),
  'id_token_aud'));
signedIn('a logout_token needs no cookie, and heeds none', {}, async (scene) => {
  const token = scene.provider.logoutToken({ claims: (right) => ({ ...right, sid: 'unknown' }) });
  const answer = await scene.browser.post(program('logout.cgi/backchannel/op'), { logout_token: token });
  assert.equal(answer.status, 200);
  await checkStillIn(scene);
});

// ---- by the provider, in a frame

const frame = (scene, query, id = 'op') => scene.browser.get(program(`logout.cgi/frontchannel/${id}?${new URLSearchParams(query)}`),
  { crossSite: true, framed: true, headers: { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' } });
const sid = 'the-session-at-the-provider';

signedIn('a frame with iss and sid ends that session', {}, async (scene) => {
  const answer = await frame(scene, { iss: scene.provider.issuer, sid });
  assert.equal(answer.sent, '', 'the frame carried no cookie');
  assert.equal(answer.status, 200, answer.log);
  assert.equal(answer.headers['cache-control'], 'no-store');
  await checkOut(scene);
  assert.equal(scene.rows().sessions, 0);
});
signedIn('this page alone may be framed, by the provider alone', {}, async (scene) => {
  const answer = await frame(scene, { iss: scene.provider.issuer, sid });
  assert.match(answer.headers['content-security-policy'], new RegExp(`frame-ancestors ${scene.provider.origin}(;|$)`));
  assert.ok(!('x-frame-options' in answer.headers));
  for (const page of ['login.cgi', 'me.cgi', 'logout.cgi', 'callback.cgi/op', 'logout.cgi/frontchannel/op'])
    assert.match((await scene.newBrowser().get(program(page))).headers['content-security-policy'], /frame-ancestors 'none'/, page);
});
signedIn('a frame ends that session alone', {}, async (scene) => {
  const [first, second, third] = await threeBrowsers(scene);
  await frame(scene, { iss: scene.provider.issuer, sid: 'second' });
  await checkStillIn(scene, first);
  await checkOut(scene, second);
  await checkStillIn(scene, third);
});
const frames = {
  'another issuer': ({ issuer }) => ({ iss: `${issuer}INVALID`, sid }), 'no issuer': () => ({ sid }),
  'no sid': ({ issuer }) => ({ iss: issuer }), 'an empty sid': ({ issuer }) => ({ iss: issuer, sid: '' }),
  'neither iss nor sid': () => ({}),
};
for (const [name, query] of Object.entries(frames))
  signedIn(`a frame with ${name} ends nothing`, {}, async (scene) => {
    const answer = await frame(scene, query(scene.provider));
    assert.equal(answer.status, 400, answer.log);
    assert.deepEqual(rules(answer.log), ['logout_token']);
    await checkStillIn(scene);
  });
signedIn('a frame with two sids ends nothing', {}, async (scene) => {
  const answer = await frame(scene, [['iss', scene.provider.issuer], ['sid', sid], ['sid', 'x']]);
  assert.deepEqual(rules(answer.log), ['parameter_repeated']);
  await checkStillIn(scene);
});
signedIn('a frame with a sid that nobody has ends nothing', {}, async (scene) => {
  assert.equal((await frame(scene, { iss: scene.provider.issuer, sid: 'unknown' })).status, 200);
  assert.equal((await frame(scene, { iss: scene.provider.issuer, sid: '%' })).status, 200);
  await checkStillIn(scene);
});
signedIn('a frame for nobody, and by POST', {}, async (scene) => {
  assert.equal((await frame(scene, { iss: scene.provider.issuer, sid }, 'nobody')).status, 404);
  const posted = await scene.newBrowser().post(program('logout.cgi/frontchannel/op'), { iss: scene.provider.issuer, sid });
  assert.equal(posted.status, 405, posted.log);
  await checkStillIn(scene);
});
