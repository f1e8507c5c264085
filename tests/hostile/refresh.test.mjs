// Tokens that are refreshed for api.cgi: one process asks, however many there are; what is got is kept before it is used; a provider
// that is wrong, slow or gone does no harm; and more is granted by the same person alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { json } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { base64url } from './jose.mjs';
import { Provider, Reply } from './provider.mjs';
import { checkPage, checkSignedIn, origin, program, returnTo, rules, sceneTest } from './scene.mjs';
import { Upstream, answer as proper } from './upstream.mjs';

const seconds = () => Math.floor(Date.now() / 1000);

/**
 * It gives refresh tokens, and replaces each when it is used; a used one, or one that was given back, is refused, and with it goes
 * all that came of it (RFC 9700 4.14.2). hooks.refresh(answer, provider) changes what it answers.
 */
class RefreshingProvider extends Provider {
  authorize(...args) {
    const response = super.authorize(...args);
    this.logins.at(-1).provider = this;
    return response;
  }

  answer_token(call) {
    const parameters = new URLSearchParams(call.body);
    return parameters.get('grant_type') === 'refresh_token' ? this.refresh(call, parameters) : super.answer_token(call);
  }

  get metadata() { return { ...super.metadata, revocation_endpoint: `${this.origin}/revoke` }; }

  /** The tokens of a login: the n-th generation. */
  issue(login, generation) {
    const tokens = { access: `access-${generation}-${login.code}`, refresh: `refresh-${generation}-${login.code}` };
    this.secret('access_token', tokens.access);
    this.secret('refresh_token', tokens.refresh);
    login.tokens = [...login.tokens ?? [], tokens];
    return tokens;
  }

  get refreshes() { return this.requests.filter(({ body }) => body.includes('grant_type=refresh_token')).length; }

  refresh(call, parameters) {
    const sent = this.single(parameters);
    if (!this.authenticate(call, parameters)) this.complain('refresh: who is it?');
    if ('scope' in sent) this.complain('refresh: a scope is asked for');
    const login = this.logins.find(({ tokens }) => tokens?.some(({ refresh }) => refresh === sent.refresh_token));
    if (!login || login.over || login.tokens.at(-1).refresh !== sent.refresh_token) {
      if (login) login.over = true;
      return this.hooks.refused?.(this) ?? new Reply(400, '{"error":"invalid_grant"}');
    }
    const early = this.hooks.instead?.(this, login);
    if (early) return early;
    const { access, refresh } = this.issue(login, login.tokens.length + 1);
    const answer = { access_token: access, token_type: 'Bearer', expires_in: 3600, refresh_token: refresh, id_token: this.idToken(login) };
    return this.hooks.refresh?.(answer, login, this) ?? answer;
  }

  answer_revoke(call) {
    const token = new URLSearchParams(call.body).get('token');
    this.revoked = [...this.revoked ?? [], token];
    return new Reply(200, '');
  }
}

const first = {
  token: (right, login) => {
    const { access, refresh } = login.provider.issue(login, 1);
    login.accessToken = access; // UserInfo is asked with it
    const { id_token: _, ...rest } = right;
    return { ...rest, access_token: access, refresh_token: refresh, id_token: login.provider.idToken(login), scope: login.request.scope };
  },
};

// In the configuration until the API has its port.
const nowhere = 'http://127.0.0.1:9/';

/**
 * A scene with an API, which answers as scene.api.answer(call) says; `body` gets it with somebody signed in, unless `signIn` is false.
 * `granted`: who signed in has granted what [api mail] needs.
 */
