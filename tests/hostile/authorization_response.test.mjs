// Authorization responses that must not be believed (RFC 6749 4.1.2 and 10.12, RFC 9207, RFC 9700 4): the code goes nowhere.
import assert from 'node:assert/strict';
import { checkRefused, checkSignedIn, mutation, origin, program, rules, sceneTest } from './scene.mjs';

/** The response's parameters are others; `undefined` leaves one out. `usable`: it is not the login's own response. */
const response = (name, change, expected, options) => mutation(name, {
  parameters: (right) => {
    const changed = change(right);
    return typeof changed === 'string' ? changed : present({ ...right, ...changed });
  },
}, expected, options);

const present = (parameters) => Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
const stray = (rule, status = 400) => ({ rule, status, usable: true });
const encoded = (parameters) => new URLSearchParams(parameters).toString();

// ---- the state

response('no state', () => ({ state: undefined }), stray('state_missing'));
response('an empty state', () => ({ state: '' }), stray('state_missing'));
response('a state of one character', () => ({ state: 'x' }), stray('state_wrong'));
response('a state cut off', ({ state }) => ({ state: state.slice(0, -1) }), stray('state_wrong'));
response('a state with text behind it', ({ state }) => ({ state: `${state}A` }), stray('state_wrong'));
response('a state with a space behind it', ({ state }) => ({ state: `${state} ` }), stray('state_wrong'));
response('a state with another end', ({ state }) => ({ state: state.slice(0, -2) + (state.endsWith('AA') ? 'BB' : 'AA') }),
  stray('state_wrong'));
response('a state with another beginning', ({ state }) => ({ state: (state[0] === 'A' ? 'B' : 'A') + state.slice(1) }),
  stray('login_cookie_missing'));
response('a state in other case', ({ state }) => ({ state: state.slice(0, 8) + state.slice(8).toLowerCase() }), stray('state_wrong'));
response('a state of 8 KB', () => ({ state: 'A'.repeat(8192) }), stray('state_wrong'));
response('a state that is a path', () => ({ state: '../../etc/passwd' }), stray('state_wrong'));
response('a state that is a cookie', ({ state }) => ({ state: `${state.slice(0, 8)}=; Path=/` }), stray('state_wrong'));
response('a state that nobody made', () => ({ state: 'A'.repeat(43) }), stray('login_cookie_missing'));
response('the nonce as state', () => ({ state: 'x'.repeat(43) }), stray('login_cookie_missing'));
response('two states', (right) => `${encoded(right)}&state=${right.state}`, stray('parameter_repeated'));
response('two states, one of them empty', (right) => `state=&${encoded(right)}`, stray('parameter_repeated'));

// ---- code or error

response('neither code nor error', () => ({ code: undefined }), stray('response_ambiguous'));
response('an empty code', () => ({ code: '' }), stray('response_ambiguous'));
response('both code and error', () => ({ error: 'access_denied' }), stray('response_ambiguous'));
response('two codes', (right) => `${encoded(right)}&code=${right.code}`, stray('parameter_repeated'));
response('two errors', ({ state }) => `error=access_denied&error=server_error&state=${state}`, stray('parameter_repeated'));
response('a code of 5 KB', () => ({ code: 'c'.repeat(5000) }), stray('parameter_wrong'));
response('a code of 20 KB', () => ({ code: 'c'.repeat(20_000) }), stray('request_too_large', 413));
response('a code with a NUL', ({ code, ...rest }) => `code=${code}%00&${encoded(rest)}`, stray('percent_encoding'));
response('a code with a line break', ({ code, ...rest }) => `code=${code}%0d%0aX:%20y&${encoded(rest)}`, stray('percent_encoding'));
response('a code with a tab', ({ code, ...rest }) => `code=${code}%09&${encoded(rest)}`, stray('percent_encoding'));
response('a code that is not UTF-8', ({ code, ...rest }) => `code=${code}%ff&${encoded(rest)}`, stray('utf8'));
response('a code with a surrogate', ({ code, ...rest }) => `code=${code}%ed%a0%80&${encoded(rest)}`, stray('utf8'));
response('a code with broken encoding', ({ code, ...rest }) => `code=${code}%4&${encoded(rest)}`, stray('percent_encoding'));
response('300 parameters', (right) => `${encoded(right)}${'&a=b'.repeat(300)}`, stray('request_too_large', 413));

// ---- whose response it is (RFC 9207)

response('another issuer', () => ({ iss: 'https://evil.example' }), { rule: 'iss_wrong' });
response('the issuer with a slash behind it', ({ iss }) => ({ iss: `${iss}/` }), { rule: 'iss_wrong' });
response('the issuer in other case', ({ iss }) => ({ iss: iss.toUpperCase() }), { rule: 'iss_wrong' });
response('an empty issuer', () => ({ iss: '' }), { rule: 'iss_wrong' });
response('no issuer, though one was promised', () => ({ iss: undefined }), { rule: 'iss_missing' });
response('two issuers', (right) => `${encoded(right)}&iss=https://evil.example`, stray('parameter_repeated'));
response('an error of another issuer', () => ({ code: undefined, error: 'access_denied', iss: 'https://evil.example' }),
  { rule: 'iss_wrong' });
