// Whole logins against a certified provider, by plain HTTP: each client's algorithms, repeated and crossed uses,
// many at once, and a log that keeps its mouth shut.
import assert from 'node:assert/strict';
import http from 'node:http';
import test, { before } from 'node:test';
import { atProvider, beginLogin, signIn, signOut, whoAmI } from './support/login.mjs';
import { events, startSite } from './support/site.mjs';
import { form, Visitor } from './support/visitor.mjs';
import { clients, startProvider } from './op.mjs';

let site;
let op;
before(async () => {
  site = await startSite({ providers: async (origin) => { op = await startProvider(origin); return op.sections; } });
});

for (const { id } of clients) {
  test(`${id}: signs in, is recognised, signs out there and here`, async () => {
    const visitor = new Visitor();
    const answer = await signIn(visitor, site, id, 'ada', '&return_to=/members.html%3Fa%3Db');
    assert.equal(answer.status, 303, `${answer.body}\n${site.log()}`);
    assert.equal(answer.headers.location, `${site.origin}/members.html?a=b`);

    const me = await whoAmI(visitor, site);
    assert.equal(me.status, 200);
    assert.equal(me.name, 'Ada Lovelace');
    assert.equal(me.email, 'ada@example.org');
    assert.equal(me.email_verified, true);
    assert.equal(me.provider, id);
    assert.deepEqual(me.identities.map(({ sub }) => sub), ['ada']);
    assert.ok(me.session.expires_at > me.session.created_at);

    const left = await signOut(visitor, site, me.csrf_token);
    assert.equal(left.status, 303);
    assert.ok(left.headers.location.startsWith(`${op.issuer}/session/end?`), left.headers.location);
    assert.equal((await whoAmI(visitor, site)).status, 401, 'signed out here whatever the provider does');
    const question = await visitor.get(left.headers.location);
    const { action, fields } = form(question);
    const back = await visitor.follow(await visitor.post(action, { ...fields, logout: 'yes' }));
    assert.equal(back.status, 200, back.body);
    assert.equal(new URL(back.url).origin, site.origin);
  });
}

test('the same person through two clients of one provider is one account', async () => {
  const first = new Visitor();
  const second = new Visitor();
  await signIn(first, site, 'rs256-basic', 'layla');
  await signIn(second, site, 'es256-post', 'layla');
  assert.equal((await whoAmI(first, site)).sub, (await whoAmI(second, site)).sub);
});

test('claims that are not known are absent', async () => {
  const visitor = new Visitor();
  await signIn(visitor, site, 'rs256-basic', 'nobody');
  const me = await whoAmI(visitor, site);
  assert.equal(me.status, 200);
  for (const name of ['name', 'email', 'email_verified', 'picture', 'locale']) assert.ok(!(name in me), name);
});

