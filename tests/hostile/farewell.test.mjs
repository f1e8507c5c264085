// Tokens that are kept (offline_access = yes): sealed, given back when identity or account goes, whatever the provider makes of it; and
// what a person is given of all that is stored.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { json } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { Provider, Reply } from './provider.mjs';
import { checkSignedIn, origin, program, rules, sceneTest } from './scene.mjs';

/** It takes tokens back (RFC 7009), or answers as hooks.revoke says. */
class RevokingProvider extends Provider {
  answer_revoke(call) {
    const parameters = new URLSearchParams(call.body);
    if (!this.authenticate(call, parameters)) this.complain('revoke: who is it?');
    if (call.method !== 'POST' || call.query !== '') this.complain('revoke: not a form');
    return this.hooks.revoke?.(this) ?? new Reply(200, '');
  }
}

const hooks = {
  discovery: (right) => ({ ...right, revocation_endpoint: right.token_endpoint.replace(/token$/, 'revoke') }),
  token: (right, login) => {
    login.refreshToken = `refresh-${login.accessToken}`;
    return { ...right, refresh_token: login.refreshToken, scope: 'openid files' };
  },
};
const site = { origin, 'sec-fetch-site': 'same-origin' };

/** A test that begins with somebody signed in, whose tokens are kept. */
const kept = (name, more, body, settings = {}) => sceneTest(name, {
  kind: RevokingProvider, provider: { hooks: { ...hooks, ...more } }, settings: { offline_access: 'yes', ...settings },
}, async (scene) => {
  scene.me = await checkSignedIn(scene, await scene.signIn());
  for (const { refreshToken } of scene.provider.logins) scene.provider.secret('refresh_token', refreshToken);
  scene.seen = scene.provider.requests.length;
  await body(scene);
});

/** What an SQL query of the scene's database gives; waits for nobody. */
const ask = (scene, sql) =>
  execFileSync('sqlite3', [path.join(scene.place.state, 'latchkey.db'), sql], { encoding: 'utf8' }).trim();

async function post(scene, action, fields = {}) {
  const answer = await scene.browser.post(program(`account.cgi/${action}`), { csrf_token: scene.me.csrf_token, ...fields },
    { headers: site });
  scene.log += answer.log;
  assert.equal(answer.code, 0, answer.log);
  return answer;
}

/** [hint, token] of each call to the revocation endpoint since the login. */
const givenBack = (scene) => scene.provider.requests.slice(scene.seen).filter(({ endpoint }) => endpoint === 'revoke')
  .map(({ body }) => new URLSearchParams(body)).map((form) => [form.get('token_type_hint'), form.get('token')]);

