// Fifty people at once, signing in, looking who they are, and signing out, for a minute: no error, no lost session.
//
// Environment: LOAD_SECONDS (60).
import assert from 'node:assert/strict';
import test from 'node:test';
import { program, Scene } from '../hostile/scene.mjs';
import { sound, sql } from './support.mjs';

const PEOPLE = 50;
const SECONDS = Number(process.env.LOAD_SECONDS ?? 60);

/** One person's round, with a browser and a login of its own: the scene's provider knows him by his code. */
async function round(scene, number) {
  const browser = scene.newBrowser();
  const begun = await browser.get(program(`login.cgi?provider=op&login_hint=person-${number}`));
  assert.equal(begun.status, 303, begun.log);
  const back = new URLSearchParams(scene.provider.authorize(begun.headers.location, { sub: `person-${number}` }));
  const answer = await browser.get(program(`callback.cgi/op?${back}`), { crossSite: true });
  assert.equal(answer.status, 303, answer.log);
  for (let i = 0; i < 3; i++) {
    const me = await scene.whoAmI(browser);
    assert.equal(me.status, 200, 'a lost session');
    assert.equal(me.identities[0].sub, `person-${number}`);
  }
  const left = await browser.post(program('logout.cgi'), {}, { headers: { origin: browser.origin } });
  assert.equal(left.status, 303, left.log);
  assert.equal((await scene.whoAmI(browser)).status, 401, 'signed out');
}

test(`${PEOPLE} at once for ${SECONDS} s: no error, no lost session`, async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  const end = Date.now() + SECONDS * 1000;
  let rounds = 0;
  await Promise.all(Array.from({ length: PEOPLE }, async (_, number) => {
    do {
      await round(scene, number);
      rounds++;
    } while (Date.now() < end);
  }));
  t.diagnostic(`${rounds} logins and sign-outs`);
  sound(scene.place);
  assert.equal(sql(scene.place, 'SELECT count(*) FROM accounts'), String(PEOPLE));
  assert.equal(sql(scene.place, 'SELECT count(*) FROM sessions'), '0');
});