test('a name is text, wherever it is shown', async () => {
  const visitor = new Visitor();
  await signIn(visitor, site, 'rs256-basic', 'script');
  const page = await visitor.get(`${site.origin}/cgi-bin/me.cgi`);
  assert.equal(page.status, 200);
  assert.ok(!page.body.includes('<script>alert'), 'escaped');
  assert.ok(page.body.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
});

test('signing in again gives the browser a new session and ends the old', async () => {
  const visitor = new Visitor();
  await signIn(visitor, site, 'rs256-basic', 'ada');
  const old = visitor.cookie('latchkey-session');
  await signIn(visitor, site, 'rs256-basic', 'ada');
  assert.notEqual(visitor.cookie('latchkey-session'), old);
  const thief = await new Visitor().get(`${site.origin}/cgi-bin/me.cgi`, { headers: { accept: 'application/json', cookie: `latchkey-session=${old}` } });
  assert.equal(thief.status, 401);
});

test('a session planted before signing in is not the one that counts afterwards', async () => {
  const attacker = new Visitor();
  await signIn(attacker, site, 'rs256-basic', 'nobody');
  const planted = attacker.cookie('latchkey-session');
  const victim = new Visitor();
  victim.keep(`latchkey-session=${planted}; Path=/`, site.origin);
  await signIn(victim, site, 'rs256-basic', 'ada');
  assert.notEqual(victim.cookie('latchkey-session'), planted);
});

test('a callback works once', async () => {
  const visitor = new Visitor();
  const url = await atProvider(visitor, site, await beginLogin(visitor, site, 'rs256-basic'), 'ada');
  const cookies = [...visitor.jar.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
  assert.equal((await visitor.get(url)).status, 303);
  const again = await new Visitor().get(url, { headers: { cookie: cookies } });
  assert.equal(again.status, 400);
  assert.match(again.body, /Try again/i, 'the page offers to begin anew');
});

test("somebody else's callback address signs nobody in", async () => {
  const attacker = new Visitor();
  const url = await atProvider(attacker, site, await beginLogin(attacker, site, 'rs256-basic'), 'ada');
  const victim = new Visitor();
  assert.equal((await victim.get(url)).status, 400);
  assert.equal((await whoAmI(victim, site)).status, 401);
});

test('a callback moved to another provider of the same issuer signs nobody in', async () => {
  const visitor = new Visitor();
  const url = await atProvider(visitor, site, await beginLogin(visitor, site, 'rs256-basic'), 'ada');
  url.pathname = url.pathname.replace('rs256-basic', 'rs256-post');
  assert.equal((await visitor.get(url)).status, 400);
  assert.equal((await whoAmI(visitor, site)).status, 401);
});

for (const [name, change, status] of [
  ['a wrong iss', (url) => url.searchParams.set('iss', 'https://evil.example'), 502],
  ['no iss where it is advertised', (url) => url.searchParams.delete('iss'), 502],
  ['a wrong code', (url) => url.searchParams.set('code', 'x'.repeat(43)), 502],
]) {
  test(`a response with ${name} signs nobody in`, async () => {
    const visitor = new Visitor();
    const url = await atProvider(visitor, site, await beginLogin(visitor, site, 'rs256-basic'), 'ada');
    change(url);
    assert.equal((await visitor.get(url)).status, status, site.log().slice(-600));
    assert.equal((await whoAmI(visitor, site)).status, 401);
  });
}

test('refused consent is told as such', async () => {
  const visitor = new Visitor();
  const arrived = await beginLogin(visitor, site, 'rs256-basic');
  const abort = arrived.body.match(/href="([^"]*\/abort)"/)[1];
  const refused = await visitor.follow(await visitor.get(new URL(abort, arrived.url)), { stop: (next) => next.port === String(site.port) });
  const answer = await visitor.get(refused.next);
  assert.equal(answer.status, 403);
  assert.equal(events(site.log()).at(-1).rule, 'login_denied');
});

test('a login started by the provider works (OpenID Connect Core 4)', async () => {
  const visitor = new Visitor();
  const begun = await visitor.get(`${site.origin}/cgi-bin/login.cgi?iss=${encodeURIComponent(op.issuer)}&target_link_uri=${encodeURIComponent(`${site.origin}/members.html`)}`);
  assert.equal(begun.status, 303, begun.body);
  const url = await atProvider(visitor, site, await visitor.follow(begun, { stop: (next) => next.port === String(site.port) }), 'ada');
  assert.equal((await visitor.get(url)).headers.location, `${site.origin}/members.html`);
});

test('200 logins, 20 at once, all succeed', async () => {
  const waiting = Array.from({ length: 200 }, (_, i) => i);
  const failures = [];
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (waiting.length > 0) {
      const i = waiting.pop();
      const visitor = new Visitor();
      try {
        const answer = await signIn(visitor, site, clients[i % clients.length].id, `person-${i}`);
        const me = await whoAmI(visitor, site);
        if (answer.status !== 303 || me.status !== 200 || me.name !== `person-${i}`) failures.push(`${i}: ${answer.status}, ${JSON.stringify(me)}`);
      } catch (error) {
        failures.push(`${i}: ${error.message}`);
      }
      visitor.agent.destroy();
    }
  }));
  assert.deepEqual(failures, [], site.log().slice(-3000));
});

test('10,000 requests to me.cgi over 32 connections: none fails', async () => {
  const visitor = new Visitor({ agent: new http.Agent({ keepAlive: true, maxSockets: 32 }) });
  await signIn(visitor, site, 'rs256-basic', 'ada');
  let left = 10_000;
  const failures = [];
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (left-- > 0) {
      const answer = await visitor.get(`${site.origin}/cgi-bin/me.cgi`, { headers: { accept: 'application/json' } });
      if (answer.status !== 200 || JSON.parse(answer.body).name !== 'Ada Lovelace') failures.push(`${answer.status} ${answer.body}`);
    }
  }));
  visitor.agent.destroy();
  assert.deepEqual(failures.slice(0, 5), [], site.log().slice(-2000));
});

// Last, so that it reads the log of all of the above.
test('the log holds none of the secrets that went over the wire', async () => {
  const visitor = new Visitor();
  const url = await atProvider(visitor, site, await beginLogin(visitor, site, 'rs256-basic'), 'ada');
  const secrets = new Map([...visitor.jar.values()].map(({ name, value }) => [value, `cookie ${name}`]));
  await visitor.get(url);
  const me = await whoAmI(visitor, site);
  await signOut(visitor, site, me.csrf_token);
  for (const { name, value } of visitor.jar.values()) secrets.set(value, `cookie ${name}`);
  secrets.delete('rs256-basic'); // the provider used last: no secret
  for (const [value, what] of op.secrets) secrets.set(value, what);
  secrets.set(me.csrf_token, 'csrf_token').set(me.email, 'e-mail address').set('Ada Lovelace', 'name').set('haneul@example.org', 'e-mail address');

  const kinds = new Set(secrets.values());
  for (const kind of ['code', 'state', 'nonce', 'code_challenge', 'code_verifier', 'access_token', 'id_token', 'client_secret', 'csrf_token'])
    assert.ok(kinds.has(kind), `no ${kind} was seen: this test looks for nothing`);
  const log = site.log();
  assert.ok(events(log).some(({ event }) => event === 'signed_in'), 'the login is in this log');
  for (const [secret, what] of secrets) {
    // What a script could send as a login's name is too short to be told from ordinary words.
    if (secret.length < 8) continue;
    assert.ok(!log.includes(secret), `${what} is in the log`);
    assert.ok(!log.includes(encodeURIComponent(secret)), `${what}, percent-encoded, is in the log`);
  }
});
