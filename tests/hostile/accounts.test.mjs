// The account page and what its forms do, through the programs: what a person does with the own account, and that nobody else can.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { json } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { Provider } from './provider.mjs';
import { checkSignedIn, now, origin, program, rules, Scene } from './scene.mjs';

const site = { origin, 'sec-fetch-site': 'same-origin' };
const asJson = { accept: 'application/json' };

// ---- a site with two providers

/** What an SQL query of the scene's database gives: one line a row, columns between "|". */
const ask = (scene, sql) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(scene.place.state, 'latchkey.db'), sql],
  { encoding: 'utf8' }).trim();

/** Everything that is stored of anybody, but when a session was seen last. */
const rows = (scene) => ['accounts', 'identities', 'shown', 'blocks', 'tokens', 'events', 'used',
  'sessions (id_hash, account, identity, created_at, expires_at, issuer, sid, id_token)'].map((table) => {
  const [, name, columns = '*'] = table.match(/^(\w+)(?: \((.*)\))?$/);
  return `${name}: ${ask(scene, `SELECT ${columns.replace('id_hash', 'hex(id_hash)')} FROM ${name} ORDER BY 1`)}`;
}).join('\n');

const base64url = (hex) => Buffer.from(hex, 'hex').toString('base64url');
const eventsOf = (scene) => ask(scene, 'SELECT event, provider, detail FROM events ORDER BY id').split('\n');

/**
 * A test with providers "op" and "two" (scene.second), somebody signed in through the first, and a look at the database afterwards:
 * it satisfies every constraint, whatever was done. `second` is for the section of the other provider.
 */
function accountTest(name, { second: settings = {}, signIn = true, more = () => '', ...options }, body) {
  test(name, async (t) => {
    const second = await Provider.start({ client: { id: 'latchkey-2', redirectUri: program('callback.cgi/two') } });
    t.after(() => second.stop());
    second.person = { sub: 'second-1', name: 'J. Doe', email: 'doe@example.net', email_verified: true };
    const scene = await Scene.open({ ...options, more: (it) => it.section('two', second, settings) + more(it) });
    t.after(() => scene.close());
    scene.second = second;
    scene.secondPosts = settings.response_mode === 'form_post';
    if (signIn) scene.me = await checkSignedIn(scene, await scene.signIn());
    await body(scene);
    assert.equal(ask(scene, 'PRAGMA foreign_key_check'), '');
    assert.equal(ask(scene, 'PRAGMA integrity_check'), 'ok');
    assert.deepEqual([scene.provider.complaints, second.complaints], [[], []]);
    for (const [secret, what] of second.secrets) scene.provider.secrets.set(secret, what);
    scene.checkNoSecretInLog();
    for (const { name: person, email } of [scene.provider.person, second.person])
      for (const text of [person, email]) assert.ok(!scene.log.includes(text), `${text} is in the log`);
  });
}

/** A page's forms: [{ action: 'unlink', fields: { csrf_token, … }, text }]. */
const forms = (body) => [...body.matchAll(/<form[^>]*method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(([, action, inside]) => ({
  action: action.replace(/^.*account\.cgi\//, ''), text: inside.replace(/<[^>]*>/g, ' '),
  fields: Object.fromEntries([...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, value])),
}));

/** The account page; or another answer of me.cgi. */
async function accountPage(scene, browser = scene.browser, query = '') {
  const answer = await browser.get(program(`me.cgi${query}`));
  scene.log += answer.log;
  return answer;
}
const formsOf = async (scene, browser) => forms((await accountPage(scene, browser)).body);

/** The page's form for this, with these fields. */
async function formFor(scene, action, fields = {}, browser) {
  const found = (await formsOf(scene, browser)).find((form) => form.action === action &&
    Object.entries(fields).every(([name, value]) => form.fields[name] === String(value)));
  assert.ok(found, `the page has no form for ${action} ${JSON.stringify(fields)}`);
  return found;
}

async function post(scene, action, fields, { browser = scene.browser, headers = {}, ...options } = {}) {
  const answer = await browser.post(program(`account.cgi/${action}`), fields, { headers: { ...site, ...headers }, ...options });
  scene.log += answer.log;
  assert.equal(answer.code, 0, answer.log);
  return answer;
}

/** Presses the page's button. */
async function press(scene, action, fields, { browser, more = {} } = {}) {
  const form = await formFor(scene, action, fields, browser);
  return post(scene, action, { ...form.fields, ...more }, { browser });
}

function checkDone(answer, word) {
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, program(`me.cgi?done=${word}`));
}

function checkRefused(answer, status, rule) {
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status, answer.log);
}

/** Where the page that leads to a provider leads to. */
function ledTo(answer) {
  assert.equal(answer.status, 200, answer.log);
  return answer.body.match(/<meta http-equiv="refresh" content="0; url=([^"]*)">/)[1].replaceAll('&amp;', '&');
}

/** As far as the provider's answer: what callback.cgi is called with. */
async function begin(scene, action, id, { browser, person, more } = {}) {
  const provider = id === 'op' ? scene.provider : scene.second;
  const url = ledTo(await press(scene, action, { provider: id }, { browser, more }));
  return { id, url, parameters: provider.authorize(url, person) };
}

/** callback.cgi, as the provider answers. */
const finish = (scene, { id, parameters }, { browser = scene.browser, ...options } = {}) =>
  scene.comeBack(parameters, { id, browser, post: id === 'two' && scene.secondPosts, ...options });

async function link(scene, { id = 'two', browser, person } = {}) {
  const answer = await finish(scene, await begin(scene, 'link', id, { browser, person }), { browser });
  checkDone(answer, 'linked');
  return answer;
}

/** Signs a browser of its own in. */
async function signInAt(scene, id, person, { query = '' } = {}) {
  const browser = scene.newBrowser();
  const provider = id === 'op' ? scene.provider : scene.second;
  const answer = await browser.get(program(`login.cgi?provider=${id}${query}`));
  scene.log += answer.log;
  assert.equal(answer.status, 303, answer.log);
  const back = await finish(scene, { id, parameters: provider.authorize(answer.headers.location, person) }, { browser });
  return { browser, answer: back };
}

