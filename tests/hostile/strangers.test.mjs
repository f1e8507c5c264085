// What somebody can make of this site who is nobody's user: by links, by requests of his own, by waiting.
import assert from 'node:assert/strict';
import { checkSignedIn, program, rules, sceneTest } from './scene.mjs';

// ---- registrations

const dynamic = {
  client_id: undefined, client_secret: undefined, token_endpoint_auth_method: undefined, registration: 'dynamic',
};
const registering = (right) => ({ ...right, registration_endpoint: `${new URL(right.token_endpoint).origin}/registration` });

sceneTest('a logout_token does not make us register', {
  settings: dynamic, provider: { hooks: { discovery: registering } },
}, async (scene) => {
  for (const token of ['junk', scene.provider.logoutToken()]) {
    const answer = await scene.browser.post(program('logout.cgi/backchannel/op'), { logout_token: token });
    assert.equal(answer.status, 400, answer.log);
    assert.deepEqual(rules(answer.log), ['registration']);
  }
  assert.deepEqual(scene.provider.calls(), [], 'the provider is asked nothing');
});

sceneTest('where we registered, a logout_token ends the session', {
  settings: dynamic, provider: { hooks: { discovery: registering } },
}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const answer = await scene.browser.post(program('logout.cgi/backchannel/op'), { logout_token: scene.provider.logoutToken() });
  assert.equal(answer.status, 200, answer.log);
  assert.equal((await scene.whoAmI()).status, 401);
});

sceneTest('a provider that has forgotten us says so to a pushed request: the next login registers anew', {
  settings: { ...dynamic, require_pushed_authorization_requests: 'yes' },
  provider: { client: { pushes: true }, hooks: { discovery: registering } },
}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  Object.assign(scene.provider.client, { id: 'another', secret: 'another secret of more than 32 characters' });
  const { answer } = await scene.begin();
  assert.deepEqual(rules(answer.log), ['client_refused'], answer.log);
  scene.log = '';
  await checkSignedIn(scene, await scene.signIn());
});

// ---- sessions

sceneTest('a login by form_post ends the older session too, whose cookie does not come along', {
  settings: { response_mode: 'form_post' },
}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const before = scene.browser.cookieField();
  await checkSignedIn(scene, await scene.signIn());
  assert.equal(scene.rows().sessions, 1);
  const answer = await scene.browser.get(program('me.cgi'), { cookie: before, headers: { accept: 'application/json' } });
  assert.equal(answer.status, 401, 'the cookie of before is worth nothing');
});

// ---- links

sceneTest('a link with a state of somebody’s making tells nobody that he is signed out', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const answer = await scene.browser.get(program('logout.cgi?state=x'), { crossSite: true });
  assert.equal(answer.status, 400, answer.log);
  assert.doesNotMatch(answer.body, /you are( now)? signed out(?!\?)/i);
  assert.ok(answer.body.includes(`href="${program('logout.cgi')}"`), 'it leads to the page that knows');
  assert.equal((await scene.whoAmI()).status, 200);
});
