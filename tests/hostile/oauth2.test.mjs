// A provider of type oauth2 (RFC 6749 without OpenID Connect): no id_token and no nonce, and a record that says how it is asked
// and what its answers mean. What such a record allows must sign in; what it does not allow must be refused as strictly as ever.
import assert from 'node:assert/strict';
import { Provider, Reply } from './provider.mjs';
import { checkRefused, checkSignedIn, mutation, rules, sceneTest, variation } from './scene.mjs';

const urlencoded = 'application/x-www-form-urlencoded';

/**
 * It knows nothing of OpenID Connect. Of the client, `asks` is how it asks for tokens ('GET', 'json', or by a form), `secretName`
 * what its secret is called there, `carries` where it has its access token ('query', or the field).
 */
class PlainProvider extends Provider {
  async listen() {
    await super.listen();
    this.told = this.metadata; // by the record: it publishes nothing
  }

  answer_discovery() { this.complain('it has no discovery document'); }
  answer_jwks() { this.complain('it signs nothing'); }
  idToken() { return undefined; }

  judge(request) {
    if (request.response_type !== 'code') this.complain('response_type');
    if (request.client_id !== this.client.id) this.complain('client_id');
    if (request.redirect_uri !== this.client.redirectUri) this.complain(`redirect_uri ${request.redirect_uri}`);
    for (const name of ['state', 'code_challenge'])
      if (!/^[\w-]{43}$/.test(request[name] ?? '')) this.complain(`${name} is weak`);
    if ('nonce' in request) this.complain('a nonce, and no id_token that could repeat it');
  }

  answer_token(call) {
    const read = { GET: this.fromQuery, json: this.fromJson }[this.client.asks] ?? ((right) => right);
    const form = read(call);
    return super.answer_token({ ...form, body: form.body.replace(`${this.client.secretName}=`, 'client_secret=') });
  }

  fromQuery(call) {
    assert.deepEqual([call.method, call.body], ['GET', '']);
    return { ...call, method: 'POST', body: call.query, headers: { ...call.headers, 'content-type': urlencoded } };
  }

  fromJson(call) {
    assert.deepEqual([call.method, call.query, call.headers['content-type']], ['POST', '', 'application/json']);
    const body = new URLSearchParams(JSON.parse(call.body)).toString();
    return { ...call, body, headers: { ...call.headers, 'content-type': urlencoded } };
  }

  answer_userinfo(call) {
    if (this.client.carries !== 'query') return super.answer_userinfo(call);
    const token = new URLSearchParams(call.query).get('access_token');
    return super.answer_userinfo({ ...call, headers: { authorization: `Bearer ${token}` } });
  }

  answer_more() { return this.hooks.more({ list: [{ email: 'jane@example.org', primary: true, verified: true }] }); }
}

/** A record of it, and what a test changes. */
const record = (more) => (provider) => ({
  type: 'oauth2',
  scope: 'profile',
  authorization_endpoint: `${provider.origin}/authorize`,
  token_endpoint: `${provider.origin}/token`,
  userinfo_endpoint: `${provider.origin}/userinfo`,
  ...(typeof more === 'function' ? more(provider) : more),
});
const kind = PlainProvider;
const refused = (name, hooks, expected, { settings } = {}) =>
  mutation(name, hooks, expected, { kind, settings: record(settings) });
const accepted = (name, { settings, client = {}, ...options } = {}) =>
  variation(name, { kind, settings: record(settings), provider: { client }, ...options });
const plainTest = (name, { settings, client = {}, hooks = {} }, body) =>
  sceneTest(name, { kind, settings: record(settings), provider: { client, hooks } }, body);
const asked = (...calls) => (me, scene) => assert.deepEqual(scene.provider.calls(), calls);
const stray = (rule, status = 400) => ({ rule, status, usable: true });

// ---- all is well