const grace = { sub: 'grace', name: 'Grace Hopper', email: 'grace@example.org' };
const identities = async (scene, browser) => (await scene.whoAmI(browser)).identities?.map(({ provider, sub }) => `${provider} ${sub}`);
const isIn = async (scene, browser) => (await scene.whoAmI(browser)).status === 200;
const age = (scene, seconds) => ask(scene, `UPDATE sessions SET created_at = created_at - ${seconds}`);

// ---- linking

accountTest('another provider is connected: the same account and session, under a new id', {}, async (scene) => {
  const before = scene.browser.cookieField();
  const { url, ...back } = await begin(scene, 'link', 'two');
  assert.equal(new URL(url).searchParams.get('prompt'), null, 'whoever is signed in there will do');
  const answer = await finish(scene, back);
  checkDone(answer, 'linked');
  const me = await scene.whoAmI();
  assert.equal(me.sub, scene.me.sub);
  assert.deepEqual(me.identities, [
    { provider: 'op', sub: '248289761001', email: 'jane@example.com' }, { provider: 'two', sub: 'second-1', email: 'doe@example.net' },
  ]);
  assert.deepEqual([me.name, me.email, me.provider], ['Jane Doe', 'jane@example.com', 'op'], 'it shows what it showed');
  assert.deepEqual(me.session, scene.me.session);
  assert.notEqual(me.csrf_token, scene.me.csrf_token);
  assert.equal((await scene.browser.get(program('me.cgi'), { cookie: before, headers: asJson })).status, 401, 'the old id is none');
  assert.equal(scene.rows().sessions, 1);
  assert.match((await accountPage(scene, scene.browser, '?done=linked')).body, /role="status">/);
  const { browser } = await signInAt(scene, 'two');
  assert.equal((await scene.whoAmI(browser)).sub, me.sub, 'and leads to the account from anywhere');
});

accountTest('a provider that answers by form_post is connected, although its POST carries no session', { second: { response_mode: 'form_post' } },
  async (scene) => {
    const [{ sameSite }] = [...scene.browser.jar].filter(([name]) => name.endsWith('session')).map(([, cookie]) => cookie);
    assert.equal(sameSite, 'Lax');
    const answer = await link(scene);
    assert.match(answer.cookies.find((field) => field.includes('session=')), /; Max-Age=\d{7};/, 'it stays as long as before');
    assert.deepEqual(await identities(scene), ['op 248289761001', 'two second-1']);
    assert.equal(scene.rows().sessions, 1);
  });

accountTest('two accounts at the same provider', {}, async (scene) => {
  await link(scene, { id: 'op', person: { sub: 'second-at-op', name: 'Other', email: 'other@example.com' } });
  assert.deepEqual(await identities(scene), ['op 248289761001', 'op second-at-op']);
});

accountTest('what is connected already stays so', {}, async (scene) => {
  await link(scene);
  await link(scene);
  assert.deepEqual(await identities(scene), ['op 248289761001', 'two second-1']);
  assert.deepEqual(eventsOf(scene).slice(-2), ['linked|two|', 'linked|two|again']);
});

for (const [name, person] of Object.entries({
  'somebody else’s': grace, 'somebody else’s with my address': { ...grace, email: 'jane@example.com' },
}))
  accountTest(`${name} account there is refused, without telling whose it is`, {}, async (scene) => {
    const other = await signInAt(scene, 'two', person);
    const back = await begin(scene, 'link', 'two', { person });
    const before = ask(scene, 'SELECT * FROM identities');
    const answer = await finish(scene, back);
    checkRefused(answer, 409, 'identity_taken');
    for (const text of [...Object.values(grace), (await scene.whoAmI(other.browser)).sub])
      assert.ok(!answer.body.includes(text), `${text} is on the page`);
    assert.match(answer.body, /href="[^"]*me\.cgi">Try again/, 'back to the account page');
    assert.equal(ask(scene, 'SELECT * FROM identities'), before);
    assert.deepEqual(await identities(scene), ['op 248289761001'], 'and one is still signed in');
    assert.ok(await isIn(scene, other.browser));
    assert.deepEqual(ask(scene, "SELECT detail, account FROM events WHERE event = 'sign_in_refused'"), 'identity_taken|1', 'told to who tried');
    const again = await scene.browser.get(program('callback.cgi/two'), { cookie: answer.sent, query: answer.text });
    assert.deepEqual(rules(again.log), ['login_used']);
  });

accountTest('two tabs connect at once: one after the other', {}, async (scene) => {
  const first = await begin(scene, 'link', 'two');
  const second = await begin(scene, 'link', 'two', { person: { sub: 'second-2' } });
  checkDone(await finish(scene, first), 'linked');
  const late = await finish(scene, second);
  checkRefused(late, 400, 'link_session');
  assert.match(late.body, /href="[^"]*me\.cgi">Try again/);
  assert.deepEqual(await identities(scene), ['op 248289761001', 'two second-1']);
  await link(scene, { person: { sub: 'second-2' } });
});

for (const who of ['the same', 'another'])
  accountTest(`two tabs connect ${who} at the same moment`, {}, async (scene) => {
    for (let i = 0; i < 5; i++) {
      const begun = [await begin(scene, 'link', 'two'), await begin(scene, 'link', 'two', { person: who === 'another' ? { sub: `x${i}` } : {} })];
      const cookie = scene.browser.cookieField();
      const answers = await Promise.all(begun.map((one) => finish(scene, one, { cookie })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 400], answers.map(({ log }) => log).join(''));
      scene.browser.keep(answers.find(({ status }) => status === 303).cookies.find((field) => field.includes('session=')));
      assert.ok(await isIn(scene));
      assert.equal(scene.rows().sessions, 1);
    }
    assert.equal(ask(scene, 'SELECT count(DISTINCT account) FROM identities'), '1');
  });

accountTest('two people connect the same account there at the same moment: one of them gets it', {}, async (scene) => {
  const other = await signInAt(scene, 'op', grace);
  const begun = [await begin(scene, 'link', 'two'), await begin(scene, 'link', 'two', { browser: other.browser })];
  const answers = await Promise.all(begun.map((one, i) => finish(scene, one, { browser: i ? other.browser : scene.browser })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409], answers.map(({ log }) => log).join(''));
  assert.equal(ask(scene, "SELECT count(*) FROM identities WHERE subject = 'second-1'"), '1');
});