response('an error without the promised issuer', () => ({ code: undefined, error: 'access_denied', iss: undefined }),
  { rule: 'iss_missing' });
mutation('another issuer, though none was promised', {
  discovery: (right) => ({ ...right, authorization_response_iss_parameter_supported: undefined }),
  parameters: (right) => ({ ...right, iss: 'https://evil.example' }),
}, { rule: 'iss_wrong' });

// ---- errors, told as what they are and to nobody else

const failure = (error, expected) => response(`error ${error}`,
  () => ({ code: undefined, error, error_description: '<script>alert(1)</script>' }), expected);

failure('access_denied', { rule: 'login_denied', status: 403 });
for (const error of ['login_required', 'interaction_required', 'consent_required', 'account_selection_required'])
  failure(error, { rule: 'login_required', status: 403 });
for (const error of ['invalid_request', 'unauthorized_client', 'unsupported_response_type', 'invalid_scope', 'server_error',
  'temporarily_unavailable',
  'invalid_request_uri', 'request_not_supported', 'registration_not_supported', 'nobody_knows_this', '<b>bold</b>', 'x'.repeat(3000)])
  failure(error, { rule: 'authorization_error' });

// ---- the response mode

sceneTest('a POST, though the answer was to come by query', {}, async (scene) => {
  const { parameters } = await scene.begin();
  await checkRefused(scene, await scene.comeBack(parameters, { post: true }), stray('response_mode'));
});
sceneTest('a GET, though the answer was to come by form_post', { settings: { response_mode: 'form_post' } }, async (scene) => {
  const { parameters } = await scene.begin();
  await checkRefused(scene, await scene.comeBack(parameters, { post: false }), stray('response_mode'));
});
sceneTest('a form_post whose parameters are in the query', { settings: { response_mode: 'form_post' } }, async (scene) => {
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack('', { post: true, id: `op?${encoded(parameters)}` });
  await checkRefused(scene, answer, stray('state_missing'));
});
mutation('a form_post of another issuer', { parameters: (right) => ({ ...right, iss: 'https://evil.example' }) }, { rule: 'iss_wrong' },
  { settings: { response_mode: 'form_post' } });
mutation('an error by form_post, after prompt=none', { parameters: ({ state, iss }) => ({ state, iss, error: 'login_required' }) },
  { rule: 'login_required', status: 403 }, { settings: { response_mode: 'form_post', prompt: 'none' } });

// ---- whose browser it is

sceneTest('another browser has nothing to show for it', {}, async (scene) => {
  const { parameters } = await scene.begin();
  await checkRefused(scene, await scene.comeBack(parameters, { browser: scene.newBrowser() }), stray('login_cookie_missing'));
});

sceneTest('another browser with a login of its own (login CSRF)', {}, async (scene) => {
  const attacker = scene.browser;
  const { parameters } = await scene.begin();
  scene.browser = scene.newBrowser();
  await scene.begin();
  const answer = await scene.comeBack(parameters);
  assert.deepEqual(rules(answer.log), ['login_cookie_missing'], answer.log);
  assert.deepEqual(scene.provider.calls(scene.seen), []);
  assert.ok(!scene.browser.isSignedIn());
  assert.ok(!attacker.isSignedIn());
});

sceneTest('the login cookie of another login under the name of this one', {}, async (scene) => {
  const first = await scene.begin();
  const [name] = scene.browser.names();
  await scene.begin();
  const other = scene.browser.names().find((one) => one !== name);
  const answer = await scene.comeBack(first.parameters, { cookie: `${name}=${scene.browser.jar.get(other).value}` });
  assert.deepEqual(rules(answer.log), ['state_wrong'], answer.log);
  assert.deepEqual(scene.provider.calls(scene.seen), []);
});

sceneTest('a login cookie with any character changed', {}, async (scene) => {
  const { parameters } = await scene.begin();
  const [[name, { value }]] = scene.browser.jar;
  for (let i = 0; i < value.length; i += 11) {
    const forged = value.slice(0, i) + (value[i] === 'A' ? 'B' : 'A') + value.slice(i + 1);
    const answer = await scene.comeBack(parameters, { cookie: `${name}=${forged}` });
    assert.deepEqual(rules(answer.log), ['login_cookie_wrong'], `character ${i}: ${answer.log}`);
    assert.deepEqual(scene.provider.calls(scene.seen), []);
  }
});

sceneTest('the login cookie twice', {}, async (scene) => {
  const { parameters } = await scene.begin();
  const field = scene.browser.cookieField();
  await checkRefused(scene, await scene.comeBack(parameters, { cookie: `${field}; ${field}` }), stray('cookie_repeated'));
});

