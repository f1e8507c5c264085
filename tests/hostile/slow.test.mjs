// A provider that takes its time: each of these lasts as long as a program waits, so all are begun at once.
import test from 'node:test';
import { Reply } from './provider.mjs';
import { Scene, checkRefused, checkStopped } from './scene.mjs';

const never = () => new Reply(200, '', { hang: 'at once' });
const halfway = (right) => new Reply(200, JSON.stringify(right), { hang: 'within' });

const stopped = (scene) => checkStopped(scene, { rule: 'http_timeout', status: 504 });
const refused = (calls) => async (scene) => checkRefused(scene, await scene.signIn(), { rule: 'http_timeout', status: 504, calls });

const slow = {
  'a discovery document that never comes': [{ discovery: never }, stopped],
  'a discovery document that never ends': [{ discovery: halfway }, stopped],
  'a token response that never comes': [{ token: never }, refused(['token'])],
  'a token response that never ends': [{ token: halfway }, refused(['token'])],
  'a key set that never comes': [{ jwks: never }, refused(['token', 'jwks'])],
  'a key set that never ends': [{ jwks: halfway }, refused(['token', 'jwks'])],
  'a UserInfo response that never comes': [{ userinfo: never }, refused(['token', 'jwks', 'userinfo'])],
  'a UserInfo response that never ends': [{ userinfo: halfway }, refused(['token', 'jwks', 'userinfo'])],
};
for (const [name, [hooks, check]] of Object.entries(slow)) {
  const done = Scene.open({ provider: { hooks } }).then((scene) => check(scene).finally(() => scene.close()));
  done.catch(() => {}); // looked at below
  test(name, () => done);
}