/** Nothing is connected to anybody, and nobody is signed in by it. */
async function checkOver(scene, answer) {
  checkRefused(answer, 400, 'link_session');
  assert.match(answer.body, /Nothing was changed/);
  assert.ok(!answer.cookies.some((field) => field.includes('session=') && !field.includes('Max-Age=0')));
  assert.equal(ask(scene, "SELECT count(*) FROM identities WHERE provider = 'two'"), '0');
}

for (const posts of [false, true]) {
  const how = posts ? ', by form_post' : '';
  const options = posts ? { second: { response_mode: 'form_post' } } : {};
  accountTest(`a connection finished after signing out is refused${how}`, options, async (scene) => {
    const back = await begin(scene, 'link', 'two');
    await scene.browser.post(program('logout.cgi'), {}, { headers: site });
    await checkOver(scene, await finish(scene, back));
    assert.ok(!await isIn(scene));
  });
  accountTest(`a connection finished as somebody else is refused${how}`, options, async (scene) => {
    const back = await begin(scene, 'link', 'two');
    const { parameters } = await scene.begin();
    const other = scene.provider.logins.at(-1);
    Object.assign(other.person, grace);
    await scene.comeBack(parameters);
    await checkOver(scene, await finish(scene, back));
    assert.deepEqual(await identities(scene), ['op grace']);
  });
  accountTest(`a connection finished after the session was ended from afar is refused${how}`, options, async (scene) => {
    const back = await begin(scene, 'link', 'two');
    const other = await signInAt(scene, 'op');
    checkDone(await press(scene, 'sessions', { end: 'others' }, { browser: other.browser }), 'sessions');
    await checkOver(scene, await finish(scene, back));
  });
  accountTest(`a connection finished after the account was deleted is refused${how}`, options, async (scene) => {
    const back = await begin(scene, 'link', 'two');
    const { csrf_token: token } = await scene.whoAmI();
    assert.equal((await post(scene, 'delete', { csrf_token: token, confirm: 'yes' })).status, 303);
    await checkOver(scene, await finish(scene, back));
    assert.equal(scene.rows().accounts, 0);
  });
}

accountTest('a connection carried into another browser is refused', {}, async (scene) => {
  const back = await begin(scene, 'link', 'two');
  const victim = (await signInAt(scene, 'op', grace)).browser;
  const answer = await finish(scene, back, { browser: victim });
  checkRefused(answer, 400, 'login_cookie_missing');
  // Even with the login's own cookie: it belongs to another session.
  const cookies = [...scene.browser.jar].filter(([name]) => name.includes('login-')).map(([name, { value }]) => `${name}=${value}`);
  const forced = await finish(scene, back, { browser: victim, cookie: [...cookies, victim.cookieField()].join('; ') });
  await checkOver(scene, forced);
});

accountTest('a browser that was closed meanwhile has no session to come back to', { site: '[session]\nremember = never' }, async (scene) => {
  const back = await begin(scene, 'link', 'two');
  scene.browser.jar.delete('__Host-latchkey-session');
  await checkOver(scene, await finish(scene, back));
});

accountTest('saying no at the provider leads back to the account page', {}, async (scene) => {
  const { parameters } = await begin(scene, 'link', 'two');
  const answer = await finish(scene, { id: 'two', parameters: { error: 'access_denied', state: parameters.state, iss: parameters.iss } });
  checkRefused(answer, 403, 'login_denied');
  assert.match(answer.body, /href="[^"]*me\.cgi">Try again/);
  assert.deepEqual(await identities(scene), ['op 248289761001']);
});

for (const [name, fields, status, rule] of [
  ['no provider', {}, 400, 'parameter_wrong'], ['an empty one', { provider: '' }, 400, 'parameter_wrong'],
  ['an unknown one', { provider: 'evil' }, 404, 'provider_unknown'], ['a path', { provider: '../op' }, 404, 'provider_unknown'],
  ['a server of a provider that has one', { provider: 'two', instance: 'evil.example' }, 400, 'parameter_wrong'],
  ['no name of a server', { provider: 'two', instance: '127.0.0.1' }, 400, 'instance'],
  ['none, where the provider has many servers', { provider: 'mastodon' }, 400, 'instance'],
])
  for (const action of ['link', 'confirm'])
    accountTest(`${action}: ${name}`, { more: () => '[provider mastodon]\n' }, async (scene) => {
      const before = rows(scene);
      const answer = await post(scene, action, { csrf_token: scene.me.csrf_token, ...fields });
      checkRefused(answer, status, rule);
      assert.deepEqual(answer.cookies, []);
      assert.equal(rows(scene), before);
    });

// ---- what is shown

accountTest('name and address are chosen, each for itself, and follow what is chosen', {}, async (scene) => {
  await link(scene);
  const [first, second] = ask(scene, 'SELECT id FROM identities ORDER BY id').split('\n');
  checkDone(await press(scene, 'profile', {}, { more: { name_identity: second, email_identity: first } }), 'profile');
  assert.deepEqual(Object.values(await scene.whoAmI()).slice(2, 5), ['J. Doe', 'jane@example.com', true]);
  const { body } = await accountPage(scene);
  assert.match(body, new RegExp(`name="name_identity">[^]*?<option value="${second}" selected>two: J\\. Doe</option>[^]*?</select>`));
  assert.match(body, new RegExp(`name="email_identity">\\s*<option value="${first}" selected>op: jane@example\\.com</option>`));
  await signInAt(scene, 'two', { name: 'Changed', email: 'changed@example.net' });
  await signInAt(scene, 'op', { name: 'Jane Roe', email: 'roe@example.com', email_verified: false });
  const me = await scene.whoAmI();
  assert.deepEqual([me.name, me.email, me.email_verified], ['Changed', 'roe@example.com', false]);
  const unlinked = await press(scene, 'unlink', { identity: second });
  checkDone(unlinked, 'unlinked');
  assert.equal((await scene.whoAmI()).name, 'Jane Roe', 'what is gone is no longer shown');
});

// ---- disconnecting