accepted('an ordinary login', { check: asked('token', 'userinfo') });
accepted('without an iss', { hooks: { parameters: ({ code, state }) => ({ code, state }) } });
accepted('a record without an issuer, and any iss', {
  settings: { issuer: undefined }, hooks: { parameters: (right) => ({ ...right, iss: 'https://elsewhere.example' }) },
});
for (const type of ['bearer', 'BEARER', undefined])
  accepted(`token_type ${type}`, { hooks: { token: (right) => ({ ...right, token_type: type }) } });
accepted('an id_token that nobody asked for is not looked at',
  { hooks: { token: (right) => ({ ...right, id_token: 'x.y.z' }) } });

// ---- the authorization response: whose it is, and what it says

const response = (name, change, expected, settings) => refused(name, {
  parameters: (right) => JSON.parse(JSON.stringify({ ...right, ...change(right) })), // less what is undefined
}, expected, { settings });

response('no state', () => ({ state: undefined }), stray('state_missing'));
response('another state', ({ state }) => ({ state: state.slice(0, -2) + (state.endsWith('AA') ? 'BB' : 'AA') }),
  stray('state_wrong'));
response('a state that nobody made', () => ({ state: 'A'.repeat(43) }), stray('login_cookie_missing'));
response('another issuer', () => ({ iss: 'https://evil.example' }), { rule: 'iss_wrong' });
response('an empty issuer', () => ({ iss: '' }), { rule: 'iss_wrong' });
response('the issuer with a slash behind it', ({ iss }) => ({ iss: `${iss}/` }), { rule: 'iss_wrong' });
response('another issuer says that the person said no',
  () => ({ code: undefined, error: 'access_denied', iss: 'https://evil.example' }), { rule: 'iss_wrong' });
response('neither code nor error', () => ({ code: undefined }), stray('response_ambiguous'));
response('both code and error', () => ({ error: 'access_denied' }), stray('response_ambiguous'));
response('both code and error, the error by a name of the record’s', () => ({ error_code: '5' }), stray('response_ambiguous'),
  { error_parameters: 'error error_code' });
response('both code and a refusal of the record’s', () => ({ cancelled: '1' }), stray('response_ambiguous'),
  { denied: 'cancelled' });
response('an error by a name of the record’s', () => ({ code: undefined, error_code: '1349126' }),
  { rule: 'authorization_error' }, { error_parameters: 'error error_code' });

sceneTest('a response at the redirect URI of another provider', {
  kind, settings: record(), more: (scene) => scene.section('other', scene.provider, record()(scene.provider)),
}, async (scene) => {
  const { parameters } = await scene.begin();
  await checkRefused(scene, await scene.comeBack(parameters, { id: 'other' }), stray('login_provider_wrong'));
});

plainTest('a code brought twice', {}, async (scene) => {
  const { parameters } = await scene.begin();
  await checkSignedIn(scene, await scene.comeBack(parameters));
  const again = await scene.comeBack(parameters);
  assert.deepEqual(rules(again.log), ['login_cookie_missing'], again.log);
  assert.deepEqual(scene.provider.calls(scene.seen), [], 'nothing is asked for it');
});

plainTest('a code of another login', {}, async (scene) => {
  const { parameters: first } = await scene.begin();
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack({ ...parameters, code: first.code });
  assert.deepEqual(rules(answer.log), ['token_error'], 'its code_verifier is another one (RFC 7636 4.6)');
  assert.deepEqual(scene.provider.complaints, ['the token request: invalid_grant']);
  assert.ok(!scene.browser.isSignedIn());
});

// ---- how a person says no

const no = (name, denied, parameters) =>
  response(`no: ${name}`, () => ({ code: undefined, ...parameters }), { rule: 'login_denied', status: 403 }, { denied });
const noSuch = (name, denied, parameters, expected) =>
  response(`not a no: ${name}`, () => ({ code: undefined, ...parameters }), expected, { denied });

