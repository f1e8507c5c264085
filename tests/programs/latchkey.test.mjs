// latchkey, the operator's command: each of its commands as it is called, on a site that people signed in to.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { build, stateFolder, templates, workFolder } from '../e2e/support/place.mjs';
import { Provider, Reply } from '../hostile/provider.mjs';
import { origin, program, rules, Scene } from '../hostile/scene.mjs';

const command = path.join(build, 'bin/latchkey');
const commands = ['check', 'users', 'sessions', 'events', 'revoke', 'block', 'unblock', 'delete', 'export', 'rotate-keys', 'vacuum'];
const sanitizers = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(A|UB|L)SAN_OPTIONS$/.test(name)));
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', TERM: 'xterm', ...sanitizers };

/** Runs a program to its end: { code, out, err }. */
function run(file, args, { env = {}, stdio = ['ignore', 'pipe', 'pipe'], input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...environment, ...env }, stdio: input === undefined ? stdio : ['pipe', 'pipe', 'pipe'] });
    const texts = { out: '', err: '' };
    child.stdout?.on('data', (chunk) => { texts.out += chunk; });
    child.stderr?.on('data', (chunk) => { texts.err += chunk; });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, ...texts }));
    if (input !== undefined) child.stdin.end(input);
  });
}

/** latchkey by the configuration of a place, or (a string) by that file. */
const latchkey = (place, ...args) => run(command, args, { env: { LATCHKEY_CONF: place?.conf ?? place ?? '/nowhere/latchkey.conf' } });

/** The same at a terminal, with `input` typed: all of it is in `out`. */
const atTerminal = (place, args, input = '', env = {}) =>
  run('script', ['-qec', [command, ...args].map((word) => `'${word}'`).join(' '), '/dev/null'],
    { env: { LATCHKEY_CONF: place.conf, ...env }, input });

const objects = ({ out }) => out.split('\n').filter(Boolean).map((line) => JSON.parse(line));

async function worked(promise) {
  const ended = await promise;
  assert.equal(ended.code, 0, ended.out + ended.err);
  return ended;
}

async function refused(promise, what, code = 1) {
  const ended = await promise;
  assert.equal(ended.code, code, ended.out + ended.err);
  assert.match(ended.err, what);
  assert.equal(ended.out, '');
  return ended;
}

const sql = (scene, text) =>
  execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(scene.place.state, 'latchkey.db'), `PRAGMA foreign_keys = ON; ${text}`],
    { encoding: 'utf8' }).trim();

const sound = (scene) => assert.equal(sql(scene, 'PRAGMA integrity_check; PRAGMA foreign_key_check;'), 'ok');

/** A provider that also has an authorization endpoint for browsers: it sends those back that it knows. */
class Known extends Provider {
  answer_authorize({ query }) {
    const asked = new URLSearchParams(query);
    if (asked.get('client_id') !== this.client.id || asked.get('redirect_uri') !== this.client.redirectUri) return new Reply(400);
    assert.equal(asked.get('prompt'), 'none', 'nobody is asked anything');
    const back = new URL(asked.get('redirect_uri'));
    back.search = new URLSearchParams({ error: this.says ?? 'login_required', state: asked.get('state'), iss: this.issuer });
    return new Reply(303, '', { headers: { Location: back.href } });
  }
}

const open = (options = {}) => Scene.open({ kind: Known, ...options });

/** A test on a site that Jane signed in to. */
function signedIn(name, options, body) {
  test(name, async (t) => {
    const scene = await open(options);
    t.after(() => scene.close());
    const answer = await scene.signIn();
    assert.equal(answer.status, 303, answer.log);
    await body(scene, t);
  });
}

const isSignedIn = async (scene, browser) => (await scene.whoAmI(browser)).status === 200;

// ---- how it is called

test('help for all, and for each command', async () => {
  const { out } = await worked(latchkey(null, '--help'));
  for (const name of commands) {
    assert.match(out, new RegExp(`^  ${name} `, 'm'));
    const help = await worked(latchkey(null, name, '--help'));
    assert.match(help.out, new RegExp(`^Usage: latchkey ${name} `));
    for (const option of ['--config FILE', '--json', '--quiet', '--help']) assert.ok(help.out.includes(option), option);
  }
  assert.match((await worked(latchkey(null, '--version'))).out, /^latchkey \d/);
});

test('what it is called wrongly with is told, and the exit status is 2', async () => {
  await refused(latchkey(null), /a command is missing/, 2);
  await refused(latchkey(null, 'dance'), /no command dance/, 2);
  await refused(latchkey(null, 'users', '--dance'), /dance/, 2);
  await refused(latchkey(null, 'users', '--all'), /users has no option --all/, 2);
  await refused(latchkey(null, 'users', 'a', 'b'), /too many arguments/, 2);
  await refused(latchkey(null, 'check', 'a'), /too many arguments/, 2);
  for (const name of ['block', 'unblock', 'delete', 'export']) await refused(latchkey(null, name), /wants a USER/, 2);
  await refused(latchkey(null, 'users', '--config'), /config/, 2);
});

test('it is no program for a web server', async () => {
  const { code, out, err } = await run(command, ['users'], { env: { GATEWAY_INTERFACE: 'CGI/1.1' } });
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /no program for a web server/);
});

test('a configuration that is not there, and a state folder that nobody has used', async () => {
  await refused(latchkey(null, 'users'), /\/nowhere\/latchkey\.conf cannot be opened/);
  const scene = await open();
  try {
    for (const args of [['users'], ['vacuum'], ['rotate-keys'], ['revoke', '--all', '--yes']])
      await refused(latchkey(scene.place, ...args), /there is no database .* yet/);
    assert.deepEqual(fs.readdirSync(scene.place.state), [], 'nothing was made');
  } finally {
    scene.close();
  }
});