accountTest('an account is disconnected: it leads here no more', {}, async (scene) => {
  await link(scene);
  const [, second] = ask(scene, 'SELECT id FROM identities ORDER BY id').split('\n');
  const elsewhere = (await signInAt(scene, 'two')).browser;
  checkDone(await press(scene, 'unlink', { identity: second }), 'unlinked');
  assert.deepEqual(await identities(scene), ['op 248289761001']);
  assert.ok(!await isIn(scene, elsewhere), 'sessions through it are over');
  const { browser } = await signInAt(scene, 'two');
  assert.notEqual((await scene.whoAmI(browser)).sub, scene.me.sub);
});

accountTest('the account that one is signed in with can be disconnected: the session goes on', {}, async (scene) => {
  await link(scene);
  const [first] = ask(scene, 'SELECT id FROM identities ORDER BY id').split('\n');
  checkDone(await press(scene, 'unlink', { identity: first }), 'unlinked');
  const me = await scene.whoAmI();
  assert.deepEqual([me.sub, me.provider, me.name], [scene.me.sub, 'two', 'J. Doe']);
  assert.deepEqual(await identities(scene), ['two second-1']);
  // It is no session of the first provider's any more, who cannot end it.
  const token = scene.provider.logoutToken();
  const answer = await scene.newBrowser().post(program('logout.cgi/backchannel/op'), { logout_token: token }, { crossSite: true });
  assert.equal(answer.status, 200, answer.log);
  assert.ok(await isIn(scene));
});

accountTest('the last way in stays', {}, async (scene) => {
  assert.deepEqual((await formsOf(scene)).filter(({ action }) => action === 'unlink'), [], 'there is no button');
  const before = rows(scene);
  const answer = await post(scene, 'unlink', { csrf_token: scene.me.csrf_token, identity: 1 });
  checkRefused(answer, 409, 'last_identity');
  assert.equal(rows(scene), before);
});

accountTest('disconnecting twice: the second finds nothing', {}, async (scene) => {
  await link(scene);
  const form = await formFor(scene, 'unlink', { identity: 2 });
  checkDone(await post(scene, 'unlink', form.fields), 'unlinked');
  checkRefused(await post(scene, 'unlink', form.fields), 404, 'not_yours');
});

accountTest('all ways in are disconnected at the same moment: one stays', {}, async (scene) => {
  for (const sub of ['a', 'b', 'c']) await link(scene, { person: { sub } });
  const { csrf_token: token } = await scene.whoAmI();
  const ids = ask(scene, 'SELECT id FROM identities').split('\n');
  const answers = await Promise.all(ids.map((identity) => post(scene, 'unlink', { csrf_token: token, identity })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 303, 303, 409], answers.map(({ log }) => log).join(''));
  assert.equal(scene.rows().identities, 1);
  assert.ok(await isIn(scene));
});

// ---- sessions

accountTest('the page lists the sessions, and ends one of them', {}, async (scene) => {
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0' };
  const other = scene.newBrowser();
  const { headers: { location } } = await other.get(program('login.cgi?provider=op'), { headers });
  const variables = { REMOTE_ADDR: '203.0.113.9' };
  await finish(scene, { id: 'op', parameters: scene.provider.authorize(location) }, { browser: other, headers, run: { variables } });
  const { body } = await accountPage(scene);
  assert.match(body, /<bdi>Firefox, Linux<\/bdi>/);
  assert.match(body, /<bdi>203\.0\.113\.9<\/bdi>/);
  const ends = forms(body).filter(({ action, fields }) => action === 'sessions' && fields.end !== 'others');
  assert.equal(ends.length, 1, 'for the other one alone');
  checkDone(await post(scene, 'sessions', ends[0].fields), 'sessions');
  assert.ok(!await isIn(scene, other));
  assert.ok(await isIn(scene));
  checkRefused(await post(scene, 'sessions', ends[0].fields), 404, 'not_yours');
  assert.deepEqual(eventsOf(scene).slice(-1), ['sessions_ended||1']);
});

accountTest('all other sessions are ended', {}, async (scene) => {
  const others = [];
  for (let i = 0; i < 3; i++) others.push((await signInAt(scene, 'op')).browser);
  const stranger = (await signInAt(scene, 'op', grace)).browser;
  checkDone(await press(scene, 'sessions', { end: 'others' }), 'sessions');
  for (const browser of others) assert.ok(!await isIn(scene, browser));
  assert.ok(await isIn(scene));
  assert.ok(await isIn(scene, stranger), 'nobody else’s');
  assert.deepEqual(eventsOf(scene).slice(-1), ['sessions_ended||3']);
});

for (const [name, end] of [
  ['all sessions', () => 'all'], ['one’s own session by its name', (scene) => base64url(ask(scene, 'SELECT hex(id_hash) FROM sessions'))],
])
  accountTest(`${name} ended: one is signed out here, and goes home`, {}, async (scene) => {
    const answer = await post(scene, 'sessions', { csrf_token: scene.me.csrf_token, end: end(scene) });
    assert.equal(answer.status, 303, answer.log);
    assert.equal(answer.headers.location, `${origin}/`, 'and not on to a provider that would lead straight back in');
    assert.ok(!scene.browser.isSignedIn());
    assert.equal(scene.rows().sessions, 0);
  });

// ---- confirming

/** The page that asks to sign in once more; its forms. */
function checkAsked(answer) {
  assert.equal(answer.status, 403, answer.log);
  assert.match(answer.body, /Is it you\?/);
  assert.deepEqual(rules(answer.log), []);
  return forms(answer.body).filter(({ action }) => action === 'confirm');
}

