// Programs killed at random moments of logins, links and deletions: the database opens, satisfies every constraint, and holds
// every login that was answered.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from '../hostile/scene.mjs';
import { account, csrfToken, isLeadPage, ledTo, sound, sql } from './support.mjs';

const ROUNDS = 200;
const PEOPLE = 12;

/** How long a callback takes here when nobody kills it, in milliseconds. */
async function usual(scene) {
  const { parameters } = await scene.begin();
  const start = performance.now();
  assert.equal((await scene.comeBack(parameters)).status, 303);
  return performance.now() - start;
}

/** One login of `sub`, killed or not: the browser if it was answered, else null. */
async function login(scene, sub, run) {
  scene.provider.person = { ...scene.provider.person, sub };
  const browser = scene.newBrowser();
  scene.browser = browser;
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack(parameters, { run });
  return answer?.status === 303 ? browser : null;
}

async function link(scene, browser, sub, run) {
  scene.browser = browser;
  const answer = await account(browser, 'link', { csrf_token: await csrfToken(browser), provider: 'op' });
  assert.ok(isLeadPage(answer), answer.log);
  scene.provider.person = { ...scene.provider.person, sub };
  await scene.comeBack(scene.provider.authorize(ledTo(answer)), { run });
}

test(`killed at ${ROUNDS} random moments, the database stays whole and keeps every answered login`, async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  const time = await usual(scene);
  const answered = new Map(); // sub → a browser that is signed in
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const run = { killAfter: Math.random() * time * 1.2 };
    const sub = `person-${round % PEOPLE}`;
    const browser = answered.get(sub);
    const what = round % 10;
    if (browser && what === 7) {
      await link(scene, browser, `${sub}-other-${round}`, run);
      answered.delete(sub); // whether the new session id has arrived is not known
    } else if (browser && what === 9) {
      await account(browser, 'delete', { csrf_token: await csrfToken(browser), confirm: 'yes' }, { run });
      answered.delete(sub); // likewise
    } else {
      const next = await login(scene, sub, run);
      if (next) answered.set(sub, next);
      else killed++;
    }
    if (round % 25 === 24) sound(scene.place);
  }
  sound(scene.place);
  assert.ok(killed > ROUNDS / 10, `only ${killed} were killed in the middle: is the time right?`);
  assert.ok(answered.size > 0, 'some were answered');
  for (const [sub, browser] of answered) {
    const me = await scene.whoAmI(browser);
    assert.equal(me.status, 200, `the answered login of ${sub} is gone`);
    assert.ok(me.identities.some((identity) => identity.sub === sub));
  }
  assert.equal(sql(scene.place, 'SELECT count(*) FROM accounts a WHERE NOT EXISTS (SELECT 1 FROM identities i WHERE i.account = a.id)'), '0',
    'no account without a way in');
  scene.provider.person = { ...scene.provider.person, sub: 'afterwards' };
  assert.ok(await login(scene, 'afterwards', {}), 'and everything goes on');
});