function refreshTest(name, { hooks = {}, settings = {}, apis = '', granted = true, signIn = true } = {}, body) {
  sceneTest(name, {
    kind: RefreshingProvider,
    provider: { hooks: { ...first, ...hooks } },
    settings: { offline_access: 'yes', offline_access_scope: 'offline_access', ...settings },
    more: () => `[api mail]\nprovider = op\nbase_url = ${nowhere}\nscope = mail.read\n${apis}`,
  }, async (scene) => {
    const api = await Upstream.start((call) => scene.api.answer(call));
    scene.api = { upstream: api, answer: () => proper(200, '{"ok":true}') };
    fs.writeFileSync(scene.place.conf, fs.readFileSync(scene.place.conf, 'utf8').replaceAll(nowhere, `${api.origin}/`));
    try {
      if (signIn) {
        const query = `provider=op&return_to=${encodeURIComponent(returnTo)}${granted ? '&api=mail' : ''}`;
        scene.me = await checkSignedIn(scene, await scene.signIn({ query }));
      }
      await body(scene);
      scene.checkNoSecretInLog();
    } finally {
      api.stop();
    }
  });
}


/** What an SQL statement gives; waits for nobody. */
const ask = (scene, sql) =>
  execFileSync('sqlite3', [path.join(scene.place.state, 'latchkey.db'), sql], { encoding: 'utf8' }).trim();

const expire = (scene) => ask(scene, `UPDATE tokens SET updated_at = ${seconds() - 7200}, expires_at = ${seconds() - 3600}`);
const age = (scene) => ask(scene, `UPDATE tokens SET updated_at = ${seconds() - 7200}`);
const row = (scene) => ask(scene, 'SELECT access_token, refresh_token, expires_at, refreshes FROM tokens');

async function call(scene, { browser = scene.browser, run = {}, pathInfo = 'mail/messages' } = {}) {
  const got = await browser.get(program(`api.cgi/${pathInfo}`),
    { headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, run });
  if (got === null) return null;
  scene.log += got.log;
  assert.equal(got.code, run.killAfter ? got.code : 0, got.log);
  for (const [secret, what] of scene.provider.secrets)
    if (/^(access|refresh)_token$/.test(what)) assert.ok(!`${got.body}${JSON.stringify(got.headers)}`.includes(secret), `${what} is told`);
  return got;
}

const used = (scene) => scene.api.upstream.calls.map(({ headers }) => headers.authorization.replace('Bearer ', ''));
const tokensOf = (scene, i = 0) => scene.provider.logins[i].tokens;

async function works(scene, options) {
  const got = await call(scene, options);
  assert.equal(got.status, 200, got.log);
  assert.equal(got.body, '{"ok":true}');
  return got;
}

/** Answered so, with a way to sign in, and the API was not called. */
async function signInAgain(scene, rule, { called = 0 } = {}) {
  const seen = scene.api.upstream.calls.length;
  const got = await call(scene);
  assert.equal(got.status, 401, got.log);
  assert.deepEqual(rules(got.log), [rule], got.log);
  const { error, login_url: url } = json(got);
  assert.equal(error, 'sign_in_again');
  assert.ok(url.startsWith('/cgi-bin/login.cgi?provider=op&api=mail'), url);
  assert.equal(scene.api.upstream.calls.length - seen, called);
  return url;
}

// ---- as it should be

refreshTest('a token that holds goes out as it is', {}, async (scene) => {
  await works(scene);
  assert.deepEqual(used(scene), [tokensOf(scene)[0].access]);
  assert.equal(scene.provider.refreshes, 0);
});

refreshTest('one that has expired is refreshed once, and the new one is used from then on', {}, async (scene) => {
  expire(scene);
  const got = await works(scene);
  assert.deepEqual(events(got.log).map(({ event }) => event), ['token_refreshed']);
  await works(scene);
  assert.deepEqual(used(scene), Array(2).fill(tokensOf(scene)[1].access));
  assert.equal(scene.provider.refreshes, 1);
  assert.deepEqual(scene.provider.complaints, []);
});

refreshTest('each new refresh token is the next one to be used', {}, async (scene) => {
  for (let generation = 1; generation <= 4; generation++) {
    expire(scene);
    await works(scene);
    assert.equal(used(scene).at(-1), tokensOf(scene)[generation].access);
  }
  assert.equal(scene.provider.refreshes, 4);
});

refreshTest('without a new refresh token the old one goes on', {
  hooks: {
    refresh: ({ refresh_token: _, ...rest }, login) => { login.tokens = [{ ...login.tokens.at(-1), refresh: login.tokens[0].refresh }]; return rest; },
  },
}, async (scene) => {
  for (let i = 0; i < 3; i++) {
    expire(scene);
    await works(scene);
  }
  assert.equal(scene.provider.refreshes, 3);
});