no('as RFC 6749 has it', undefined, { error: 'access_denied' });
no('by an error of its own', 'error=user_cancelled', { error: 'user_cancelled' });
no('by a parameter’s value', 'reason=user_denied', { reason: 'user_denied', error: 'x' });
no('by a parameter that is there', 'cancelled', { cancelled: '1' });
no('by the second of two ways', 'error=a cancelled', { cancelled: 'yes' });
no('by bringing nothing', 'no-code', {});
noSuch('another value', 'reason=user_denied', { reason: 'other', error: 'x' }, { rule: 'authorization_error' });
noSuch('an empty parameter', 'cancelled', { cancelled: '' }, stray('response_ambiguous'));
noSuch('0', 'cancelled', { cancelled: '0' }, stray('response_ambiguous'));
noSuch('an error, where only nothing means no', 'no-code', { error: 'server_error' }, { rule: 'authorization_error' });
noSuch('nothing, where it means nothing', 'cancelled', {}, stray('response_ambiguous'));

// ---- how the token endpoint is asked

const post = 'client_secret_post';
for (const [asks, setting] of [['GET', 'token_endpoint_method'], ['json', 'token_request_format']])
  for (const method of [post, 'client_secret_basic'])
    accepted(`a token request by ${asks}, with ${method}`, { settings: { [setting]: asks }, client: { asks, method } });
accepted('another name for the secret', {
  settings: { client_secret_parameter: 'app_secret' }, client: { method: post, secretName: 'app_secret' },
});

/** No secret goes where a browser, a log or a stranger's server could see it. */
function checkNowhere(scene, answers) {
  scene.checkNoSecretInLog();
  for (const { url, headers, body, cookies } of answers) {
    const all = JSON.stringify([url, headers, body, cookies]);
    for (const [secret, what] of scene.provider.secrets)
      for (const form of [secret, encodeURIComponent(secret)])
        assert.ok(form.length < 8 || !all.includes(form), `${what} is in an answer`);
  }
}

const open = { token_endpoint_method: 'GET', userinfo_token: 'query:access_token' };
plainTest('secrets in addresses, and yet in no log, page, cookie or redirect', {
  settings: open, client: { asks: 'GET', method: post, carries: 'query' },
}, async (scene) => {
  const { url, parameters } = await scene.begin();
  assert.ok(!url.includes(encodeURIComponent(scene.provider.client.secret)), 'the browser is not given the secret');
  const answer = await scene.comeBack(parameters);
  await checkSignedIn(scene, answer);
  checkNowhere(scene, [answer]);
});
for (const [name, hooks] of Object.entries({
  'a token endpoint that refuses': { token: () => new Reply(400, '{"error":"invalid_grant"}') },
  'a token endpoint that breaks off': { token: () => new Reply(200, '', { cut: 'at once' }) },
  'a token endpoint that redirects': { token: () => new Reply(302, '', { headers: { Location: 'https://evil.example/' } }) },
  'a profile that is refused': { userinfo: () => new Reply(400, '{"error":"invalid_token"}') },
  'a profile that breaks off': { userinfo: () => new Reply(200, '{', { cut: 'within' }) },
}))
  plainTest(`secrets in addresses, and ${name}`, {
    settings: open, client: { asks: 'GET', method: post, carries: 'query' }, hooks,
  }, async (scene) => {
    const { parameters } = await scene.begin();
    const answer = await scene.comeBack(parameters);
    assert.equal(answer.status, 502, answer.log);
    assert.ok(!scene.browser.isSignedIn());
    checkNowhere(scene, [answer]);
  });

// ---- in what notation it answers

const form = (right) => new URLSearchParams(JSON.parse(JSON.stringify(right))).toString();
const body = (change) => ({ token: (right) => new Reply(200, change(right), { type: 'text/html' }) });
const malformed = { rule: 'token_response', calls: ['token'] };
const notation = (token_response_format) => ({ settings: { token_response_format } });