const tables = ['accounts', 'identities', 'sessions', 'shown', 'blocks', 'tokens'];
const isGone = (scene) => assert.equal(ask(scene, `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table})`).join('+')}`), '0');

/** The account was deleted, and the browser went home, signed out. */
async function checkDeleted(scene, answer) {
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, `${origin}/`);
  assert.equal((await scene.whoAmI()).status, 401);
  isGone(scene);
  assert.deepEqual(scene.provider.complaints, []);
  assert.equal(ask(scene, "SELECT count(*) FROM events WHERE event = 'deleted' AND account IS NULL AND address IS NULL"), '1');
  scene.checkNoSecretInLog();
}

// ---- kept

kept('tokens are kept, and nobody reads them in the state folder', {}, async (scene) => {
  assert.equal(ask(scene, 'SELECT provider, scope, expires_at > updated_at FROM tokens'), 'op|openid files|1');
  const secrets = [...scene.provider.secrets].filter(([, what]) => /^(access|refresh|id)_token$/.test(what)).map(([secret]) => secret);
  assert.equal(secrets.length, 3);
  for (const name of fs.readdirSync(scene.place.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
    for (const secret of secrets)
      assert.ok(!fs.readFileSync(path.join(name.path ?? scene.place.state, name.name)).includes(secret), `a token is in ${name.name}`);
});

sceneTest('where the site does not ask for them, none is kept', { kind: RevokingProvider, provider: { hooks } }, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  assert.equal(ask(scene, 'SELECT count(*) FROM tokens'), '0');
});

kept('another login replaces them', {}, async (scene) => {
  const before = ask(scene, 'SELECT identity, access_token, refresh_token FROM tokens').split('|');
  await checkSignedIn(scene, await scene.signIn());
  const after = ask(scene, 'SELECT identity, access_token, refresh_token FROM tokens').split('|');
  assert.equal(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
  assert.notEqual(after[2], before[2]);
});

// ---- given back

kept('deleting gives the refresh token back, then the access token', {}, async (scene) => {
  const [{ accessToken, refreshToken }] = scene.provider.logins;
  const answer = await post(scene, 'delete', { confirm: 'yes' });
  assert.deepEqual(givenBack(scene), [['refresh_token', refreshToken], ['access_token', accessToken]]);
  assert.deepEqual(events(answer.log).filter(({ event }) => event === 'token_revoked').map(({ token }) => token),
    ['refresh_token', 'access_token']);
  await checkDeleted(scene, answer);
});

const during = { scene: null, calls: 0 };
kept('the provider is called when all is deleted already, and the database is free', {
  revoke: () => {
    isGone(during.scene);
    ask(during.scene, 'BEGIN IMMEDIATE; ROLLBACK'); // fails at once if the program still holds the lock
    during.calls++;
  },
}, async (scene) => {
  during.scene = scene;
  await checkDeleted(scene, await post(scene, 'delete', { confirm: 'yes' }));
  assert.equal(during.calls, 2);
});

/** However it answers, the account is deleted; `rule`s of the log, and how often it was called. */
const stubborn = (name, revoke, rule, count) => kept(`a provider that ${name} prevents nothing`, { revoke }, async (scene) => {
  const answer = await post(scene, 'delete', { confirm: 'yes' });
  assert.deepEqual(rules(answer.log), Array(count).fill(rule));
  assert.equal(givenBack(scene).length, count);
  await checkDeleted(scene, answer);
});
stubborn('knows no such kind of token', () => new Reply(400, '{"error":"unsupported_token_type"}'), 'revocation', 2);
stubborn('does not know us', () => new Reply(401, '{"error":"invalid_client"}'), 'client_refused', 2);
stubborn('fails', () => new Reply(503, ''), 'revocation', 2);
stubborn('has moved', () => new Reply(307, '', { headers: { Location: 'http://127.0.0.1:1/' } }), 'revocation', 2);
stubborn('tells our secrets', (provider) => new Reply(400, JSON.stringify({ error: provider.logins[0].refreshToken })), 'revocation', 2);
stubborn('says nothing', () => new Reply(200, '', { hang: 'at once' }), 'http_timeout', 1);
stubborn('hangs up', () => new Reply(200, '', { cut: 'at once' }), 'http_failed', 1);
stubborn('answers without end', () => new Reply(200, 'x'.repeat(2 * 1024 * 1024)), 'http_too_large', 2);

kept('a provider that takes nothing back is not called', { discovery: (right) => right }, async (scene) => {
  const answer = await post(scene, 'delete', { confirm: 'yes' });
  assert.deepEqual(scene.provider.calls(scene.seen), []);
  assert.deepEqual(rules(answer.log), []);
  await checkDeleted(scene, answer);
});

kept('without a yes nothing is deleted, and nothing given back', {}, async (scene) => {
  const answer = await post(scene, 'delete');
  assert.equal(answer.status, 200);
  assert.equal(ask(scene, 'SELECT count(*) FROM tokens'), '1');
  assert.deepEqual(scene.provider.calls(scene.seen), []);
});

/** The person connects another account of the same provider. */
async function link(scene, sub) {
  scene.provider.person = { ...scene.provider.person, sub };
  const begun = await post(scene, 'link', { provider: 'op' });
  const location = begun.headers.location ?? begun.body.match(/href="(http:\/\/127[^"]*)"/)?.[1].replaceAll('&amp;', '&');
  const answer = await scene.comeBack(scene.provider.authorize(location));
  assert.equal(answer.status, 303, answer.log);
  scene.me = await scene.whoAmI();
  assert.equal(scene.me.identities.length, 2);
}

kept('unlinking gives back the tokens of that identity alone', {}, async (scene) => {
  const [{ accessToken, refreshToken }] = scene.provider.logins;
  await link(scene, 'the-other');
  const [first] = ask(scene, 'SELECT id FROM identities ORDER BY id').split('\n');
  const answer = await post(scene, 'unlink', { identity: first });
  assert.equal(answer.status, 303, answer.log);
  assert.deepEqual(givenBack(scene), [['refresh_token', refreshToken], ['access_token', accessToken]]);
  assert.equal(ask(scene, `SELECT count(*), sum(identity = ${first}) FROM tokens`), '1|0');
  scene.checkNoSecretInLog();
});

kept('what cannot be unlinked keeps its tokens', {}, async (scene) => {
  const id = ask(scene, 'SELECT id FROM identities');
  for (const [identity, rule] of [[id, 'last_identity'], ['0', 'not_yours'], ['4711', 'not_yours']]) {
    const answer = await post(scene, 'unlink', { identity });
    assert.deepEqual(rules(answer.log), [rule]);
  }
  assert.deepEqual(scene.provider.calls(scene.seen), []);
  assert.equal(ask(scene, 'SELECT count(*) FROM tokens'), '1');
});

// ---- all that is stored

kept('an export holds all that is there, and nothing to sign in with', {}, async (scene) => {
  await link(scene, 'the-other');
  const answer = await post(scene, 'export');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="account.json"');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const all = json(answer);
  assert.equal(all.site, origin);
  assert.equal(all.account.sub, scene.me.sub);
  assert.equal(all.account.email, 'jane@example.com');
  assert.deepEqual(all.identities.map(({ provider, subject, issuer }) => [provider, subject, issuer]),
    [['op', '248289761001', scene.provider.issuer], ['op', 'the-other', scene.provider.issuer]]);
  assert.deepEqual(all.sessions.map(({ identity, address, id_token }) => [identity, address, id_token]),
    [[all.identities[0].id, '127.0.0.1', all.sessions[0].id_token]]);
  assert.deepEqual(all.tokens.map(({ provider, scope, refresh_token }) => [provider, scope, refresh_token]),
    Array(2).fill(['op', 'openid files', true]));
  assert.deepEqual(all.events.map(({ event }) => event), ['exported', 'linked', 'signed_in']);
  for (const [secret, what] of scene.provider.secrets) assert.ok(secret.length < 8 || !answer.body.includes(secret), `${what} is in it`);
  for (const [name, { value }] of scene.browser.jar)
    assert.ok(value === 'op' || !answer.body.includes(value), `the cookie ${name} is in it`);
  for (const sealed of ask(scene, 'SELECT access_token FROM tokens').split('\n')) assert.ok(!answer.body.includes(sealed));
  assert.ok(!answer.body.includes(scene.me.csrf_token));
});

kept('an export is for the person alone', {}, async (scene) => {
  for (const fields of [{ csrf_token: '' }, { csrf_token: `${scene.me.csrf_token}x` }]) {
    const answer = await post(scene, 'export', fields);
    assert.equal(answer.status, 403, answer.log);
    assert.ok(!answer.body.includes('jane@example.com'));
  }
  const stranger = await scene.newBrowser().post(program('account.cgi/export'), { csrf_token: scene.me.csrf_token }, { headers: site });
  assert.equal(stranger.status, 401);
  const read = await scene.browser.get(program('account.cgi/export'));
  assert.equal(read.status, 405);
});
