// Responses, answers and browsers that must not be believed, in each leg of OAuth 1.0 (RFC 5849 2, 3.2 and 4).
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { checkRefused, checkSignedIn, checkStopped, program, rules, sceneTest } from './scene.mjs';

// ---- the response that the browser brings

/** The right response, changed; its login can still be finished, unless `used`. */
function response(name, change, expected) {
  sceneTest(name, {}, async (scene) => {
    const right = await scene.visit();
    const { used = false, ...rest } = expected;
    await checkRefused(scene, await scene.comeBack(change(right)), { status: 400, right: used ? null : right, ...rest });
  });
}

const twice = (right, name) => `${new URLSearchParams(right)}&${name}=${right[name]}`;
response('an oauth_token of nobody', (right) => ({ ...right, oauth_token: 'hh5s93j4hdidpola' }), { rule: 'state_wrong' });
response('an oauth_token with a character more', (right) => ({ ...right, oauth_token: `${right.oauth_token}x` }), { rule: 'state_wrong' });
response('an oauth_token in other letters', (right) => ({ ...right, oauth_token: right.oauth_token.toUpperCase() }), { rule: 'state_wrong' });
response('an oauth_token of 100 000 characters', (right) => ({ ...right, oauth_token: 't'.repeat(100_000) }), { rule: 'request_too_large', status: 413 });
response('no oauth_token', ({ oauth_verifier }) => ({ oauth_verifier }), { rule: 'state_missing' });
response('an oauth_token that is empty', (right) => ({ ...right, oauth_token: '' }), { rule: 'state_missing' });
response('the oauth_token twice', (right) => twice(right, 'oauth_token'), { rule: 'parameter_repeated' });
response('no verifier', ({ oauth_token }) => ({ oauth_token }), { rule: 'response_ambiguous' });
response('a verifier that is empty', (right) => ({ ...right, oauth_verifier: '' }), { rule: 'response_ambiguous' });
response('the verifier twice', (right) => twice(right, 'oauth_verifier'), { rule: 'parameter_repeated' });
response('a verifier of 5000 characters', (right) => ({ ...right, oauth_verifier: 'v'.repeat(5000) }), { rule: 'parameter_wrong' });
response('a verifier and a refusal', (right) => ({ ...right, denied: right.oauth_token }), { rule: 'response_ambiguous' });
response('a refusal of a token of nobody', () => ({ denied: 'hh5s93j4hdidpola' }), { rule: 'state_wrong' });
response('a response of OAuth 2.0', ({ oauth_token }) => ({ state: oauth_token, code: 'c' }), { rule: 'state_missing' });
response('a verifier that the server did not issue', (right) => ({ ...right, oauth_verifier: 'v' }),
  { rule: 'token_error', status: 502, used: true, calls: ['token'], complaints: ['token: 401'] });
response('an error', ({ oauth_token }) => ({ oauth_token, error: 'server_error' }), { rule: 'authorization_error', status: 502, used: true });

sceneTest('a response by POST', {}, async (scene) => {
  const right = await scene.visit();
  const answer = await scene.browser.post(program('callback.cgi/op'), right, { crossSite: true });
  assert.deepEqual(rules(answer.log), ['response_mode']);
  await checkSignedIn(scene, await scene.comeBack(right));
});

// ---- the person says no

for (const [name, deny, denied] of [
  ['with the token', { denied: '$token' }, 'denied'],
  ['beside the token', { oauth_token: '$token', denied: '1' }, 'denied'],
  ['as a problem', { oauth_token: '$token', oauth_problem: 'user_refused' }, 'oauth_problem=user_refused'],
  ['by bringing nothing else', { oauth_token: '$token' }, 'no-code'],
])
  sceneTest(`the person says no: ${name}`, { server: { deny }, settings: { denied } }, async (scene) => {
    await checkRefused(scene, await scene.signIn(), { status: 403, rule: 'login_denied' });
  });

// ---- whose browser it is

sceneTest('the response of another browser', {}, async (scene) => {
  const attacker = scene.newBrowser();
  const response = await scene.visit({ browser: attacker });
  await checkRefused(scene, await scene.comeBack(response), { status: 400, rule: 'login_cookie_missing' });
  assert.equal((await scene.comeBack(response, { browser: attacker })).status, 400, 'nor is it of use to the attacker any more');
});