accepted('a form', { ...notation('form'), hooks: body(form) });
accepted('a form, after JSON was tried', { ...notation('json form'), hooks: body(form) });
accepted('JSONP', { ...notation('jsonp'), hooks: body((right) => `callback( ${JSON.stringify(right)} );\n`) });
refused('a form, though only JSON is read', body(form), malformed);
refused('JSONP, though only JSON is read', body((right) => `callback(${JSON.stringify(right)})`), malformed);
refused('JSON, though only a form is read', {}, malformed, notation('form'));
for (const [name, change] of Object.entries({
  'a script behind it': (text) => `callback(${text}); alert(1);`,
  'a second call': (text) => `callback(${text});callback(${text})`,
  'a comment before it': (text) => `/**/callback(${text})`,
  'no bracket at its end': (text) => `callback(${text};`,
  'two values': (text) => `callback(${text},${text})`,
  'an expression for a name': (text) => `(0,eval)(${text})`,
  'no name': (text) => `(${text})`,
  'nothing in it': () => 'callback()',
}))
  refused(`JSONP with ${name}`, body((right) => change(JSON.stringify(right))), malformed, notation('json form jsonp'));
refused('a form with access_token twice', body((right) => `${form(right)}&access_token=other`), malformed,
  notation('form'));
refused('a form with broken encoding', body((right) => `${form(right)}&x=%4`), malformed, notation('form'));
refused('a form without an access_token', body(() => 'expires_in=3600&token_type=bearer'), malformed, notation('form'));
refused('a page that has a = in it', body(() => '<html lang="en">access_token=abc</html>'), malformed,
  notation('json form jsonp'));
refused('a list', { token: (right) => [right] }, malformed);

// ---- what it answers

const token = (name, change, rule = 'token_response', settings = {}) =>
  refused(name, { token: (right) => ({ ...right, ...change }) }, { rule, calls: ['token'] }, { settings });

for (const type of ['mac', 'DPoP', 'N_A', '', 'Bearer ', null, 5])
  token(`token_type ${JSON.stringify(type)}`, { token_type: type });
for (const value of [undefined, null, '', 5, true, ['x'], { value: 'x' }, 'a\r\nb', 'a b'])
  token(`access_token ${JSON.stringify(value)}`, { access_token: value });

const paths = { token_error: 'error errcode data.code \'https://provider.example/failed\'' };
for (const [name, change] of Object.entries({
  error: { error: 'bad_verification_code' },
  'error as an object': { error: { message: 'no' } },
  'error as a number': { error: 100016 },
  'error as a list': { error: [1] },
  'error as true': { error: true },
  errcode: { errcode: 40029, errmsg: 'invalid code' },
  'errcode as a text': { errcode: '40029' },
  'data.code': { data: { code: 1 } },
  'a name that is an address': { 'https://provider.example/failed': 'yes' },
}))
  token(`a failure with status 200 beside tokens: ${name}`, change, 'token_error', paths);
for (const value of [null, '', 0, '0', false])
  accepted(`an errcode ${JSON.stringify(value)} is none`,
    { settings: paths, hooks: { token: (right) => ({ ...right, errcode: value }) } });
token('invalid_client with status 200', { error: 'invalid_client' }, 'client_refused');
token('no word of success', {}, 'token_error', { token_success: 'ok=true' });
token('a word of failure', { ok: false }, 'token_error', { token_success: 'ok=true' });
token('half of the success', { ok: true, code: 5 }, 'token_error', { token_success: 'ok=true code=0' });
accepted('both words of success',
  { settings: { token_success: 'ok=true code=0' }, hooks: { token: (right) => ({ ...right, ok: true, code: 0 }) } });
accepted('tokens below a root',
  { settings: { token_response_root: 'data[0]' }, hooks: { token: (right) => ({ data: [right] }) } });
accepted('tokens at the top, though there could be a root', { settings: { token_response_root: 'data[0]' } });
token('tokens below a root that nobody named', { access_token: undefined, data: [{ access_token: 'x' }] });

// ---- the profile

const calls = ['token', 'userinfo'];
const profile = (name, change, rule, settings = {}) => refused(name, { userinfo: change }, { rule, calls }, { settings });