signedIn('--config names the configuration, before the environment does', {}, async (scene) => {
  const { out } = await worked(latchkey(null, '--config', scene.place.conf, 'users'));
  assert.match(out, /Jane Doe/);
  await worked(latchkey(null, 'users', '-c', scene.place.conf));
});

signedIn('an output that cannot be written is a failure', {}, async (scene) => {
  const full = fs.openSync('/dev/full', 'w');
  const { code, err } = await run(command, ['users'], { env: { LATCHKEY_CONF: scene.place.conf }, stdio: ['ignore', full, 'pipe'] });
  fs.closeSync(full);
  assert.equal(code, 1);
  assert.match(err, /cannot be written/);
});

// ---- looking

signedIn('users, as a table and as JSON', {}, async (scene) => {
  const me = await scene.whoAmI();
  const table = await worked(latchkey(scene.place, 'users'));
  const [head, row, ...rest] = table.out.trimEnd().split('\n');
  assert.match(head, /^USER +NAME +EMAIL +VERIFIED +PROVIDERS +SESSIONS +CREATED AT +LAST LOGIN AT +BLOCKED$/);
  assert.ok(row.startsWith(me.sub));
  for (const [column, value] of [['NAME', 'Jane Doe'], ['EMAIL', 'jane@example.com'], ['VERIFIED', 'yes'], ['PROVIDERS', 'op'], ['SESSIONS', '1']])
    assert.equal(row.slice(head.indexOf(column)).split(/ {2,}/)[0], value, column);
  assert.deepEqual(rest, []);
  assert.equal(table.err, '');

  const [user, ...more] = objects(await worked(latchkey(scene.place, 'users', '--json')));
  assert.equal(more.length, 0);
  assert.deepEqual({ ...user, created_at: 0, last_login_at: 0 }, {
    user: me.sub, name: 'Jane Doe', email: 'jane@example.com', verified: true, providers: 'op', sessions: 1, created_at: 0, last_login_at: 0,
    blocked: false,
  });
  assert.ok(Math.abs(user.created_at - Date.now() / 1000) < 60);
  assert.equal((await worked(latchkey(scene.place, '-q', 'users'))).out.trimEnd().split('\n').length, 1, 'without a heading');
});

signedIn('users are searched by name, address, sub, and provider and subject', {}, async (scene) => {
  const { sub } = await scene.whoAmI();
  for (const search of ['jane', 'DOE', 'jane@example', sub, `op:${scene.provider.person.sub}`])
    assert.equal(objects(await worked(latchkey(scene.place, 'users', '--json', '--', search))).length, 1, search);
  for (const search of ['john', '%', '_', "' OR 1 --", 'op:', sub.slice(1)])
    assert.equal((await worked(latchkey(scene.place, 'users', '--', search))).out, '', search);
});

signedIn('sessions: all, and those of one user, however that is named', {}, async (scene) => {
  const other = scene.newBrowser();
  const { answer } = await scene.begin();
  assert.equal(answer.status, 303);
  const { sub } = await scene.whoAmI();
  for (const named of [[], ['--', sub], ['jane@example.com'], ['JANE@example.com'], [`op:${scene.provider.person.sub}`]]) {
    const [session, ...more] = objects(await worked(latchkey(scene.place, 'sessions', '--json', ...named)));
    assert.equal(more.length, 0);
    assert.equal(session.user, sub);
    assert.equal(session.provider, 'op');
    assert.match(session.session, /^[\w-]{43}$/);
    assert.equal(session.expires_at - session.created_at, 30 * 24 * 3600);
  }
  assert.match((await worked(latchkey(scene.place, 'sessions'))).out, /^SESSION +USER +NAME +PROVIDER /);
  for (const stranger of ['john@example.com', 'jane', 'op:', 'op', sub.toLowerCase() === sub ? 'x' : sub.toLowerCase()])
    await refused(latchkey(scene.place, 'sessions', '--', stranger), /no user is called/);
  assert.equal(await isSignedIn(scene, other), false);
});

signedIn('events: all, of one user, of one kind, since when', {}, async (scene) => {
  const { sub } = await scene.whoAmI();
  scene.provider.hooks.claims = (claims) => ({ ...claims, nonce: 'wrong' });
  await scene.signIn();
  const all = objects(await worked(latchkey(scene.place, 'events', '--json')));
  assert.ok(all.some(({ event, user }) => event === 'signed_in' && user === sub));
  const mine = objects(await worked(latchkey(scene.place, 'events', '--json', '--', sub)));
  assert.ok(mine.length > 0 && mine.every(({ user }) => user === sub));
  const kinds = objects(await worked(latchkey(scene.place, 'events', '--event', 'signed_in', '--json')));
  assert.deepEqual([...new Set(kinds.map(({ event }) => event))], ['signed_in']);
  assert.match((await worked(latchkey(scene.place, 'events'))).out, /^AT +EVENT +USER +PROVIDER +DETAIL +REQUEST +ADDRESS +USER AGENT\n\d{4}-\d\d-\d\dT/);

  sql(scene, 'UPDATE events SET at = at - 90000');
  const count = async (...args) => objects(await worked(latchkey(scene.place, 'events', '--json', ...args))).length;
  const day = (ago) => new Date(Date.now() - ago * 86400e3).toISOString();
  assert.equal(await count('--since', '1d'), 0);
  assert.equal(await count('--since', '2d'), all.length);
  assert.equal(await count('--since', day(3).slice(0, 10)), all.length);
  assert.equal(await count('--since', `${day(1).slice(0, 19)}Z`), 0);
  assert.equal(await count(`--since=${day(1.5).slice(0, 19)}Z`), all.length);
  for (const bad of ['yesterday', '2026-13-40', '7', '-1d', '', '2026-11-20T08:15:30'])
    await refused(latchkey(scene.place, 'events', '--since', bad), /--since wants a time/, 2);
  await refused(latchkey(scene.place, 'events', '--event', 'danced'), /no event danced/, 2);
});