refreshTest('one that the API refuses is refreshed, once', {}, async (scene) => {
  age(scene);
  scene.api.answer = ({ headers }) => (headers.authorization.includes('access-1-') ? proper(401, '{"error":"expired"}') : proper(200, '{"ok":true}'));
  await works(scene);
  assert.deepEqual(used(scene), [tokensOf(scene)[0].access, tokensOf(scene)[1].access]);
  assert.equal(scene.provider.refreshes, 1);
});

// ---- many at once

const together = (scene, count, options) => Promise.all(Array.from({ length: count }, () => call(scene, options)));

refreshTest('thirty at its expiry: exactly one refresh, and all have it', {}, async (scene) => {
  for (let round = 1; round <= 2; round++) {
    expire(scene);
    const answers = await together(scene, 30);
    assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200), answers.map(({ log }) => log).join(''));
    assert.equal(scene.provider.refreshes, round);
    assert.deepEqual([...new Set(used(scene).slice(-30))], [tokensOf(scene)[round].access]);
  }
  assert.deepEqual(scene.provider.complaints, []);
});

refreshTest('thirty whose token the API refuses: exactly one refresh', {}, async (scene) => {
  age(scene);
  scene.api.answer = ({ headers }) => (headers.authorization.includes('access-1-') ? proper(401, '{}') : proper(200, '{"ok":true}'));
  const answers = await together(scene, 30);
  assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200), answers.map(({ log }) => log).join(''));
  assert.equal(scene.provider.refreshes, 1);
});

refreshTest('thirty, and it is over: the provider says so once', { hooks: { instead: () => new Reply(400, '{"error":"invalid_grant"}') } }, async (scene) => {
  expire(scene);
  const answers = await together(scene, 30);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
  assert.equal(scene.provider.refreshes, 1);
  assert.equal(scene.api.upstream.calls.length, 0);
});

refreshTest('thirty, and the provider fails: it is asked once', { hooks: { instead: () => new Reply(503, '') } }, async (scene) => {
  expire(scene);
  const answers = await together(scene, 30);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [502]);
  assert.deepEqual([...new Set(answers.flatMap(({ log }) => rules(log)))].sort(), ['http_status', 'refresh_failed']);
  assert.equal(scene.provider.refreshes, 1);
});

const during = {};
refreshTest('while the provider thinks, anybody can write to the database', {
  hooks: { refresh: (answer) => { ask(during.scene, 'BEGIN IMMEDIATE; ROLLBACK'); during.calls++; return answer; } },
}, async (scene) => {
  Object.assign(during, { scene, calls: 0 });
  expire(scene);
  await works(scene);
  assert.equal(during.calls, 1);
});

// ---- the end of a grant

refreshTest('a grant that is over is given up, and nobody asks again', { hooks: { instead: () => new Reply(400, '{"error":"invalid_grant"}') } }, async (scene) => {
  expire(scene);
  await signInAgain(scene, 'grant_over');
  assert.equal(ask(scene, 'SELECT count(*) FROM tokens'), '0');
  for (let i = 0; i < 3; i++) await signInAgain(scene, 'no_tokens');
  assert.equal(scene.provider.refreshes, 1);
});

refreshTest('and whoever signs in there again can go on', { hooks: { instead: (_provider, login) => (login.stolen ? new Reply(400, '{"error":"invalid_grant"}') : null) } }, async (scene) => {
  scene.provider.logins[0].stolen = true;
  expire(scene);
  const url = await signInAgain(scene, 'grant_over');
  const { answer, parameters } = await scene.begin(new URL(url, origin).search.slice(1));
  assert.equal(answer.status, 303, answer.log);
  assert.ok(scene.provider.logins.at(-1).request.scope.split(' ').includes('mail.read'));
  assert.equal((await scene.comeBack(parameters)).status, 303);
  await works(scene);
  expire(scene);
  await works(scene);
});