for (const [action, fields] of [['unlink', { identity: 2 }], ['delete', {}], ['delete', { confirm: 'yes' }]])
  accountTest(`${action} ${JSON.stringify(fields)} with an old login asks to sign in once more, and then works`, {}, async (scene) => {
    await link(scene);
    age(scene, 901);
    const { csrf_token: token } = await scene.whoAmI();
    const before = rows(scene);
    const ways = checkAsked(await post(scene, action, { csrf_token: token, ...fields }));
    assert.equal(rows(scene), before);
    assert.deepEqual(ways.map(({ fields: { provider } }) => provider), ['op', 'two'], 'by any way into the account');
    assert.equal((await post(scene, action, { csrf_token: token, ...fields }, { headers: asJson })).status, 403);
    assert.deepEqual(json(await post(scene, action, { csrf_token: token, ...fields }, { headers: asJson })).error, 'confirmation_required');

    const cookie = scene.browser.cookieField();
    const url = ledTo(await post(scene, 'confirm', ways[0].fields));
    const asked = new URL(url).searchParams;
    assert.deepEqual([asked.get('prompt'), asked.get('max_age')], ['login', '900']);
    checkDone(await finish(scene, { id: 'op', parameters: scene.provider.authorize(url) }), 'confirmed');
    assert.equal((await scene.browser.get(program('me.cgi'), { cookie, headers: asJson })).status, 401, 'a new id');
    const me = await scene.whoAmI();
    assert.equal(me.sub, scene.me.sub);
    assert.ok(me.session.created_at >= now() - 5);
    assert.equal(me.session.expires_at, scene.me.session.expires_at, 'it does not last longer for that');
    assert.deepEqual(eventsOf(scene).slice(-1), ['confirmed|op|']);
    const done = await post(scene, action, { csrf_token: me.csrf_token, ...fields });
    assert.equal(done.status, action === 'delete' && !fields.confirm ? 200 : 303, done.log);
  });

accountTest('what harms nobody asks for no fresh login', {}, async (scene) => {
  await link(scene);
  await signInAt(scene, 'op');
  age(scene, 86400);
  checkDone(await press(scene, 'profile', {}, { more: { name_identity: 2, email_identity: 2 } }), 'profile');
  checkDone(await press(scene, 'sessions', { end: 'others' }), 'sessions');
  assert.equal((await press(scene, 'export', {})).status, 200);
  await link(scene, { person: { sub: 'third' } });
});

accountTest('confirm_after is the site’s to choose', { site: '[account]\nconfirm_after = 1h' }, async (scene) => {
  await link(scene);
  age(scene, 3590);
  checkDone(await press(scene, 'unlink', { identity: 2 }), 'unlinked');
});

accountTest('another way into the account confirms, too', {}, async (scene) => {
  await link(scene);
  age(scene, 3600);
  const ways = checkAsked(await press(scene, 'unlink', { identity: 1 }));
  const url = ledTo(await post(scene, 'confirm', ways[1].fields));
  checkDone(await finish(scene, { id: 'two', parameters: scene.second.authorize(url) }), 'confirmed');
  assert.equal((await scene.whoAmI()).provider, 'two');
  checkDone(await press(scene, 'unlink', { identity: 1 }), 'unlinked');
});

accountTest('the ways to confirm are each there once, and know their server', { more: () => '[provider mastodon]\n' }, async (scene) => {
  for (const sub of ['a', 'b', 'c', 'd']) await link(scene, { id: sub === 'a' ? 'op' : 'two', person: { sub } });
  const server = (host, id) => ask(scene, `UPDATE identities SET provider = 'mastodon', issuer = 'https://${host}' WHERE id = ${id}`);
  server('social.example', 3);
  server('other.example', 4);
  server('social.example', 5);
  age(scene, 3600);
  const ways = checkAsked(await press(scene, 'unlink', { identity: 2 }));
  assert.deepEqual(ways.map(({ fields: { provider, instance } }) => [provider, instance]),
    [['op', undefined], ['mastodon', 'social.example'], ['mastodon', 'other.example']]);
  assert.deepEqual(ways.map(({ text }) => text.replace(/\s+/g, ' ').trim()),
    ['Continue with op', 'Continue with Mastodon (social.example)', 'Continue with Mastodon (other.example)']);
});

for (const [name, person] of [
  ['a stranger', { sub: 'stranger' }], ['somebody else here', grace],
  ['a stranger with the same address', { sub: 'x', email: 'jane@example.com' }],
])
  accountTest(`${name} confirms nothing`, { settings: { link_verified_email: 'yes' } }, async (scene) => {
    await signInAt(scene, 'op', grace);
    await link(scene);
    age(scene, 3600);
    const ways = checkAsked(await press(scene, 'unlink', { identity: ask(scene, "SELECT id FROM identities WHERE provider = 'two'") }));
    const url = ledTo(await post(scene, 'confirm', ways[0].fields));
    const before = ask(scene, 'SELECT * FROM identities; SELECT hex(id_hash), created_at FROM sessions');
    const answer = await finish(scene, { id: 'op', parameters: scene.provider.authorize(url, person) });
    checkRefused(answer, 403, 'confirm');
    assert.equal(ask(scene, 'SELECT * FROM identities; SELECT hex(id_hash), created_at FROM sessions'), before);
    assert.equal((await scene.whoAmI()).sub, scene.me.sub, 'still signed in as before');
    checkAsked(await press(scene, 'unlink', { identity: ask(scene, "SELECT id FROM identities WHERE provider = 'two'") }));
  });

accountTest('a provider that did not ask again, and says so, confirms nothing', {}, async (scene) => {
  await link(scene);
  age(scene, 3600);
  const ways = checkAsked(await press(scene, 'unlink', { identity: 2 }));
  scene.provider.hooks.claims = (right) => ({ ...right, auth_time: right.iat - 7200 });
  const answer = await finish(scene, { id: 'op', parameters: scene.provider.authorize(ledTo(await post(scene, 'confirm', ways[0].fields))) });
  checkRefused(answer, 403, 'confirm');
  checkAsked(await press(scene, 'unlink', { identity: 2 }));
});

// ---- export and deletion