const nasty = '\u001b[31mEve\u0007 \u009b2J \u202e\u2066evil\u200b\r\n\u007f';

signedIn('what strangers wrote commands no terminal, and is the same value in JSON', {}, async (scene) => {
  sql(scene, `UPDATE accounts SET name = '${nasty}'; UPDATE sessions SET user_agent = '${nasty}'; UPDATE events SET user_agent = '${nasty}'`);
  for (const name of ['users', 'sessions', 'events']) {
    const table = await worked(latchkey(scene.place, name));
    assert.match(table.out, /\\u001B\[31mEve\\u0007 \\u009B2J \\u202E\\u2066evil\\u200B\\u000D\\u000A\\u007F/);
    const json = await worked(latchkey(scene.place, name, '--json'));
    for (const { out } of [table, json]) assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u2066]/);
    assert.ok(objects(json).some((row) => (row.name ?? row.user_agent) === nasty), 'the value itself is kept');
  }
  const { sub } = await scene.whoAmI();
  const done = await worked(latchkey(scene.place, 'block', '--', sub));
  assert.doesNotMatch(done.out + done.err, /[\u001b\u009b\u202e]/);
  await refused(latchkey(scene.place, 'block', nasty), /no user is called \\u001B/);
});

signedIn('columns stand below one another in any script; another character set gets escapes', {}, async (scene) => {
  sql(scene, "UPDATE accounts SET name = '김에이다'; INSERT INTO accounts (sub, name, created_at, updated_at) VALUES ('someone', 'Éva 🎈', 1, 1)");
  const [, korean, french] = (await worked(latchkey(scene.place, 'users'))).out.split('\n');
  assert.match(korean, /김에이다 {2}jane@example\.com/);
  assert.match(french, /^someone +Éva 🎈 {4}-/, 'a letter of two columns counts two');
  const ascii = await run(command, ['users'], { env: { LATCHKEY_CONF: scene.place.conf, LANG: 'C', LC_ALL: 'C' } });
  assert.match(ascii.out, /\\uAE40/);
  assert.match(ascii.out, /\\U0001F388/);
  sql(scene, "UPDATE accounts SET name = CAST(x'4a6f80ff' AS TEXT) WHERE sub = 'someone'");
  assert.match((await worked(latchkey(scene.place, 'users'))).out, /Jo\\x80\\xFF/);
  objects(await worked(latchkey(scene.place, 'users', '--json')));
});

// ---- intervening

signedIn('revoke ends the sessions of a user, and says how many', {}, async (scene) => {
  const { sub } = await scene.whoAmI();
  const second = scene.newBrowser();
  [scene.browser, second.old] = [second, scene.browser];
  await scene.signIn();
  assert.deepEqual(objects(await worked(latchkey(scene.place, 'revoke', '--json', '--', sub))), [{ user: sub, sessions: 2 }]);
  assert.equal(await isSignedIn(scene), false);
  assert.equal(await isSignedIn(scene, second.old), false);
  assert.equal(sql(scene, "SELECT detail FROM events WHERE event = 'sessions_ended'"), '2');
  const again = await worked(latchkey(scene.place, 'revoke', 'jane@example.com'));
  assert.match(again.out, /Jane Doe.*: 0 sessions ended/);
  assert.equal((await worked(latchkey(scene.place, 'revoke', '-q', 'jane@example.com'))).out, '');
  sound(scene);
});

signedIn('revoke --session ends that one', {}, async (scene) => {
  const second = scene.newBrowser();
  [scene.browser, second.old] = [second, scene.browser];
  await scene.signIn();
  const [{ session }] = objects(await worked(latchkey(scene.place, 'sessions', '--json')));
  await worked(latchkey(scene.place, 'revoke', `--session=${session}`));
  const states = [await isSignedIn(scene), await isSignedIn(scene, second.old)];
  assert.deepEqual(states.sort(), [false, true]);
  for (const bad of [session, 'x', '', session.slice(1), `${session}=`])
    await refused(latchkey(scene.place, 'revoke', `--session=${bad}`), /there is no session/);
  assert.equal(sql(scene, "SELECT count(*) || ' ' || detail FROM events WHERE event = 'sessions_ended'"), '1 1');
});

signedIn('revoke --all ends everybody’s, after asking', {}, async (scene) => {
  scene.provider.person = { sub: 'john', name: 'John' };
  const john = scene.newBrowser();
  [scene.browser, john.jane] = [john, scene.browser];
  await scene.signIn();
  await refused(latchkey(scene.place, 'revoke', '--all'), /say --yes/);
  const no = await atTerminal(scene.place, ['revoke', '--all'], 'n\n');
  assert.equal(no.code, 1);
  assert.match(no.out, /End the sessions of all users\? \[y\/N\]/);
  assert.equal(await isSignedIn(scene), true);
  await worked(atTerminal(scene.place, ['revoke', '--all'], 'y\n'));
  assert.equal(await isSignedIn(scene), false);
  assert.equal(await isSignedIn(scene, john.jane), false);
  assert.equal(sql(scene, "SELECT count(DISTINCT account) FROM events WHERE event = 'sessions_ended'"), '2', 'in the trail of each');
  assert.deepEqual(objects(await worked(latchkey(scene.place, 'revoke', '--all', '--yes', '--json'))), [{ sessions: 0 }]);
});

signedIn('revoke wants one of its three ways', {}, async (scene) => {
  for (const args of [[], ['jane@example.com', '--all'], ['--all', '--session', 'x'], ['jane@example.com', '--session', 'x']])
    await refused(latchkey(scene.place, 'revoke', ...args, '--yes'), /wants a USER, --session SESSION or --all/, 2);
  assert.equal(await isSignedIn(scene), true);
});