for (const [name, sub] of Object.entries({
  'no subject': undefined,
  'a subject that is null': null,
  'an empty subject': '',
  'a subject that is true': true,
  'a subject in a list': ['x'],
  'a subject that is an object': { id: 5 },
  'a subject with a fraction': 1.5,
}))
  profile(name, (right) => ({ ...right, sub }), 'subject');
profile('a subject with an exponent', () => new Reply(200, '{"sub":1e20}'), 'subject');
profile('a subject below what was mapped', (right) => ({ data: right }), 'subject');
profile('an error with status 200', () => ({ error: 'invalid_token' }), 'userinfo_error');
profile('an error beside a profile', (right) => ({ ...right, error: { code: 190 } }), 'userinfo_error');
profile('an error of the record’s', (right) => ({ ...right, errcode: 40001 }), 'userinfo_error',
  { userinfo_error: 'errcode' });
profile('no word of success from the profile', (right) => right, 'userinfo_error', { userinfo_success: 'ret=0' });
profile('a word of failure from the profile', (right) => ({ ...right, ret: -23 }), 'userinfo_error',
  { userinfo_success: 'ret=0' });
profile('a profile with status 500', (right) => new Reply(500, JSON.stringify(right)), 'http_status');
profile('a profile elsewhere', () => new Reply(302, '', { headers: { Location: '/more' } }), 'http_status');
profile('a page', () => new Reply(200, '<!doctype html>', { type: 'text/html' }), 'userinfo_malformed');
profile('JSONP, though only JSON is read of a profile',
  (right) => new Reply(200, `callback(${JSON.stringify(right)})`), 'userinfo_malformed');
profile('a list of people', (right) => [right], 'userinfo_malformed');
profile('a JWT, which nobody here could verify', () => new Reply(200, 'x.y.z', { type: 'application/jwt' }),
  'userinfo_malformed');
plainTest('a subject beyond 2^53', {
  settings: { claim_sub: 'id' }, hooks: { userinfo: () => new Reply(200, '{"id":10157000000000000001}') },
}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn(), { sub: '10157000000000000001' });
});

// ---- a second profile

const second = (more) => (provider) => ({
  second_userinfo_endpoint: `${provider.origin}/more`, claim_email: 'userinfo2:list[primary=true,verified=true].email',
  claim_email_verified: 'userinfo2:list[primary=true].verified', ...more,
});
const both = [...calls, 'more'];
const keep = (value) => value;
const more = (name, change, rule, settings) =>
  refused(name, { more: change }, { rule, calls: both }, { settings: second(settings) });

accepted('a second profile', {
  settings: second(), hooks: { more: keep },
  check: (me) => assert.deepEqual([me.email, me.email_verified], ['jane@example.org', true]),
});
accepted('the first profile’s address, though the record wants the second’s', {
  settings: second(), hooks: { more: () => ({ list: [{ email: 'jane@example.org', primary: true, verified: false }] }) },
  check: (me) => assert.ok(!('email' in me)),
});
for (const status of [401, 403, 404]) {
  more(`a second profile with status ${status}`, () => new Reply(status, '{}'), 'http_status');
  accepted(`a second profile with status ${status}, which may be`, {
    settings: second({ second_userinfo_optional: 'yes' }), hooks: { more: () => new Reply(status, '{"message":"no"}') },
    check: (me) => assert.ok(!('email' in me)),
  });
}
more('a second profile with status 500, though 403 may be', () => new Reply(500, '{}'), 'http_status',
  { second_userinfo_optional: 'yes' });
more('a second profile that says that it failed', (right) => ({ ...right, error: 'x' }), 'userinfo_error',
  { second_userinfo_optional: 'yes' });
more('a second profile that says it in the record’s words', (right) => ({ ...right, errcode: 5 }), 'userinfo_error',
  { userinfo_error: 'error userinfo2:errcode' });
more('a second profile without its word of success', keep, 'userinfo_error', { userinfo_success: 'userinfo2:ret=0' });