sceneTest('the response of another browser, in the middle of a login of one’s own', {}, async (scene) => {
  const attacker = await scene.visit({ browser: scene.newBrowser() });
  const right = await scene.visit();
  const { sent } = await scene.browser.get(program('me.cgi'));
  await checkRefused(scene, await scene.comeBack(attacker, { cookie: sent }), { status: 400, rule: 'login_cookie_missing', right });
});

sceneTest('the verifier of one login with the token of another', {}, async (scene) => {
  const first = await scene.visit();
  const second = await scene.visit();
  const mixed = { oauth_token: first.oauth_token, oauth_verifier: second.oauth_verifier };
  const answer = await scene.comeBack(mixed);
  assert.deepEqual(rules(answer.log), ['token_error']);
  assert.ok(!scene.browser.isSignedIn());
});

sceneTest('the response of one provider at another’s redirect URI', { more: (scene) => scene.section('other') }, async (scene) => {
  const right = await scene.visit();
  await checkRefused(scene, await scene.comeBack(right, { id: 'other' }), { status: 400, rule: 'state_wrong', right });
});

sceneTest('a callback that comes again', {}, async (scene) => {
  const right = await scene.visit();
  const first = await scene.comeBack(right);
  assert.equal(first.status, 303, first.log);
  const again = await scene.comeBack(right, { cookie: first.sent });
  assert.equal(again.status, 400);
  assert.deepEqual(rules(again.log), ['state_wrong']);
  const { requests } = await scene.server.report();
  assert.deepEqual(requests.slice(scene.seen), [], 'the server is not asked');
});

sceneTest('two callbacks at once: one of them signs in', {}, async (scene) => {
  const right = await scene.visit();
  const text = new URLSearchParams(right).toString();
  const answers = await Promise.all(Array.from({ length: 6 }, () => scene.newBrowser()).map((browser) => {
    browser.jar = new Map(scene.browser.jar);
    return browser.get(program(`callback.cgi/op?${text}`), { crossSite: true });
  }));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 400, 400, 400, 400, 400]);
  const { requests } = await scene.server.report();
  assert.equal(requests.filter((endpoint) => endpoint === 'token').length, 1);
});

sceneTest('a login that took too long', {}, async (scene) => {
  const right = await scene.visit();
  scene.sql('UPDATE temporary_credentials SET expires_at = 1');
  await checkRefused(scene, await scene.comeBack(right), { status: 400, rule: 'login_expired' });
});

// ---- the client's credentials

const anotherKey = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
const wrong = { status: 502, rule: 'client_refused', complaints: ['initiate: 401'] };
sceneTest('a client secret that is wrong', { settings: { client_secret: 'another' } }, (scene) => checkStopped(scene, wrong));
sceneTest('a client id that is wrong', { settings: { client_id: 'another' } }, (scene) => checkStopped(scene, wrong));
sceneTest('a private key that is another', { rsa: true, server: { rsa_key: anotherKey() } }, (scene) => checkStopped(scene, wrong));
sceneTest('a redirect URI that is not registered', { server: { redirect_uris: [] } }, (scene) => checkStopped(scene, wrong));
sceneTest('a method that the server does not take', { rsa: true, server: { rsa_key: null } }, (scene) => checkStopped(scene, {
  status: 502, rule: 'token_error', complaints: ['initiate: 400 error=invalid_signature_method'],
}));

// ---- the answer with temporary credentials

const stopped = (name, server, expected = {}) => sceneTest(`temporary credentials: ${name}`, { server },
  (scene) => checkStopped(scene, { rule: 'token_response', ...expected }));
const initiate = (name, members, expected) => stopped(name, { change: { initiate: members } }, expected);
const instead = (name, answer, expected) => stopped(name, { answer: { initiate: answer } }, expected);

initiate('the callback not confirmed', { oauth_callback_confirmed: null });
initiate('the callback confirmed as false', { oauth_callback_confirmed: 'false' });
initiate('the callback confirmed in other letters', { oauth_callback_confirmed: 'True' });
initiate('no token', { oauth_token: null });
initiate('an empty token', { oauth_token: '' });
initiate('a token of 1025 bytes', { oauth_token: 't'.repeat(1025) });
initiate('no secret', { oauth_token_secret: null });
initiate('an empty secret', { oauth_token_secret: '' });
initiate('a secret of 1025 bytes', { oauth_token_secret: 's'.repeat(1025) });
initiate('a problem beside them', { oauth_problem: 'nonce_used' }, { rule: 'token_error' });