signedIn('block keeps a user out until unblock', {}, async (scene) => {
  const { sub } = await scene.whoAmI();
  const blocked = await worked(latchkey(scene.place, 'block', 'jane@example.com'));
  assert.match(blocked.out, /Jane Doe, jane@example\.com\): blocked, 1 session ended/);
  assert.equal(await isSignedIn(scene), false);
  assert.equal(objects(await worked(latchkey(scene.place, 'users', '--json')))[0].blocked, true);
  const answer = await scene.signIn();
  assert.deepEqual(rules(answer.log), ['account_blocked']);
  await worked(latchkey(scene.place, 'block', '--', sub));

  assert.deepEqual(objects(await worked(latchkey(scene.place, 'unblock', '--json', '--', sub))), [{ user: sub, blocked: false }]);
  assert.match((await worked(latchkey(scene.place, 'unblock', '--', sub))).out, /was not blocked/);
  assert.equal((await scene.signIn()).status, 303);
  assert.equal(await isSignedIn(scene), true);
  assert.equal(sql(scene, "SELECT count(*) FROM events WHERE event = 'unblocked'"), '1');
  sound(scene);
});

signedIn('a name that fits two users is refused, with both', {}, async (scene) => {
  scene.provider.person = { sub: 'other', name: 'Other Jane', email: 'jane@example.com', email_verified: false };
  scene.browser = scene.newBrowser();
  await scene.signIn();
  const { err } = await refused(latchkey(scene.place, 'block', 'jane@example.com'), /is not one user/);
  assert.match(err, /Jane Doe.*Other Jane/);
  assert.equal(sql(scene, 'SELECT count(*) FROM blocks'), '0');
  await worked(latchkey(scene.place, 'block', 'op:other'));
});

signedIn('delete asks, then removes every row; events stay, without the person', {}, async (scene) => {
  const { sub } = await scene.whoAmI();
  await refused(latchkey(scene.place, 'delete', '--', sub), /say --yes/);
  const no = await atTerminal(scene.place, ['delete', 'jane@example.com'], '\n');
  assert.equal(no.code, 1);
  assert.match(no.out, /Delete .*Jane Doe, jane@example\.com.*cannot be undone.*\[y\/N\]/);
  assert.deepEqual(scene.rows().accounts, 1);
  assert.deepEqual(objects(await worked(latchkey(scene.place, 'delete', '--yes', '--json', '--', sub))), [{ user: sub, deleted: true }]);
  const rows = scene.rows();
  assert.deepEqual([rows.accounts, rows.identities, rows.sessions], [0, 0, 0]);
  assert.equal(await isSignedIn(scene), false);
  assert.equal(sql(scene, "SELECT count(*) FROM events WHERE event = 'deleted' AND account IS NULL"), '1');
  assert.equal(sql(scene, 'SELECT count(*) FROM events WHERE account IS NOT NULL OR address IS NOT NULL'), '0');
  await refused(latchkey(scene.place, 'delete', '--yes', '--', sub), /no user is called/);
  sound(scene);
});

signedIn('export gives one JSON document, and is an event', {}, async (scene) => {
  const { out } = await worked(latchkey(scene.place, 'export', 'jane@example.com'));
  assert.equal(typeof JSON.parse(out), 'object');
  assert.equal(out.trimEnd().split('\n').length, 1);
  assert.equal(sql(scene, "SELECT count(*) FROM events WHERE event = 'exported'"), '1');
});

// ---- keys

const keyFile = (scene, ring) => path.join(scene.place.state, 'keys', `${ring}.keys`);
const keys = (scene, ring) => fs.readFileSync(keyFile(scene, ring), 'utf8').trimEnd().split('\n').map((line) => line.split(' '));
const rewrite = (scene, ring, change) =>
  fs.writeFileSync(keyFile(scene, ring), `${keys(scene, ring).map((key, i) => change(key, i).join(' ')).join('\n')}\n`);

/** As if the keys were made `seconds` before. */
const age = (scene, ring, seconds) => rewrite(scene, ring, ([id, at, secret]) => [id, Number(at) - seconds, secret]);

signedIn('rotate-keys signs nobody out, and who is at the provider comes back', {}, async (scene) => {
  scene.browser.away = scene.newBrowser();
  const away = scene.browser.away;
  [scene.browser, away.other] = [away, scene.browser];
  const { parameters } = await scene.begin();
  const before = keys(scene, 'session')[0];
  const done = objects(await worked(latchkey(scene.place, 'rotate-keys', '--json')));
  assert.deepEqual(done.map(({ ring, older_keys: kept, retired }) => [ring, kept, retired]),
    [['session', 1, 0], ['transaction', 1, 0], ['token', 1, 0]]);
  assert.deepEqual(keys(scene, 'session')[1], before);
  assert.equal(fs.statSync(keyFile(scene, 'session')).mode & 0o777, 0o600);
  assert.equal(await isSignedIn(scene, away.other), true, 'by the older key');
  const answer = await scene.comeBack(parameters);
  assert.equal(answer.status, 303, answer.log);
  assert.equal(await isSignedIn(scene), true, 'by the newer key');
  assert.equal(sql(scene, "SELECT group_concat(detail, ' ') FROM events WHERE event = 'keys_rotated'"), 'session transaction token');
});

signedIn('rotate-keys takes the rings named', {}, async (scene) => {
  const { out } = await worked(latchkey(scene.place, 'rotate-keys', 'session'));
  assert.equal(out, 'session: a new key; 1 older kept, 0 retired\n');
  assert.deepEqual([keys(scene, 'session').length, keys(scene, 'token').length], [2, 1]);
  await refused(latchkey(scene.place, 'rotate-keys', 'sessions'), /the rings are session, transaction, token and jwt/, 2);
  assert.equal((await worked(latchkey(scene.place, 'rotate-keys', '-q', 'token'))).out, '');
});