refreshTest('the record’s own word for it', {
  settings: { token_error: 'error message', grant_over: 'message = \'Invalid refresh token\'' },
  hooks: { instead: () => new Reply(400, '{"status":400,"message":"Invalid refresh token"}') },
}, async (scene) => {
  expire(scene);
  await signInAgain(scene, 'grant_over');
  await signInAgain(scene, 'no_tokens');
});

refreshTest('a refresh token that somebody else has used is over', {}, async (scene) => {
  scene.provider.issue(scene.provider.logins[0], 2); // the provider gave it to another
  expire(scene);
  await signInAgain(scene, 'grant_over');
});

refreshTest('without a refresh token it is over when it expires, and nobody is asked', {
  hooks: { token: (right, login) => { const { refresh_token: _, ...rest } = first.token(right, login); return rest; } },
}, async (scene) => {
  await works(scene);
  expire(scene);
  await signInAgain(scene, 'grant_over');
  assert.equal(scene.provider.refreshes, 0);
});

// ---- wrong answers: each leaves what was there, and is told from the end

const wrong = (name, change, rule, { status = 502, kept = true } = {}) => refreshTest(`refused: ${name}`, {
  hooks: { refresh: (answer, login, provider) => { if (kept) login.tokens.pop(); return change(answer, login, provider); } },
}, async (scene) => {
  expire(scene);
  const before = row(scene).split('|').slice(0, 3);
  const got = await call(scene);
  assert.equal(got.status, status, got.log);
  assert.deepEqual(rules(got.log), [rule], got.log);
  assert.deepEqual(row(scene).split('|').slice(0, 3), before, 'what was there is there still');
  assert.equal(scene.api.upstream.calls.length, 0);
  const again = await call(scene);
  assert.deepEqual(rules(again.log), ['refresh_failed'], 'the provider is left alone for a moment');
  assert.equal(scene.provider.refreshes, 1);
});

wrong('no access token', ({ access_token: _, ...rest }) => rest, 'token_response');
wrong('an access token that would end a field', (answer) => ({ ...answer, access_token: 'a\r\nX-Evil: 1' }), 'token_response');
wrong('another token type', (answer) => ({ ...answer, token_type: 'DPoP' }), 'token_response');
wrong('no token type', ({ token_type: _, ...rest }) => rest, 'token_response');
wrong('a refresh token that is none', (answer) => ({ ...answer, refresh_token: { value: 'x' } }), 'token_response');
wrong('no JSON', () => new Reply(200, '<html>'), 'token_response');
wrong('a list', (answer) => new Reply(200, JSON.stringify([answer])), 'token_response');
wrong('an error beside the tokens', (answer) => ({ ...answer, error: 'server_error' }), 'token_error');
wrong('invalid_request', () => new Reply(400, '{"error":"invalid_request"}'), 'token_error');
wrong('invalid_client', () => new Reply(401, '{"error":"invalid_client"}'), 'client_refused');
wrong('a redirect', () => new Reply(307, '', { headers: { Location: 'http://127.0.0.1:1/' } }), 'http_status');
wrong('status 201', (answer) => new Reply(201, JSON.stringify(answer)), 'http_status');
wrong('the words of the end in a page', () => new Reply(400, 'invalid_grant'), 'http_status');
wrong('no end of bytes', () => new Reply(200, 'x'.repeat(2 * 1024 * 1024)), 'http_too_large');
wrong('hanging up', () => new Reply(200, '{}', { cut: 'at once' }), 'http_failed');
wrong('silence', () => new Reply(200, '{}', { hang: 'at once' }), 'http_timeout', { status: 504 });

// OpenID Connect Core 12.2, and the conformance suite's refresh-token modules.
const unsigned = (claimed) => `${base64url('{"alg":"RS256"}')}.${base64url(JSON.stringify(claimed))}.${base64url('x')}`;
const idToken = (change) => (answer, login, provider) => ({
  ...answer, id_token: unsigned(change({ iss: provider.issuer, sub: login.person.sub, aud: provider.client.id })),
});
wrong('an id_token about another', idToken((right) => ({ ...right, sub: 'mallory' })), 'id_token_sub');
wrong('an id_token without sub', idToken(({ sub: _, ...rest }) => rest), 'id_token_sub');
wrong('an id_token of another issuer', idToken((right) => ({ ...right, iss: 'https://evil.example' })), 'id_token_iss');
wrong('an id_token for another client', idToken((right) => ({ ...right, aud: 'another' })), 'id_token_aud');
wrong('an id_token that is none', (answer) => ({ ...answer, id_token: 'a.b' }), 'jws_malformed');

