// How often a provider is connected to: once for a login's calls together, and under FastCGI once for many logins.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fastcgi from '../e2e/support/fastcgi.mjs';
import { Scene } from './scene.mjs';

/** A scene whose provider counts the connections that are opened. */
async function open(t) {
  const scene = await Scene.open();
  t.after(() => scene.close());
  scene.provider.server.keepAliveTimeout = 60000;
  scene.connections = 0;
  scene.provider.server.on('connection', () => scene.connections++);
  return scene;
}

const asked = (scene) => scene.provider.requests.slice(scene.seen ?? 0).map((request) => request.endpoint ?? request.url ?? request);

test('the calls of one login share a connection', async (t) => {
  const scene = await open(t);
  const { parameters } = await scene.begin();
  const before = scene.connections;
  assert.equal((await scene.comeBack(parameters)).status, 303, scene.log);
  assert.ok(asked(scene).length >= 3, 'token, JWK Set, UserInfo');
  assert.equal(scene.connections - before, 1);
});

async function comeBack(scene, program, parameters) {
  const answer = await program.ask({
    SCRIPT_NAME: '/cgi-bin/callback.cgi', PATH_INFO: '/op', QUERY_STRING: new URLSearchParams(parameters).toString(),
    HTTP_COOKIE: scene.browser.cookieField(false),
  });
  assert.equal(answer.status, 303, program.log());
  assert.ok(answer.cookies.some((cookie) => cookie.startsWith('__Host-latchkey-session=')), program.log());
}

test('under FastCGI, so do the logins one after the other', async (t) => {
  const scene = await open(t);
  const program = await fastcgi.listen('callback.cgi', scene.place);
  const logins = [];
  for (let round = 0; round < 5; round++) logins.push((await scene.begin()).parameters);
  const before = scene.connections;
  for (const parameters of logins) await comeBack(scene, program, parameters);
  assert.equal(scene.connections - before, 1);
});

test('a connection that the provider has closed meanwhile is opened anew', async (t) => {
  const scene = await open(t);
  const program = await fastcgi.listen('callback.cgi', scene.place);
  for (let round = 0; round < 3; round++) {
    const { parameters } = await scene.begin();
    const before = scene.connections;
    await comeBack(scene, program, parameters);
    assert.equal(scene.connections - before, 1, `round ${round}`);
    scene.provider.server.closeAllConnections();
  }
});