signedIn('a session key stays as long as a session may need it, whatever the configuration says now', {}, async (scene) => {
  age(scene, 'session', 40 * 86400);
  sql(scene, 'UPDATE sessions SET created_at = created_at - 20 * 86400, expires_at = expires_at - 20 * 86400');
  const text = fs.readFileSync(scene.place.conf, 'utf8');
  fs.writeFileSync(scene.place.conf, `${text}[session]\nabsolute_timeout = 1h\nidle_timeout = 1h\n`);
  await worked(latchkey(scene.place, 'rotate-keys', 'session'));
  age(scene, 'session', 2 * 3600);
  await worked(latchkey(scene.place, 'rotate-keys', 'session'));
  assert.equal(keys(scene, 'session').length, 3);
  assert.equal(await isSignedIn(scene), true);

  sql(scene, 'UPDATE sessions SET expires_at = 1');
  assert.match((await worked(latchkey(scene.place, 'rotate-keys', 'session'))).out, /1 older kept, 2 retired|2 older kept, 1 retired/);
});

signedIn('rotating too often is refused before anybody is signed out', {}, async (scene) => {
  for (let i = 0; i < 7; i++) await worked(latchkey(scene.place, 'rotate-keys', 'session'));
  const full = keys(scene, 'session');
  assert.equal(full.length, 8);
  await refused(latchkey(scene.place, 'rotate-keys', 'session'), /holds 8 keys, and all are still needed/);
  assert.deepEqual(keys(scene, 'session'), full);
  assert.equal(await isSignedIn(scene), true);
  assert.match((await latchkey(scene.place, 'check', '--offline')).out, /note +keys session +8 keys/);
});

signedIn('--drop-old takes the older keys at once: everyone is signed out', {}, async (scene) => {
  await refused(latchkey(scene.place, 'rotate-keys', '--drop-old'), /say --yes/);
  assert.equal(keys(scene, 'session').length, 1);
  const { out } = await worked(latchkey(scene.place, 'rotate-keys', '--drop-old', '--yes'));
  assert.match(out, /session: a new key; 0 older kept, 1 retired/);
  for (const ring of ['session', 'transaction', 'token']) assert.equal(keys(scene, ring).length, 1);
  assert.equal(await isSignedIn(scene), false);
  assert.equal((await scene.signIn()).status, 303);
});

const dynamic = {
  settings: { client_id: undefined, client_secret: undefined, registration: 'dynamic' },
  provider: { hooks: { discovery: (document) => ({ ...document, registration_endpoint: new URL('/registration', document.token_endpoint).href }) } },
};

signedIn('a new token key seals the registrations’ secrets anew; the old one goes when nothing has it', dynamic, async (scene) => {
  const sealedBy = () => sql(scene, "SELECT substr(client_secret, 1, 8) FROM registrations");
  const [[first]] = keys(scene, 'token');
  assert.equal(sealedBy(), first);
  const [done] = objects(await worked(latchkey(scene.place, 'rotate-keys', 'token', '--json')));
  assert.deepEqual(done, { ring: 'token', older_keys: 1, retired: 0, sealed_anew: 1 });
  const [[second]] = keys(scene, 'token');
  assert.equal(sealedBy(), second);

  age(scene, 'token', 2 * 3600);
  await worked(latchkey(scene.place, 'vacuum'));
  assert.deepEqual(keys(scene, 'token').map(([id]) => id), [second, first], 'the session’s id_token is sealed with it');
  sql(scene, 'UPDATE sessions SET id_token = NULL');
  await worked(latchkey(scene.place, 'vacuum'));
  assert.deepEqual(keys(scene, 'token').map(([id]) => id), [second]);

  const registrations = () => scene.provider.calls().filter((endpoint) => endpoint === 'registration').length;
  assert.equal((await scene.signIn()).status, 303);
  assert.equal(registrations(), 1, 'the sealed secret is as good as before');
});

signedIn('a registration that cannot be opened stops no rotation', dynamic, async (scene) => {
  sql(scene, "UPDATE registrations SET client_secret = 'AAAAAAAA.AAAA'");
  const [done] = objects(await worked(latchkey(scene.place, 'rotate-keys', 'token', '--json')));
  assert.equal(done.sealed_anew, 0);
});

test('called by root, it works as the user that the programs run as', async () => {
  const scene = await open();
  const state = stateFolder(path.join(workFolder('owner'), 'state'));
  const { uid, gid } = fs.statSync(state);
  try {
    const conf = path.join(path.dirname(state), 'latchkey.conf');
    fs.writeFileSync(conf, fs.readFileSync(scene.place.conf, 'utf8').replace(scene.place.state, state), { mode: 0o600 });
    fs.chownSync(conf, uid, gid);
    scene.place.conf = conf;
    await scene.signIn();
    for (const file of ['latchkey.db', 'latchkey.db-wal', 'latchkey.db-shm', 'keys', 'keys/session.keys', 'keys/token.keys', 'keys/transaction.keys'])
      if (fs.existsSync(path.join(state, file))) fs.chownSync(path.join(state, file), uid, gid);
    await worked(latchkey({ conf }, 'rotate-keys'));
    await worked(latchkey({ conf }, 'vacuum'));
    for (const file of ['latchkey.db', 'keys/session.keys', 'keys/token.keys', 'keys/transaction.keys'])
      assert.equal(fs.statSync(path.join(state, file)).uid, uid, file);

    fs.chownSync(conf, process.getuid(), process.getgid());
    const { out, code } = await latchkey({ conf }, 'check', '--offline');
    if (uid === process.getuid()) assert.equal(code, 0, out);
    else assert.match(out, new RegExp(`wrong +configuration +${conf} cannot be opened by user ${uid}`), 'root can read it, the programs cannot');
  } finally {
    scene.close();
  }
});

// ---- vacuum