refreshTest('an answer without an id_token is fine', { hooks: { refresh: ({ id_token: _, ...rest }) => rest } }, async (scene) => {
  expire(scene);
  await works(scene);
});

refreshTest('a provider that says our secrets is not quoted', {
  hooks: { instead: (provider) => new Reply(400, JSON.stringify({ error: [...provider.secrets].find(([, what]) => what === 'refresh_token')[0] })) },
}, async (scene) => {
  expire(scene);
  const got = await call(scene);
  assert.deepEqual(rules(got.log), ['token_error']);
});

refreshTest('an API that refuses a token that is new gets no other', {}, async (scene) => {
  scene.api.answer = () => proper(401, '{"error":"no"}');
  const got = await call(scene);
  assert.equal(got.status, 502, got.log);
  assert.deepEqual(rules(got.log), ['token_refused']);
  assert.equal(scene.provider.refreshes, 0);
  assert.equal(ask(scene, 'SELECT count(*) FROM tokens'), '1', 'and nothing is thrown away for it');
});

// ---- killed, and gone meanwhile

refreshTest('killed at random moments of a refresh, nobody is stuck and nothing is broken', {
  // A provider that lets the last refresh token be used once more, as many do, for just this reason.
  hooks: {
    refused: (provider) => {
      const login = provider.logins.at(-1);
      login.over = false;
      const { access, refresh } = provider.issue(login, login.tokens.length + 1);
      return { access_token: access, token_type: 'Bearer', expires_in: 3600, refresh_token: refresh };
    },
  },
}, async (scene) => {
  const start = performance.now();
  expire(scene);
  await works(scene);
  const time = performance.now() - start;
  let killed = 0;
  for (let round = 0; round < 60; round++) {
    expire(scene);
    if (await call(scene, { run: { killAfter: Math.random() * time * 1.2 } }) === null) killed++;
    if (round % 10 === 9) {
      expire(scene);
      const answers = await together(scene, 5);
      assert.deepEqual(answers.map(({ status }) => status), Array(5).fill(200), answers.map(({ log }) => log).join(''));
    }
  }
  assert.ok(killed > 5, `only ${killed} were killed in the middle: is the time right?`);
  assert.equal(ask(scene, 'PRAGMA integrity_check'), 'ok');
});

refreshTest('an account that is deleted meanwhile: what arrives is given back', {
  hooks: { refresh: (answer) => { ask(during.scene, 'PRAGMA foreign_keys = ON; DELETE FROM accounts'); return answer; } },
}, async (scene) => {
  during.scene = scene;
  expire(scene);
  const got = await call(scene);
  assert.deepEqual(rules(got.log), ['grant_over'], got.log);
  assert.deepEqual(scene.provider.revoked, [tokensOf(scene)[1].refresh, tokensOf(scene)[1].access]);
});

refreshTest('with no room to keep an answer, the provider is not asked', {}, async (scene) => {
  expire(scene);
  const got = await call(scene, { run: { filesAtMost: 1024 } });
  assert.equal(got.status, 503, got.log);
  assert.deepEqual(rules(got.log), ['database']);
  assert.equal(scene.provider.refreshes, 0, 'else it would replace a refresh token that nobody can write down');
  await works(scene);
});

// ---- more scope

