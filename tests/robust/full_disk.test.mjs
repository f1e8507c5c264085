// No room left: an answer that says so (503), nothing lost, and everything as before once there is room again.
//
// A limit on what a file can grow to stands for the full disk everywhere; where this user may mount one, a small tmpfs is filled up, too.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { events } from '../e2e/support/site.mjs';
import { rules, Scene } from '../hostile/scene.mjs';
import { account, csrfToken, sound, sql } from './support.mjs';

async function login(scene, sub, run = {}) {
  scene.provider.person = { ...scene.provider.person, sub };
  const browser = scene.newBrowser();
  scene.browser = browser;
  const { parameters } = await scene.begin();
  return { browser, answer: await scene.comeBack(parameters, { run }) };
}

/** What must hold while nothing can be written: `fill` makes it so, `empty` ends it; `run` is for the programs meanwhile. */
async function withoutRoom(scene, { fill = () => {}, empty = () => {}, run = {} }) {
  const { browser, answer } = await login(scene, 'ada');
  assert.equal(answer.status, 303, answer.log);
  await login(scene, 'grace');
  const token = await csrfToken(browser);
  fill();
  const before = sql(scene.place, 'SELECT count(*) FROM sessions');

  const refused = await login(scene, 'new', run);
  assert.equal(refused.answer.status, 503, refused.answer.log);
  assert.deepEqual(rules(refused.answer.log), ['database']);
  assert.match(refused.answer.body, /try again/i);
  assert.ok(!refused.browser.isSignedIn());

  const deleted = await account(browser, 'delete', { csrf_token: token, confirm: 'yes' }, { run });
  assert.equal(deleted.status, 503, deleted.log);

  empty();
  sound(scene.place);
  assert.equal(sql(scene.place, 'SELECT count(*) FROM sessions'), before, 'nothing is lost, nothing half done');
  assert.equal((await scene.whoAmI(browser)).status, 200, 'who was signed in is so still');
  const again = await login(scene, 'new');
  assert.equal(again.answer.status, 303, again.answer.log);
  assert.equal(events(again.answer.log).at(-1).event, 'signed_in');
}

test('files that cannot grow: 503, and nothing is lost', async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  await withoutRoom(scene, { run: { filesAtMost: 1024 } });
});

// The test runs itself once more, in a namespace of its own where it may mount.
const inside = process.env.FULL_DISK;
const namespace = process.getuid() === 0 ? ['-m'] : ['-Urm'];
const mayMount = inside || spawnSync('unshare', [...namespace, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

test('a full tmpfs: 503, and nothing is lost', { skip: mayMount ? false : 'this user may not mount a tmpfs, not even in a namespace of its own' }, async (t) => {
  if (!inside) {
    const { NODE_TEST_CONTEXT, ...environment } = process.env; // it would have this one report as part of that one
    const { status, stdout } = spawnSync('unshare', [...namespace, process.execPath, fileURLToPath(import.meta.url)],
      { env: { ...environment, FULL_DISK: '1' }, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /# fail 0/, stdout);
    return;
  }
  const scene = await Scene.open();
  t.after(() => { scene.close(); execFileSync('umount', [scene.place.state]); });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', scene.place.state]);
  const filler = path.join(scene.place.state, 'filler');
  await withoutRoom(scene, {
    fill: () => spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']),
    empty: () => fs.unlinkSync(filler),
  });
});