signedIn('vacuum clears away what is over, and nothing else', {}, async (scene) => {
  const many = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)';
  sql(scene, `INSERT INTO used ${many} SELECT CAST(printf('%032d', i) AS BLOB), 1 FROM n;
    INSERT INTO events (at, event, user_agent) ${many} SELECT 1, 'signed_in', printf('%0500d', i) FROM n;
    INSERT INTO temporary_credentials VALUES (x'00', 'x', 1);
    INSERT INTO instance_attempts VALUES ('a.example', 1);
    INSERT INTO registrations VALUES ('https://a.example', 'https://b.example', 'c', NULL, 'none', 1, 1);
    INSERT INTO api_answers VALUES (x'00', '{}', x'', 1), (x'01', '{}', x'', 9999999999);
    INSERT INTO sessions SELECT x'01', account, identity, 1, 2, 1, issuer, NULL, NULL, NULL, NULL, NULL FROM sessions;
    INSERT INTO sessions SELECT x'02', account, identity, created_at, expires_at, 1, issuer, NULL, NULL, NULL, NULL, NULL FROM sessions WHERE id_hash <> x'01'`);
  const live = sql(scene, 'SELECT count(*) FROM events WHERE at > 1');
  const [done] = objects(await worked(latchkey(scene.place, 'vacuum', '--json')));
  assert.equal(done.rows, 1200 + 1200 + 4 + 2);
  assert.ok(done.bytes_after < done.bytes_before / 2, `${done.bytes_before} became ${done.bytes_after}`);
  assert.equal(fs.statSync(path.join(scene.place.state, 'latchkey.db')).size, done.bytes_after);
  assert.equal(sql(scene, 'SELECT count(*) FROM events'), live);
  assert.equal(sql(scene, 'SELECT count(*) FROM used'), '1', 'the login’s own');
  assert.equal(await isSignedIn(scene), true);
  assert.match((await worked(latchkey(scene.place, 'vacuum'))).out, /^0 rows and 0 keys cleared away; the file had \d+ bytes, has \d+\n$/);
  sound(scene);
});