refreshTest('what was not asked for yet is asked for when it is needed', { granted: false }, async (scene) => {
  assert.equal(scene.provider.logins[0].request.scope, 'openid email profile offline_access');
  const got = await call(scene);
  assert.equal(got.status, 403, got.log);
  const { error, login_url: url } = json(got);
  assert.equal(error, 'insufficient_scope');

  const before = scene.browser.jar.get('__Host-latchkey-session').value;
  const { answer, parameters } = await scene.begin(`${new URL(url, origin).search.slice(1)}&return_to=%2Fmail`);
  assert.equal(answer.status, 303, answer.log);
  const asked = scene.provider.logins.at(-1).request;
  assert.deepEqual(asked.scope.split(' ').sort(), ['email', 'mail.read', 'offline_access', 'openid', 'profile']);
  assert.equal(asked.login_hint, 'jane@example.com');
  const back = await scene.comeBack(parameters);
  assert.equal(back.status, 303, back.log);
  assert.equal(back.headers.location, `${origin}/mail`);
  assert.deepEqual(events(back.log).map(({ event, api }) => [event, api]), [['granted', 'mail']]);
  assert.notEqual(scene.browser.jar.get('__Host-latchkey-session').value, before, 'a new session id');
  await works(scene);
  assert.equal((await scene.whoAmI()).sub, scene.me.sub);
  assert.equal(ask(scene, 'SELECT count(*) FROM accounts'), '1');
});

refreshTest('what was granted before is asked for again, so that no provider forgets it', {
  apis: `[api files]\nprovider = op\nbase_url = ${nowhere}\nscope = files\n`,
  settings: { incremental_authorization_parameters: 'include_granted_scopes=true' },
}, async (scene) => {
  assert.equal(scene.provider.logins[0].request.include_granted_scopes, 'true');
  const { parameters } = await scene.begin('provider=op&api=files');
  const asked = scene.provider.logins.at(-1).request;
  assert.deepEqual(asked.scope.split(' ').sort(), ['email', 'files', 'mail.read', 'offline_access', 'openid', 'profile']);
  await scene.comeBack(parameters);
  await works(scene);
  await works(scene, { pathInfo: 'files/x' });
});

refreshTest('a later sign-in, which asks for less, takes nothing away', {}, async (scene) => {
  const before = row(scene);
  await checkSignedIn(scene, await scene.signIn());
  assert.equal(row(scene), before);
  await works(scene);
});

refreshTest('a provider that granted less is not asked without end', {
  granted: false,
  hooks: { token: (right, login) => ({ ...first.token(right, login), scope: 'openid' }) },
}, async (scene) => {
  assert.equal((await call(scene)).status, 403);
  const { parameters } = await scene.begin('provider=op&api=mail');
  await scene.comeBack(parameters);
  await works(scene); // the API judges
});

async function comesBackAs(scene, sub) {
  const { answer, parameters } = await scene.begin('provider=op&api=mail&return_to=%2Fmail');
  assert.equal(answer.status, 303, answer.log);
  const before = { row: row(scene), accounts: ask(scene, 'SELECT count(*) FROM accounts'), identities: ask(scene, 'SELECT count(*) FROM identities') };
  scene.provider.logins.at(-1).person.sub = sub;
  const back = await scene.comeBack(parameters);
  return { back, before };
}

for (const [who, set] of [
  ['a stranger', () => 'mallory'],
  ['somebody else of this site', async (scene) => {
    const own = scene.browser;
    scene.browser = scene.newBrowser();
    scene.provider.person = { ...scene.provider.person, sub: 'grace' };
    await scene.signIn({ query: 'provider=op' });
    scene.provider.person = { ...scene.provider.person, sub: '248289761001' };
    scene.browser = own;
    return 'grace';
  }],
])
  refreshTest(`${who} coming back grants nothing, and nothing is kept of him`, {}, async (scene) => {
    const sub = await set(scene);
    const { back, before } = await comesBackAs(scene, sub);
    assert.equal(back.status, 403, back.log);
    assert.deepEqual(rules(back.log), ['other_identity']);
    checkPage(back, 'other_identity');
    assert.match(back.body, /href="[^"]*login\.cgi\?provider=op&amp;api=mail&amp;prompt=select_account/);
    assert.deepEqual({ row: row(scene), accounts: ask(scene, 'SELECT count(*) FROM accounts'), identities: ask(scene, 'SELECT count(*) FROM identities') }, before);
    assert.equal((await scene.whoAmI()).sub, scene.me.sub);
    await works(scene);
    assert.equal(used(scene).at(-1), tokensOf(scene)[0].access);
  });