const good = 'oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true';
const form = 'application/x-www-form-urlencoded';
instead('nothing', { status: 200 });
instead('a page', { status: 200, type: 'text/html', body: '<!doctype html><a href="?oauth_token=a">' });
instead('JSON', { status: 200, type: 'application/json', body: '{"oauth_token":"a","oauth_token_secret":"b","oauth_callback_confirmed":"true"}' });
instead('a token twice', { status: 200, type: form, body: `${good}&oauth_token=a` });
instead('a control byte', { status: 200, type: form, body: `${good}&x=%0d%0aSet-Cookie:%20a=b` });
instead('more than 1 MiB', { status: 200, type: form, body: `${good}&x=${'x'.repeat(1024 * 1024)}` }, { rule: 'http_too_large' });
for (const status of [201, 302, 400, 403, 404, 500, 503])
  instead(`status ${status}`, { status, type: form, body: good }, { rule: 'http_status' });
instead('status 401', { status: 401, type: form, body: good }, { rule: 'client_refused' });
instead('a problem with status 401', { status: 401, type: form, body: 'oauth_problem=consumer_key_unknown' }, { rule: 'client_refused' });
instead('a problem with status 400', { status: 400, type: form, body: 'oauth_problem=parameter_absent' }, { rule: 'token_error' });
instead('a problem with status 200', { status: 200, type: form, body: 'oauth_problem=parameter_absent' }, { rule: 'token_error' });
instead('an error in JSON', { status: 403, type: 'application/json', body: '{"error":"\\u001b[31mno"}' }, { rule: 'token_error' });

sceneTest('temporary credentials: from a server that is gone', {
  settings: { temporary_credential_endpoint: 'http://127.0.0.1:9/initiate' },
}, (scene) => checkStopped(scene, { rule: 'http_failed', calls: [] }));

// ---- the answer with token credentials

function refused(name, server, expected) {
  sceneTest(name, { server }, async (scene) => {
    await checkRefused(scene, await scene.signIn(), { status: 502, calls: ['token'], ...expected });
  });
}
const token = (name, members, expected) => refused(`token credentials: ${name}`, { change: { token: members } },
  { rule: 'token_response', ...expected });
const tokenInstead = (name, answer, expected) => refused(`token credentials: ${name}`, { answer: { token: answer } },
  { rule: 'token_response', ...expected });

token('an empty token', { oauth_token: '' });
token('no token', { oauth_token: null });
token('an empty secret', { oauth_token_secret: '' });
token('no secret', { oauth_token_secret: null });
token('a token of 1025 bytes', { oauth_token: 't'.repeat(1025) });
token('a problem beside them', { oauth_problem: 'token_used' }, { rule: 'token_error' });
const unsigned = { rule: 'userinfo_error', calls: ['token', 'profile'], complaints: ['profile: not signed as it should be'] };
token('another token than the server’s', { oauth_token: 'x' }, unsigned);
token('another secret than the server’s', { oauth_token_secret: 'x' }, unsigned);
tokenInstead('nothing', { status: 200 });
tokenInstead('a page', { status: 200, type: 'text/html', body: '<p>oauth_token=a&oauth_token_secret=b</p>' });
tokenInstead('JSON', { status: 200, type: 'application/json', body: '{"oauth_token":"a","oauth_token_secret":"b"}' });
tokenInstead('status 401', { status: 401 }, { rule: 'token_error' });
tokenInstead('a problem with status 401', { status: 401, type: form, body: 'oauth_problem=token_expired' }, { rule: 'token_error' });
for (const status of [201, 302, 400, 403, 500])
  tokenInstead(`status ${status}`, { status, type: form, body: good }, { rule: 'http_status' });

// ---- the profile

const profile = (name, answer, expected) => refused(`the profile: ${name}`, { answer: { profile: answer } },
  { rule: 'userinfo_malformed', calls: ['token', 'profile'], ...expected });
const jsonOf = (value) => ({ status: 200, type: 'application/json', body: JSON.stringify(value) });

profile('status 401', { status: 401 }, { rule: 'http_status' });
profile('status 500', { status: 500 }, { rule: 'http_status' });
profile('an error with status 200', jsonOf({ errors: [{ code: 32 }] }), { rule: 'userinfo_error' });
profile('a page', { status: 200, type: 'text/html', body: '<p>no</p>' });
profile('a list', jsonOf([{ id_str: '777' }]));
profile('nobody', jsonOf({ name: 'Ada' }), { rule: 'subject' });
profile('a subject that is no text', jsonOf({ id_str: { value: '777' } }), { rule: 'subject' });