accountTest('what is stored is one file', {}, async (scene) => {
  await link(scene);
  const answer = await press(scene, 'export', {});
  assert.equal(answer.status, 200, answer.log);
  assert.match(answer.headers['content-disposition'], /^attachment; filename="[\w.-]+"$/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const text = JSON.stringify(json(answer));
  for (const told of ['Jane Doe', 'jane@example.com', '248289761001', 'doe@example.net', 'second-1', '127.0.0.1'])
    assert.ok(text.includes(told), told);
  for (const [secret] of scene.provider.secrets) assert.ok(secret.length < 8 || !text.includes(secret));
  assert.deepEqual(eventsOf(scene).slice(-1), ['exported||']);
});

accountTest('an account is deleted once one has said so twice: no row is left but the events, without the person', {}, async (scene) => {
  await link(scene);
  await press(scene, 'profile', {}, { more: { name_identity: 2, email_identity: 1 } });
  const elsewhere = (await signInAt(scene, 'two')).browser;
  const stranger = (await signInAt(scene, 'op', grace)).browser;
  const asked = await press(scene, 'delete', {});
  assert.equal(asked.status, 200, asked.log);
  assert.match(asked.body, /Jane Doe|J\. Doe/);
  assert.equal(scene.rows().accounts, 2, 'nothing happened yet');
  const [form] = forms(asked.body);
  assert.equal(form.fields.confirm, 'yes');
  const answer = await post(scene, 'delete', form.fields);
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, `${origin}/`);
  assert.ok(!scene.browser.isSignedIn());
  assert.ok(!await isIn(scene, elsewhere));
  assert.ok(await isIn(scene, stranger));
  assert.deepEqual(scene.rows(), { ...scene.rows(), accounts: 1, identities: 1, sessions: 1 });
  assert.equal(ask(scene, 'SELECT count(*) FROM shown'), '0');
  assert.equal(ask(scene, "SELECT count(*) FROM events WHERE event = 'deleted' AND account IS NULL AND address IS NULL AND user_agent IS NULL"), '1');
  assert.equal(ask(scene, 'SELECT count(*) FROM events WHERE account = 1'), '0');
  const dump = ask(scene, '.dump');
  for (const told of ['jane@example.com', '248289761001', 'second-1', 'doe@example.net', scene.me.sub])
    assert.ok(!dump.includes(told), `${told} is left`);
  assert.equal((await post(scene, 'delete', form.fields)).status, 401, 'a second time nobody is signed in');
});

accountTest('deleting while another tab signs in: the account is gone, or a new one', {}, async (scene) => {
  for (let i = 0; i < 6; i++) {
    const { csrf_token: token, sub } = await scene.whoAmI();
    const { parameters } = await scene.begin();
    const cookie = scene.browser.cookieField();
    const [gone, back] = await Promise.all([
      post(scene, 'delete', { csrf_token: token, confirm: 'yes' }, { cookie }), scene.comeBack(parameters, { cookie }),
    ]);
    assert.equal(back.status, 303, back.log);
    assert.ok([303, 401].includes(gone.status), gone.log);
    const { accounts, sessions } = scene.rows();
    assert.ok(accounts <= 1 && sessions <= accounts, JSON.stringify(scene.rows()));
    if (gone.status === 303) assert.equal(ask(scene, `SELECT count(*) FROM accounts WHERE sub = '${sub}'`), '0');
    await scene.signIn();
  }
});

accountTest('deleting in three tabs at the same moment', {}, async (scene) => {
  for (let i = 1; i <= 8; i++) {
    const fields = { csrf_token: (await scene.whoAmI()).csrf_token, confirm: 'yes' };
    const cookie = scene.browser.cookieField();
    const answers = await Promise.all([1, 2, 3].map(() => post(scene, 'delete', fields, { cookie })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 401, 401], answers.map(({ log }) => log).join(''));
    assert.equal(scene.rows().accounts, 0);
    assert.equal(ask(scene, "SELECT count(*) FROM events WHERE event = 'deleted'"), String(i));
    await scene.signIn();
  }
});

accountTest('what is done in one tab while another ends the session happens before, or not at all', {}, async (scene) => {
  await link(scene);
  for (let i = 0; i < 8; i++) {
    const { csrf_token: token } = await scene.whoAmI();
    const cookie = scene.browser.cookieField();
    const before = Number(ask(scene, 'SELECT max(id) FROM events'));
    const [ended, shown] = await Promise.all([
      post(scene, 'sessions', { csrf_token: token, end: 'all' }, { cookie }),
      post(scene, 'profile', { csrf_token: token, name_identity: 2, email_identity: 2 }, { cookie }),
    ]);
    assert.equal(ended.status, 303, ended.log);
    assert.ok([303, 401].includes(shown.status), shown.log);
    const told = ask(scene, `SELECT event FROM events WHERE id > ${before} ORDER BY id`).split('\n');
    assert.deepEqual(told, shown.status === 303 ? ['profile_changed', 'sessions_ended'] : ['sessions_ended']);
    await scene.signIn();
  }
});

// ---- what others send

const actions = {
  link: { provider: 'two' }, unlink: { identity: '2' }, profile: { name_identity: '2', email_identity: '2' }, sessions: { end: 'others' },
  confirm: { provider: 'op' }, export: {}, delete: { confirm: 'yes' },
};

/** Somebody signed in by two accounts, with a second browser; and somebody else. */
async function people(scene) {
  await link(scene);
  scene.other = (await signInAt(scene, 'op')).browser;
  scene.grace = (await signInAt(scene, 'op', grace)).browser;
  const token = async (browser) => (await scene.whoAmI(browser)).csrf_token;
  return { own: await token(scene.browser), other: await token(scene.other), grace: await token(scene.grace) };
}