signedIn('there is a progress bar at a terminal, and nowhere else', {}, async (scene) => {
  const shown = await worked(atTerminal(scene.place, ['vacuum']));
  assert.match(shown.out, /\r\u001b\[K\[[#.]{24}\] +\d+% /);
  assert.match(shown.out, /\u001b\[K0 rows/, 'it is taken away in the end');
  for (const args of [['-q', 'vacuum'], ['-q', 'check', '--offline']])
    assert.doesNotMatch((await atTerminal(scene.place, args)).out, /\u001b/);
  assert.doesNotMatch((await atTerminal(scene.place, ['vacuum'], '', { TERM: 'dumb' })).out, /\u001b/);
  assert.equal((await worked(latchkey(scene.place, 'vacuum'))).err, '');
});

// ---- check

const wrong = (checked) => objects(checked).filter(({ status }) => status === 'wrong');

signedIn('check of a good site finds nothing wrong', {}, async (scene) => {
  const asked = scene.provider.requests.length;
  const before = sql(scene, 'SELECT * FROM documents; SELECT count(*) FROM events');
  const checked = await worked(latchkey(scene.place, 'check', '--json'));
  assert.deepEqual(wrong(checked), []);
  const lines = objects(checked).map(({ status, subject, text }) => `${status} ${subject}: ${text}`).join('\n');
  for (const line of [/^ok configuration: .*, 1 provider$/m, /^ok templates: /m, /^(ok|note) state_dir: /m,
    /^ok database: version \d+; integrity_check, foreign_key_check$/m, /^ok keys session: 1 key, the newest 0 days old$/m,
    /^ok keys transaction: /m, /^ok keys token: /m, /^ok provider op: the record is complete$/m, /^ok provider op: the clocks agree$/m,
    /^ok provider op: 1 key for RS256 ES256$/m, /^ok provider op: it knows the client_id and the redirect URI$/m,
    /^ok provider op: it does not refuse the client/m]) assert.match(lines, line);
  assert.deepEqual(scene.provider.calls(asked), ['discovery', 'jwks', 'authorize', 'token']);
  assert.equal(sql(scene, 'SELECT * FROM documents; SELECT count(*) FROM events'), before, 'nothing is changed');

  const table = await worked(latchkey(scene.place, 'check'));
  assert.match(table.out, /^ok {5}configuration {5}\//);
  assert.equal(table.err, '');
  assert.equal((await worked(latchkey(scene.place, '-q', 'check'))).out, '');
  const seen = scene.provider.requests.length;
  await worked(latchkey(scene.place, 'check', '--offline'));
  assert.equal(scene.provider.requests.length, seen, 'nobody was asked');
});

test('check of a site that nobody has used makes nothing', async () => {
  const scene = await open();
  try {
    const checked = await worked(latchkey(scene.place, 'check', '--json'));
    const notes = objects(checked).filter(({ status }) => status === 'note').map(({ subject }) => subject);
    for (const subject of ['database', 'keys session', 'keys transaction', 'keys token']) assert.ok(notes.includes(subject), subject);
    assert.deepEqual(fs.readdirSync(scene.place.state), []);
  } finally {
    scene.close();
  }
});

/** One thing is broken on a good site: there is this finding, and no other. `break_` may return settings of Scene.open(). */
function finds(name, break_, subject, what, options = {}) {
  signedIn(`check finds: ${name}`, options, async (scene, t) => {
    const mend = await break_(scene);
    if (mend) t.after(mend);
    const checked = await latchkey(scene.place, 'check', '--json');
    const found = wrong(checked);
    assert.deepEqual(found.map((finding) => finding.subject), [subject], checked.out);
    assert.match(found[0].text, what);
    assert.equal(checked.code, 1);
    assert.match((await latchkey(scene.place, '-q', 'check')).out, new RegExp(`^wrong +${subject} `));
  });
}

const conf = (change) => (scene) => {
  fs.writeFileSync(scene.place.conf, change(fs.readFileSync(scene.place.conf, 'utf8'), scene));
};
const add = (text) => conf((before) => `${before}\n${text}`);
const setting = (line) => conf((before) => before.replace('[provider op]\n', `[provider op]\n${line}\n`));
const hook = (name, change) => (scene) => { scene.provider.hooks[name] = change; };
const state = (scene, ...names) => path.join(scene.place.state, ...names);

finds('a setting that is none', add('[session]\nidel_timeout = 1h'), 'configuration', /:\d+: \[session\] has no setting idel_timeout/);
finds('a value that is none', add('[session]\nidle_timeout = soon'), 'configuration', /:\d+: idle_timeout must be a time/);
finds('a section that is none', add('[sesion]\nidle_timeout = 1h'), 'configuration', /:\d+: there is no section \[sesion\]/);
finds('a line that is none', add('[session]\nidle_timeout'), 'configuration', /:\d+: /);
finds('a configuration that anyone can read', (scene) => fs.chmodSync(scene.place.conf, 0o644), 'configuration', /can be read by anyone.*chmod o-rwx/);
finds('no base_url', conf((text) => text.replace(/base_url.*/, '')), 'configuration', /needs base_url/);
finds('a ca_file that is not there', conf((text) => text.replace('[site]', '[site]\nca_file = /nowhere/ca.pem')), 'ca_file', /cannot be opened/);
finds('templates that are not there', conf((text) => text.replace(/templates = .*/, 'templates = /nowhere')), 'templates', /\/nowhere/);
finds('a list of addresses that is not there', add('[policy]\nallowed_emails_file = people'), 'policy', /people/);

function ownTemplates(scene) {
  const folder = path.join(workFolder('templates'), 'templates');
  fs.cpSync(templates, folder, { recursive: true });
  conf((text) => text.replace(/templates = .*/, `templates = ${folder}`))(scene);
  return folder;
}
finds('a page that is missing', (scene) => fs.rmSync(path.join(ownTemplates(scene), 'delete.html')), 'templates', /^delete\.html \(en\): cannot open/);
finds('a page with a mistake', (scene) => fs.appendFileSync(path.join(ownTemplates(scene), 'account.html'), '{{#open}}'), 'templates', /^account\.html \(en\): line \d+: /);
finds('a text that is missing', (scene) => {
  const folder = ownTemplates(scene);
  for (const file of fs.readdirSync(folder).filter((name) => /^texts\./.test(name))) {
    if (file !== 'texts.en.ini') fs.rmSync(path.join(folder, file));
    else fs.writeFileSync(path.join(folder, file), fs.readFileSync(path.join(folder, file), 'utf8').replace(/^error_not_found_text.*\n/m, ''));
  }
}, 'templates', /error_not_found_text/);

finds('a rule that lets everybody pass', add('[rule staff]'), 'rule staff', /:\d+: \[rule staff\] sets nothing/);
finds('a rule with a mistake', add('[rule staff]\ngroup = staff'), 'rule staff', /:\d+: \[rule\] has no setting group/);
finds('a rule of a provider that is none', add('[rule staff]\nproviders = op corp'), 'rule staff', /:\d+: providers: there is no \[provider corp\]/);
finds('a rule’s list of addresses that is not there', add('[rule staff]\nallowed_emails_file = staff.txt'), 'rule staff', /staff\.txt/);

const shared = '[token]\nalgorithm = HS256\naudience = https://api.example\n';
finds('tokens by a secret that nobody has', add(shared), 'configuration', /:\d+: algorithm HS256 needs secret or secret_file/);
finds('a token’s secret that is too short', add(`${shared}secret = hush`), 'configuration', /:\d+: secret must have 32 bytes or more/);
finds('a token’s secret that is not there', add(`${shared}secret_file = api.secret`), 'token', /cannot open .*api\.secret/);
finds('a token’s key that is none', (scene) => fs.writeFileSync(keyFile(scene, 'jwt'), `AAAAAAAA 1 ES256 ${'A'.repeat(43)}\n`, { mode: 0o600 }),
  'keys jwt', /AAAAAAAA is not a key for ES256/);

finds('an API that is nowhere', add('[api it]\nmethods = GET'), 'apis', /:\d+: base_url is missing/);
finds('an API of a provider that is none', add('[api it]\nbase_url = https://api.example/\nprovider = nobody'), 'apis', /:\d+: provider must be the ID/);
finds('an API of many servers at a provider that has one', add('[api it]\nbase_url = https://{instance}/\nprovider = op'), 'apis', /:\d+: base_url has \{instance\}/);
finds('an API’s key that is not there', add('[api it]\nbase_url = https://api.example/\nkey_file = it.key\nkey_field = X-Key'), 'apis', /it\.key/);

finds('a state folder that anyone can write to', (scene) => fs.chmodSync(scene.place.state, 0o777), 'state_dir', /anyone can write .*chmod o-w/);
finds('a state folder that is none', conf((text, scene) => text.replace(scene.place.state, scene.place.conf)), 'state_dir', /is not a folder|Not a directory/);
finds('a state folder that is not there', conf((text) => text.replace(/state_dir = .*/, 'state_dir = /nowhere')), 'state_dir', /\/nowhere.*No such file/);
finds('a key file that others can read', (scene) => fs.chmodSync(keyFile(scene, 'token'), 0o640), 'keys token', /is open to others: chmod 600/);
finds('a key file with half a key', (scene) => fs.truncateSync(keyFile(scene, 'session'), 30), 'keys session', /session\.keys:1: not a key/);
finds('a database that anyone can read', (scene) => fs.chmodSync(state(scene, 'latchkey.db'), 0o644), 'database', /is open to anyone: chmod o-rwx/);
finds('a database of a newer Latchkey', (scene) => sql(scene, 'PRAGMA user_version = 99'), 'database', /of version 99, this program knows \d+: install the newer/);
finds('a row that belongs to nobody', (scene) => {
  sql(scene, 'PRAGMA foreign_keys = OFF; INSERT INTO blocks VALUES (4711, 1)');
}, 'database', /foreign_key_check.*blocks/);
finds('a damaged database', (scene) => {
  sql(scene, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const file = fs.openSync(state(scene, 'latchkey.db'), 'r+');
  fs.writeSync(file, Buffer.alloc(200, 0x55), 0, 200, 0);
  fs.closeSync(file);
}, 'database', /not a database|malformed|disk image/);

finds('a provider without an issuer', add('[provider corp]\nclient_id = a\nclient_secret = b'), 'provider corp', /:\d+: \[provider corp\] needs issuer/);
finds('a provider’s setting that is none', setting('clientid = x'), 'provider op', /:\d+: a provider has no setting "clientid"/);
finds('a secret that is not there', setting('client_secret_file = gone.secret'), 'provider op', /gone\.secret/);
finds('a secret that anyone can read', (scene) => {
  const file = path.join(path.dirname(scene.place.conf), 'open.secret');
  fs.writeFileSync(file, 'secret\n');
  fs.chmodSync(file, 0o644);
  setting(`client_secret_file = ${file}`)(scene);
}, 'provider op', /is open to everyone: chmod o-rwx/);
finds('a private key that is none', (scene) => {
  const file = path.join(path.dirname(scene.place.conf), 'op.pem');
  fs.writeFileSync(file, 'no key\n', { mode: 0o600 });
  conf((text) => text.replace(/token_endpoint_auth_method = .*/, `token_endpoint_auth_method = private_key_jwt\nprivate_key_file = ${file}`))(scene);
}, 'provider op', /key/);

finds('a provider that is not there', (scene) => scene.provider.stop(), 'provider op', /onnect|refused/);
finds('another issuer', hook('discovery', (document) => ({ ...document, issuer: `${document.issuer}/` })), 'provider op', /issuer is not the configured one/);
finds('an endpoint that is not https', hook('discovery', (document) => ({ ...document, token_endpoint: 'http://op.example/token' })),
  'provider op', /token_endpoint is not an https address/);
finds('a discovery document that is none', hook('discovery', () => new Reply(200, '<html>', { type: 'text/html' })), 'provider op', /JSON|json/);
finds('a discovery document that is gone', hook('discovery', () => new Reply(404)), 'provider op', /status 404/);
finds('keys that are gone', hook('jwks', () => new Reply(500)), 'provider op', /\/jwks answers with status 500/);
finds('keys that are none', hook('jwks', () => ({ keys: 'none' })), 'provider op', /keys/);
finds('no key for what it signs with', hook('jwks', () => ({ keys: [] })), 'provider op', /has no key for RS256 ES256/);
finds('a clock that is an hour off', hook('jwks', ({ keys: list }) => new Reply(200, JSON.stringify({ keys: list }),
  { headers: { Date: new Date(Date.now() - 3600e3).toUTCString() } })), 'provider op', /clock is 3\d{3} seconds ahead of the provider's/);
finds('a redirect URI that is not registered', (scene) => { scene.provider.client.redirectUri = `${origin}/elsewhere`; }, 'provider op',
  new RegExp(`status 400: is the client_id right, and ${program('callback.cgi/op')} registered there`));
finds('a client that may not ask for logins', (scene) => { scene.provider.says = 'unauthorized_client'; }, 'provider op', /error unauthorized_client/);
finds('a wrong secret', (scene) => { scene.provider.client.secret = 'another'; }, 'provider op', /does not take us for its client.*invalid_client/);
finds('tokens for anybody', (scene) => {
  scene.provider.answer_token = () => ({ access_token: 'a', token_type: 'Bearer', id_token: 'a.b.c' });
}, 'provider op', /tokens for a code that it never issued/);

signedIn('check tells all mistakes of the configuration at once', {}, async (scene) => {
  add('[session]\nidle_timeout = soon\nfoo = 1\n[login]\ntimeout = never\n[provider corp]\nclient_id = a\n[provider B]\n')(scene);
  const checked = await latchkey(scene.place, 'check', '--json');
  assert.equal(checked.code, 1);
  const found = wrong(checked).map(({ text }) => text).join('\n');
  for (const word of ['idle_timeout', 'foo', 'timeout must', 'provider NAME', 'provider corp']) assert.ok(found.includes(word), `${word}\n${found}`);
});

signedIn('what cannot be told is not checked, and nothing is wrong', {}, async (scene) => {
  scene.provider.answer_authorize = () => new Reply(200, '<html>', { type: 'text/html' });
  scene.provider.answer_token = () => new Reply(400, '{"error":"invalid_request"}');
  const checked = await worked(latchkey(scene.place, 'check', '--json'));
  const notes = objects(checked).filter(({ status, subject }) => status === 'note' && subject === 'provider op');
  assert.equal(notes.length, 2);
  for (const { text } of notes) assert.match(text, /not checked/);
});

signedIn('a client that registers itself is not checked', dynamic, async (scene) => {
  const asked = scene.provider.requests.length;
  const checked = await worked(latchkey(scene.place, 'check', '--json'));
  assert.ok(objects(checked).some(({ status, text }) => status === 'note' && /registers itself/.test(text)));
  assert.deepEqual(scene.provider.calls(asked), ['discovery', 'jwks']);
});

signedIn('an older database is not brought up to date by looking', {}, async (scene) => {
  sql(scene, 'PRAGMA user_version = 1');
  const checked = await worked(latchkey(scene.place, 'check', '--json'));
  assert.ok(objects(checked).some(({ status, subject, text }) => status === 'note' && subject === 'database' && /of version 1: the programs bring it up to date/.test(text)));
  assert.equal(sql(scene, 'PRAGMA user_version'), '1');
});

signedIn('no secret is in what check says', {}, async (scene) => {
  for (const args of [['check'], ['check', '--json']]) {
    const { out, err } = await worked(latchkey(scene.place, ...args));
    for (const text of [scene.provider.client.secret, keys(scene, 'session')[0][2]]) assert.ok(!(out + err).includes(text));
  }
});
