// Dynamic client registration (RFC 7591, OpenID Connect Dynamic Client Registration 1.0): what is asked for, and answers
// that must not be used.
import assert from 'node:assert/strict';
import { Reply } from './provider.mjs';
import { checkSignedIn, checkStopped, origin, program, rules, sceneTest } from './scene.mjs';

const dynamic = { client_id: undefined, client_secret: undefined, token_endpoint_auth_method: undefined, registration: 'dynamic' };

/** A scene in which the client has to register; `hooks.registration` gets the provider's answer and returns another. */
const discovery = (right) => ({ ...right, registration_endpoint: right.token_endpoint.replace('/token', '/registration') });
const registers = (name, hooks, body, settings = {}) =>
  sceneTest(name, { settings: { ...dynamic, ...settings }, provider: { hooks: { discovery, ...hooks } } }, body);

registers('a client registers itself once, and signs in', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  await checkSignedIn(scene, await scene.signIn());
  const asked = scene.provider.requests.filter(({ endpoint }) => endpoint === 'registration');
  assert.equal(asked.length, 1);
  assert.equal(asked[0].method, 'POST');
  assert.equal(asked[0].headers['content-type'], 'application/json');
  const client = JSON.parse(asked[0].body);
  assert.deepEqual(client.redirect_uris, [program('callback.cgi/op')]);
  assert.deepEqual(client.response_types, ['code']);
  assert.deepEqual(client.grant_types, ['authorization_code']);
  assert.deepEqual(client.post_logout_redirect_uris, [program('logout.cgi')]);
  assert.equal(client.initiate_login_uri, program('login.cgi'));
  assert.equal(client.backchannel_logout_uri, program('logout.cgi/backchannel/op'));
  assert.equal(client.frontchannel_logout_uri, program('logout.cgi/frontchannel/op'));
  for (const value of Object.values(client).flat()) assert.ok(!String(value).startsWith('http') || String(value).startsWith(origin));
});

sceneTest('it asks for what its APIs need, and to refresh', {
  settings: { ...dynamic, offline_access_scope: 'offline_access' }, provider: { hooks: { discovery } },
  more: () => '[api mail]\nprovider = op\nbase_url = https://api.example/\nscope = mail.read openid\n[api other]\nbase_url = https://x.example/\n',
}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const [{ body }] = scene.provider.requests.filter(({ endpoint }) => endpoint === 'registration');
  const client = JSON.parse(body);
  assert.deepEqual(client.grant_types, ['authorization_code', 'refresh_token']);
  assert.equal(client.scope, 'openid email profile mail.read offline_access');
  assert.equal(scene.provider.logins[0].request.scope, 'openid email profile', 'a sign-in asks for its own alone');
});

registers('the initial access token is sent, and not logged', {}, async (scene) => {
  scene.provider.secret('initial_access_token', 'an-initial-access-token');
  await checkSignedIn(scene, await scene.signIn());
  const [asked] = scene.provider.requests.filter(({ endpoint }) => endpoint === 'registration');
  assert.equal(asked.headers.authorization, 'Bearer an-initial-access-token');
}, { initial_access_token: 'an-initial-access-token' });

registers('another way of authenticating, if the provider says so', {
  registration: (right, provider) => {
    provider.client.method = 'client_secret_post';
    return { ...right, token_endpoint_auth_method: 'client_secret_post' };
  },
}, async (scene) => checkSignedIn(scene, await scene.signIn()));

registers('a client whose secret has expired registers anew', {
  registration: (right) => ({ ...right, client_secret_expires_at: 1 }),
}, async (scene) => {
  const { answer } = await scene.begin();
  assert.deepEqual(rules(answer.log), ['registration'], answer.log);
  scene.provider.hooks.registration = (right) => right;
  scene.log = '';
  await checkSignedIn(scene, await scene.signIn());
});

const wrong = (name, registration, rule = 'registration') => registers(name, { registration }, async (scene) => {
  await checkStopped(scene, { rule, calls: ['discovery', 'registration'] });
});
const member = (name, change) => wrong(name, (right) => ({ ...right, ...change }));

for (const status of [400, 401, 403, 404, 500, 302]) wrong(`a registration with status ${status}`,
  (right) => new Reply(status, JSON.stringify(right), { headers: { Location: '/elsewhere' } }));
wrong('a registration refused', () => new Reply(400, '{"error":"invalid_redirect_uri","error_description":"<script>"}'));
wrong('a registration that is HTML', () => new Reply(201, '<!doctype html>'));
wrong('a registration that is a list', (right) => new Reply(201, JSON.stringify([right])));
wrong('a registration with client_id twice', (right) => new Reply(201, JSON.stringify(right).replace('{', '{"client_id":"another",')));
wrong('a registration of 2 MB', (right) => new Reply(201, JSON.stringify({ ...right, a: 'x'.repeat(2_000_000) })), 'http_too_large');
const noTexts = { missing: undefined, null: null, empty: '', 'a number': 5, 'of 5 KB': 'x'.repeat(5000) };
for (const [name, value] of Object.entries(noTexts)) {
  member(`a client_id that is ${name}`, { client_id: value });
  member(`a client_secret that is ${name}`, { client_secret: value });
}
member('a token_endpoint_auth_method that nobody knows', { token_endpoint_auth_method: 'tls_client_auth' });
member('a client_secret_expires_at that is a text', { client_secret_expires_at: 'never' });
sceneTest('nowhere to register', { settings: dynamic }, async (scene) => {
  const { answer } = await scene.begin();
  assert.deepEqual(rules(answer.log), ['discovery_malformed'], answer.log);
});