for (const [action, fields] of Object.entries(actions)) {
  accountTest(`${action}: without this session’s token nothing happens`, {}, async (scene) => {
    const tokens = await people(scene);
    const before = rows(scene);
    const check = async (answer, status, rule) => {
      checkRefused(answer, status, rule);
      assert.equal(rows(scene), before);
      assert.deepEqual(answer.cookies, []);
      assert.ok(!('location' in answer.headers));
    };
    for (const token of ['', 'x', tokens.other, tokens.grace, tokens.own.slice(1), `${tokens.own}A`, ` ${tokens.own}`])
      await check(await post(scene, action, { ...fields, csrf_token: token }), 403, 'csrf_token');
    await check(await post(scene, action, fields), 403, 'csrf_token');
    await check(await post(scene, action, fields, { query: `csrf_token=${tokens.own}` }), 403, 'csrf_token');
    const twice = `${new URLSearchParams({ ...fields, csrf_token: tokens.own })}&csrf_token=${tokens.own}`;
    await check(await post(scene, action, twice), 400, 'parameter_repeated');
    const answer = await post(scene, action, { ...fields, csrf_token: 'x' }, { headers: asJson });
    assert.deepEqual([answer.status, json(answer).error], [403, 'form_expired']);
  });

  accountTest(`${action}: from another site nothing happens`, {}, async (scene) => {
    const { own } = await people(scene);
    const before = rows(scene);
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example', 'sec-fetch-site': undefined },
      { origin: 'https://other.example.org', 'sec-fetch-site': 'same-site' }, { origin: `${origin}.evil.example`, 'sec-fetch-site': undefined },
      { origin: 'http://www.example.org', 'sec-fetch-site': undefined }, { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': undefined }, { origin, 'sec-fetch-site': 'cross-site' }, { origin: undefined, 'sec-fetch-site': 'cross-site' },
    ])
      for (const crossSite of [false, true]) { // with our cookie, and as a browser would send it
        const answer = await post(scene, action, { ...fields, csrf_token: own }, { headers, crossSite });
        checkRefused(answer, 403, 'request_origin');
        assert.deepEqual(answer.cookies, []);
        assert.equal(rows(scene), before);
      }
  });

  accountTest(`${action}: only by POST, as a form, by somebody who is signed in`, {}, async (scene) => {
    const { own } = await people(scene);
    const before = rows(scene);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const query = new URLSearchParams({ ...fields, csrf_token: own }).toString();
      const answer = await scene.browser.request(method, program(`account.cgi/${action}`), { query });
      assert.equal(answer.status, 405, answer.log);
      assert.equal(answer.headers.allow, 'POST');
    }
    const body = JSON.stringify({ ...fields, csrf_token: own });
    const asType = await scene.browser.request('POST', program(`account.cgi/${action}`), { body, headers: site,
      run: { variables: { CONTENT_TYPE: 'application/json' } } });
    checkRefused(asType, 400, 'request_type');
    const nobody = await post(scene, action, { ...fields, csrf_token: own }, { browser: scene.newBrowser() });
    assert.equal(nobody.status, 401, nobody.log);
    assert.match(nobody.body, /<code>unauthenticated<\/code>/);
    assert.equal(rows(scene), before);
  });
}

accountTest('ids of others, and of nobody, are not there, whoever asks', {}, async (scene) => {
  const { own, grace: hers } = await people(scene);
  await link(scene, { browser: scene.grace, person: { sub: 'second-grace' } });
  const account = "account = (SELECT account FROM identities WHERE subject = 'grace')";
  const ids = ask(scene, `SELECT id FROM identities WHERE ${account}`).split('\n');
  const sessions = ask(scene, `SELECT hex(id_hash) FROM sessions WHERE ${account}`).split('\n').map(base64url);
  const before = rows(scene);
  const check = async (action, fields, rule = 'not_yours') => {
    const answer = await post(scene, action, { csrf_token: own, ...fields });
    checkRefused(answer, 404, rule);
    assert.match(answer.body, /<code>not_found<\/code>/);
    assert.equal(rows(scene), before);
  };
  const numbers = ['0', '-1', '4711', '9223372036854775807', '9223372036854775808', '1e0', '0x1', '1 OR 1=1', 'NULL', '٢', ' 1', '1.0'];
  for (const identity of [...ids, ...numbers]) {
    await check('unlink', { identity });
    await check('profile', { name_identity: identity, email_identity: 1 });
    await check('profile', { name_identity: 1, email_identity: identity });
  }
  for (const end of [...sessions, 'x', '*', 'A'.repeat(43), `${sessions[0]}=`, 'All', "' OR 1=1 --"]) await check('sessions', { end });
  for (const action of ['', 'Link', 'link/', 'unknown', 'unlink/2']) await check(action, {}, 'request_path');
  assert.equal((await scene.whoAmI(scene.grace)).csrf_token === hers, false, 'linking gave her a new one');
  assert.ok(await isIn(scene, scene.grace));
});

for (const [action, fields] of [['unlink', {}], ['unlink', { identity: '' }], ['profile', { name_identity: 1 }], ['sessions', {}], ['sessions', { end: '' }]])
  accountTest(`${action} ${JSON.stringify(fields)}: something is missing`, {}, async (scene) => {
    const before = rows(scene);
    checkRefused(await post(scene, action, { csrf_token: scene.me.csrf_token, ...fields }), 400, 'parameter_wrong');
    assert.equal(rows(scene), before);
  });

// ---- to be remembered, or not

const sessionCookie = (answer) => answer.cookies.find((field) => field.startsWith('__Host-latchkey-session='));
const lasts = (answer) => /; Max-Age=\d+/.test(sessionCookie(answer));

for (const [setting, query, expected] of [
  ['always', '', true], ['always', '&remember=no', true], ['never', '', false], ['never', '&remember=yes', false],
  ['ask', '', false], ['ask', '&remember=yes', true], ['ask', '&remember=1', false], ['ask', '&remember=', false],
])
  accountTest(`remember = ${setting}, login.cgi?…${query}`, { signIn: false, site: `[session]\nremember = ${setting}` }, async (scene) => {
    const { answer, browser } = await signInAt(scene, 'op', undefined, { query });
    assert.equal(lasts(answer), expected);
    const { session } = await scene.whoAmI(browser);
    assert.equal(session.expires_at - session.created_at, expected ? 30 * 86400 : 12 * 3600);
    // And so it stays, under each new id.
    assert.equal(lasts(await link(scene, { browser })), expected);
    age(scene, 3600);
    const [way] = checkAsked(await press(scene, 'unlink', { identity: 2 }, { browser }));
    const url = ledTo(await post(scene, 'confirm', way.fields, { browser }));
    assert.equal(lasts(await finish(scene, { id: 'op', parameters: scene.provider.authorize(url) }, { browser })), expected);
  });

accountTest('where the person may choose, the sign-in page has a box, also for one provider', { signIn: false, site: '[session]\nremember = ask' }, async (scene) => {
  const { body } = await scene.browser.get(program('login.cgi?return_to=/members.html'));
  assert.match(body, /<form[^>]* id="choice" method="get" action="[^"]*login\.cgi">[^]*<input type="checkbox" name="remember" value="yes">/);
  for (const id of ['op', 'two']) assert.match(body, new RegExp(`<button [^>]*form="choice" name="provider" value="${id}">`));
  assert.match(body, /name="return_to" value="\/members\.html"/);
  assert.ok(!body.includes('href="https://www.example.org/cgi-bin/login.cgi?provider='));
  const answer = await scene.browser.get(program('login.cgi?via=form&provider=op&remember=yes'));
  const back = await finish(scene, { id: 'op', parameters: scene.provider.authorize(ledTo(answer)) });
  assert.ok(lasts(back));
});