refreshTest('who signed out meanwhile grants nothing', {}, async (scene) => {
  const { parameters } = await scene.begin('provider=op&api=mail');
  const before = row(scene);
  await scene.browser.post(program('logout.cgi'), {}, { headers: { origin } });
  const back = await scene.comeBack(parameters);
  assert.equal(back.status, 400, back.log);
  assert.deepEqual(rules(back.log), ['link_session']);
  assert.equal(row(scene), before);
  assert.equal((await scene.whoAmI()).status, 401);
});

refreshTest('who signed in as somebody else meanwhile grants nothing', {}, async (scene) => {
  const { parameters } = await scene.begin('provider=op&api=mail');
  scene.provider.person = { ...scene.provider.person, sub: 'grace' };
  await scene.signIn({ query: 'provider=op' });
  const before = ask(scene, 'SELECT * FROM tokens');
  const back = await scene.comeBack(parameters);
  assert.deepEqual(rules(back.log), ['link_session']);
  assert.equal(ask(scene, 'SELECT * FROM tokens'), before);
});

refreshTest('who said no keeps what there was', {}, async (scene) => {
  const before = row(scene);
  const { parameters: { code: _, ...rest } } = await scene.begin('provider=op&api=mail');
  const back = await scene.comeBack({ ...rest, error: 'access_denied' });
  assert.deepEqual(rules(back.log), ['login_denied']);
  assert.match(back.body, /href="[^"]*login\.cgi\?provider=op&amp;api=mail/);
  assert.equal(row(scene), before);
  await works(scene);
});

for (const [name, query] of [
  ['an api that is none', 'provider=op&api=none'], ['an api that is another provider’s', 'provider=op&api=weather'],
  ['an api of no name', 'provider=op&api='], ['an api, but of which provider?', 'api=mail'],
  ['an api twice', 'provider=op&api=mail&api=mail'], ['an api that could be a path', 'provider=op&api=..%2Fmail'],
])
  refreshTest(`400: ${name}`, { apis: `[api weather]\nbase_url = ${nowhere}\n` }, async (scene) => {
    const seen = scene.provider.requests.length;
    const { answer } = await scene.begin(query);
    assert.equal(answer.status, 400, answer.log);
    assert.match(rules(answer.log)[0], /^parameter_(wrong|repeated)$/);
    assert.ok(!('location' in answer.headers));
    assert.deepEqual(scene.provider.calls(seen), []);
  });

refreshTest('the page that asks for a server passes the api on', {
  signIn: false,
  apis: `[api posts]\nprovider = fedi\nbase_url = ${nowhere}\n[provider fedi]\npreset = mastodon\n`,
}, async (scene) => {
  const { answer } = await scene.begin('provider=fedi&api=posts');
  assert.equal(answer.status, 200, answer.log);
  assert.match(answer.body, /<input type="hidden" name="api" value="posts">/);
});

refreshTest('who has no account there is told to connect one first', { signIn: false }, async (scene) => {
  fs.appendFileSync(scene.place.conf, scene.section('two', scene.provider, { identity_issuer: 'https://another.example' }));
  scene.provider.client.redirectUri = program('callback.cgi/two');
  const { parameters } = await scene.begin('provider=two');
  assert.equal((await scene.comeBack(parameters, { id: 'two' })).status, 303);
  await signInAgain(scene, 'no_tokens');
  const { answer } = await scene.begin('provider=op&api=mail');
  assert.equal(answer.status, 409, answer.log);
  assert.deepEqual(rules(answer.log), ['not_connected']);
  assert.match(answer.body, /href="https:\/\/www\.example\.org\/cgi-bin\/me\.cgi"/);
  assert.deepEqual(answer.cookies, [], 'no login was begun');
});

refreshTest('tokens are kept for an API without offline_access, too, and not for others', {
  settings: { offline_access: undefined },
}, async (scene) => {
  assert.equal(scene.provider.logins[0].request.scope, 'openid email profile mail.read');
  await works(scene);
});