sceneTest('a login that took too long', { site: '[login]\ntimeout = 1s' }, async (scene) => {
  const { parameters } = await scene.begin();
  const cookie = scene.browser.cookieField();
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const answer = await scene.comeBack(parameters, { cookie });
  assert.equal(answer.status, 400);
  assert.deepEqual(rules(answer.log), ['login_expired'], answer.log);
  assert.deepEqual(scene.provider.calls(scene.seen), []);
  assert.ok(!scene.browser.isSignedIn());
});

sceneTest('a login that succeeded cannot be used again', {}, async (scene) => {
  const { parameters } = await scene.begin();
  const cookie = scene.browser.cookieField();
  await checkSignedIn(scene, await scene.comeBack(parameters));
  for (const change of [{}, { code: 'another' }, { code: undefined, error: 'access_denied' }]) {
    const answer = await scene.comeBack(present({ ...parameters, ...change }), { cookie });
    assert.equal(answer.status, 400);
    assert.deepEqual(rules(answer.log), ['login_used'], answer.log);
    assert.deepEqual(scene.provider.calls(scene.seen), []);
  }
  assert.equal((await scene.whoAmI()).status, 200, 'who is signed in, stays so');
  assert.equal(scene.rows().sessions, 1);
});

sceneTest('of twenty at once with the same response, one signs in', {}, async (scene) => {
  const { parameters } = await scene.begin();
  const cookie = scene.browser.cookieField();
  const answers = await Promise.all(Array.from({ length: 20 }, () => scene.comeBack(parameters, { browser: scene.newBrowser(), cookie })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array(19).fill(400)]);
  assert.deepEqual(scene.provider.calls().filter((call) => call === 'token'), ['token'], 'the code was sent once');
  assert.equal(scene.rows().sessions, 1);
});

// ---- mix-up and code injection (RFC 9700 4.4, 4.5)

const two = { more: (scene) => scene.section('evil', scene.provider, {}) };

sceneTest('a response to another provider’s redirection endpoint', two, async (scene) => {
  const { parameters } = await scene.begin();
  await checkRefused(scene, await scene.comeBack(parameters, { id: 'evil' }), stray('login_provider_wrong'));
});

for (const id of ['nobody', 'OP', 'op/', 'op/evil', '../op', ''])
  sceneTest(`a response to the redirection endpoint of no provider: /${id}`, {}, async (scene) => {
    const { parameters } = await scene.begin();
    const answer = await scene.browser.get(`${program('callback.cgi')}/${encodeURIComponent(id)}?${encoded(parameters)}`);
    assert.equal(answer.status, 404, answer.log);
    assert.deepEqual(rules(answer.log), ['provider_unknown']);
    assert.deepEqual(scene.provider.calls().filter((call) => call === 'token'), []);
  });

sceneTest('another’s code is of no use: it needs the code_verifier of its own login', {}, async (scene) => {
  await scene.begin();
  const stolen = scene.provider.logins.at(-1).code;
  scene.browser = scene.newBrowser();
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack({ ...parameters, code: stolen });
  await checkRefused(scene, answer, { rule: 'token_error', calls: ['token'], complaints: ['the token request: invalid_grant'] });
});

sceneTest('a session of before is not the session of afterwards (session fixation)', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const before = scene.browser.cookieField();
  await checkSignedIn(scene, await scene.signIn());
  assert.notEqual(scene.browser.cookieField(), before);
  assert.equal(scene.rows().sessions, 1);
  const answer = await scene.browser.get(program('me.cgi'), { cookie: before, headers: { accept: 'application/json' } });
  assert.equal(answer.status, 401);
});

sceneTest('a failed login leaves who is signed in as he is', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  scene.provider.hooks.claims = (right) => ({ ...right, sub: 'another', nonce: 'wrong' });
  const answer = await scene.signIn();
  assert.equal(answer.status, 502);
  assert.equal((await scene.whoAmI()).identities[0].sub, scene.provider.person.sub);
});

sceneTest('six logins begun: the oldest is dropped, the others can finish', {}, async (scene) => {
  const begun = [];
  for (let i = 0; i < 6; i++) begun.push((await scene.begin()).parameters);
  assert.equal(scene.browser.names().length, 5);
  const answers = [];
  for (const parameters of begun) answers.push((await scene.comeBack(parameters)).status);
  assert.equal(answers.filter((status) => status === 303).length, 5);
});

sceneTest('the answer to a callback gives nothing of its address away', {}, async (scene) => {
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack(parameters);
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.headers['cache-control'], 'no-store');
  for (const secret of [parameters.code, parameters.state]) assert.ok(!JSON.stringify([answer.body, answer.headers]).includes(secret));
  assert.ok(answer.headers.location.startsWith(`${origin}/`));
});