accountTest('where a server is to be named, the box stands in that form', {
  signIn: false, site: '[session]\nremember = ask', more: () => '[provider mastodon]\n',
}, async (scene) => {
  const count = (body) => body.match(/name="remember"/g)?.length ?? 0;
  assert.equal(count((await scene.browser.get(program('login.cgi'))).body), 2, 'one for the buttons, one for the server');
  const { body } = await scene.browser.get(program('login.cgi?provider=mastodon&remember=yes&instance=-'));
  assert.equal(count(body), 1);
  assert.match(body, /<form class="instance"[^]*name="remember" value="yes" checked>[^]*<\/form>/);
});

// ---- what the person is told

accountTest('what happened is told, the last first, and to nobody else', { site: '[audit]\naddress = masked' }, async (scene) => {
  const variables = { REMOTE_ADDR: '2001:db8:1:2:3::4' };
  await link(scene);
  await press(scene, 'profile', {}, { more: { name_identity: 1, email_identity: 1 } });
  await press(scene, 'export', {});
  await signInAt(scene, 'op', grace);
  const other = (await signInAt(scene, 'two')).browser;
  const back = await begin(scene, 'link', 'two', { browser: other, person: grace });
  await finish(scene, back, { browser: other });
  await other.post(program('logout.cgi'), {}, { headers: site, run: { variables } });
  const { body } = await accountPage(scene);
  const list = body.slice(body.indexOf('What happened'));
  const told = [...list.matchAll(/<li>([^<]*)/g)].map(([, text]) => text.trim());
  assert.deepEqual(told, ['Signed out', 'Account connected', 'Signed in', 'Data downloaded', 'Shown name or address changed', 'Account connected', 'Signed in']);
  assert.match(list, /<bdi>127\.0\.0\.0<\/bdi>/);
  assert.match(list, /<bdi>2001:db8:1::<\/bdi>/);
  assert.equal(ask(scene, "SELECT count(*) FROM events WHERE address LIKE '%.1' OR address LIKE '%3::4' OR length(request) <> 16"), '0');
  assert.ok(!list.includes('Grace'));
});

accountTest('of a refusal the person is told, too', { site: '[policy]\nallowed_emails = jane@example.com' }, async (scene) => {
  const { answer } = await signInAt(scene, 'op', { email: 'changed@example.com' });
  checkRefused(answer, 403, 'policy');
  assert.match((await accountPage(scene)).body, /<li>Not let in/);
});

accountTest('names are text on every page', {}, async (scene) => {
  const person = { name: '<img src=x onerror=alert(1)>"\'{{csrf_token}}', email: 'a&b@example.org' };
  await link(scene, { person });
  await press(scene, 'profile', {}, { more: { name_identity: 2, email_identity: 2 } });
  const pages = [await accountPage(scene), await press(scene, 'delete', {})];
  age(scene, 3600);
  pages.push(await press(scene, 'delete', {}));
  for (const { body, headers } of pages) {
    assert.ok(!body.includes('<img'));
    assert.match(headers['content-security-policy'], /form-action 'self'(?: https?:\/\/[\w.:]+)?$/);
    assert.ok(!/<script|onerror="|javascript:/.test(body));
  }
});

accountTest('me.cgi’s address has no words of others', {}, async (scene) => {
  for (const query of ['?done=linkedX', '?done=<b>', '?done=', '?other=1']) {
    const { status, body } = await accountPage(scene, scene.browser, query);
    assert.equal(status, 200);
    assert.ok(!body.includes('role="status"'));
  }
  assert.equal((await accountPage(scene, scene.browser, '?done=linked&done=linked')).status, 400);
});

accountTest('what scripts are told is what it was', {}, async (scene) => {
  const { status, ...me } = await scene.whoAmI();
  const { session, csrf_token: token, sub, ...rest } = me;
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(me), ['sub', 'name', 'email', 'email_verified', 'provider', 'identities', 'session', 'csrf_token']);
  assert.deepEqual(rest, {
    name: 'Jane Doe', email: 'jane@example.com', email_verified: true, provider: 'op',
    identities: [{ provider: 'op', sub: '248289761001', email: 'jane@example.com' }],
  });
  assert.deepEqual(Object.keys(session), ['created_at', 'expires_at']);
  assert.match(token, /^[\w-]{43}$/);
  assert.match(sub, /^[\w-]{22}$/);
});

// ---- joined by an address

for (const [name, setting, person, joined] of [
  ['where the site says so', { link_verified_email: 'yes' }, { email: 'jane@EXAMPLE.com' }, true],
  ['but not by itself', {}, { email: 'jane@example.com' }, false],
  ['but not unverified', { link_verified_email: 'yes' }, { email: 'jane@example.com', email_verified: false }, false],
  ['but not in other letters', { link_verified_email: 'yes' }, { email: 'Jane@example.com' }, false],
])
  accountTest(`a verified address leads to the account that has it, ${name}`, { second: setting }, async (scene) => {
    const { browser, answer } = await signInAt(scene, 'two', person);
    assert.equal(answer.status, 303, answer.log);
    assert.equal((await scene.whoAmI(browser)).sub === scene.me.sub, joined);
    assert.equal(eventsOf(scene).includes('linked|two|email'), joined);
  });

// ---- whom the page is for

accountTest('who is signed out is sent to sign in, and comes back', {}, async (scene) => {
  const answer = await accountPage(scene, scene.newBrowser());
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, program('login.cgi?return_to=%2Fcgi-bin%2Fme.cgi'));
});

accountTest('an account whose provider is no longer configured still has its page', {}, async (scene) => {
  await link(scene);
  const conf = fs.readFileSync(scene.place.conf, 'utf8');
  fs.writeFileSync(scene.place.conf, conf.replace('[provider two]', '[provider three]'));
  assert.equal((await accountPage(scene)).status, 200);
  age(scene, 3600);
  const ways = checkAsked(await press(scene, 'unlink', { identity: 2 }));
  assert.deepEqual(ways.map(({ fields }) => fields.provider), ['op'], 'it cannot be asked any more');
});

accountTest('each event leads to its line of the log', {}, async (scene) => {
  const answer = await link(scene);
  const [{ request }] = events(answer.log).filter(({ event }) => event === 'linked');
  assert.equal(ask(scene, "SELECT request FROM events WHERE event = 'linked'"), request);
});
