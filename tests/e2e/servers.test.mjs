// The same requests to each web server, as plain CGI and as FastCGI: the answers must be the same, and a whole login
// must work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { twoProviders } from './support/cgi.mjs';
import { signIn, signOut, whoAmI } from './support/login.mjs';
import { build } from './support/place.mjs';
import { events, startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const json = { accept: 'application/json' };
const formType = 'application/x-www-form-urlencoded';

// What is asked, and what must come back. `rule` is the event in the log, if one is due.
const requests = {
  'the sign-in page': { path: 'login.cgi?return_to=%2Fmembers.html', headers: html, status: 200, type: /^text\/html/ },
  'a login begun': { path: 'login.cgi?provider=one', headers: html, status: 303, location: /^http:\/\/localhost:9\/authorize\?/, cookies: 1 },
  'me.cgi for a script': { path: 'me.cgi', headers: json, status: 401, type: /^application\/json/ },
  'me.cgi for a browser': { path: 'me.cgi', headers: html, status: 303, location: /^ORIGIN\/cgi-bin\/login\.cgi\?return_to=/ },
  'HEAD': { method: 'HEAD', path: 'me.cgi', headers: json, status: 401, body: '' },
  'a method that makes no sense': { method: 'PUT', path: 'me.cgi', headers: json, status: 405, allow: 'GET, HEAD', rule: 'request_method' },
  'a POST to what only answers GET': { method: 'POST', path: 'me.cgi', headers: json, body_sent: 'a=b', status: 405, allow: 'GET, HEAD', rule: 'request_method' },
  'DELETE': { method: 'DELETE', path: 'logout.cgi', headers: json, status: 405, allow: 'GET, HEAD, POST', rule: 'request_method' },
  'PATH_INFO': { path: 'callback.cgi/one?code=x&state=wrong', headers: html, status: 400, rule: 'state_wrong' },
  'PATH_INFO, percent-encoded': { path: 'callback.cgi/o%6Ee?code=x&state=wrong', headers: html, status: 400, rule: 'state_wrong' },
  'PATH_INFO of nobody': { path: 'callback.cgi/nobody?code=x', headers: html, status: 404, rule: 'provider_unknown' },
  'no PATH_INFO': { path: 'callback.cgi?code=x', headers: json, status: 404, rule: 'provider_unknown' },
  'a parameter twice': { path: 'login.cgi?provider=one&provider=two', headers: json, status: 400, rule: 'parameter_repeated' },
  'a posted form': { method: 'POST', path: 'logout.cgi', headers: { ...html, origin: 'ORIGIN' }, body_sent: 'a=b&c=d', status: 303, location: /^ORIGIN\/$/, cookies: 1 },
  'a posted form without a body': { method: 'POST', path: 'logout.cgi', headers: { ...html, origin: 'ORIGIN' }, body_sent: '', status: 303, location: /^ORIGIN\/$/, cookies: 1 },
  'a form of another site': { method: 'POST', path: 'logout.cgi', headers: { ...json, origin: 'https://evil.example' }, body_sent: 'a=b', status: 403, rule: 'request_origin' },
  'a body of exactly 64 KiB': { method: 'POST', path: 'logout.cgi', headers: { ...html, origin: 'ORIGIN' }, body_sent: `a=${'x'.repeat(65534)}`, status: 303, location: /^ORIGIN\/$/, cookies: 1 },
  'a body over 64 KiB': { method: 'POST', path: 'logout.cgi', headers: json, body_sent: `a=${'x'.repeat(65535)}`, status: 413, rule: 'request_too_large' },
  'a body of 1 MB': { method: 'POST', path: 'logout.cgi', headers: json, body_sent: `a=${'x'.repeat(1_000_000)}`, status: 413, rule: 'request_too_large' },
  'a body of another type': { method: 'POST', path: 'logout.cgi', headers: { ...json, 'content-type': 'text/plain' }, body_sent: 'a=b', status: 400, rule: 'request_type' },
  'an access token that is none': { path: 'me.cgi', headers: { ...json, authorization: 'Bearer x.y.z' }, status: 401, type: /^application\/json/, rule: 'access_token_malformed' },
  'a cookie twice': { path: 'me.cgi', headers: { ...json, cookie: 'latchkey-session=a; latchkey-session=b' }, status: 400, rule: 'cookie_repeated' },
  'Korean in a query': { path: 'login.cgi?provider=one&login_hint=%EA%B9%80%ED%95%98%EB%8A%98', headers: html, status: 303, location: /login_hint=%EA%B9%80%ED%95%98%EB%8A%98/, cookies: 1 },
};

// What may differ between two requests, or between servers, and does not matter.
function normal(answer, origin) {
  const clean = (text) => text?.replaceAll(origin, 'ORIGIN').replaceAll(encodeURIComponent(origin), 'ORIGIN')
    .replace(/\b(state|nonce|code_challenge)=[A-Za-z0-9_-]+/g, '$1=*')
    .replace(/nonce(-|=")[A-Za-z0-9+/=_-]+/g, 'nonce$1*')
    .replace(/[a-z2-7]{16}(?=["<\s])/g, 'REQUEST-ID');
  const wanted = ['location', 'content-type', 'allow', 'cache-control', 'content-security-policy', 'referrer-policy', 'x-content-type-options', 'x-frame-options', 'vary', 'www-authenticate'];
  return {
    status: answer.status,
    headers: Object.fromEntries(wanted.map((name) => [name, clean(answer.headers[name])])),
    cookies: (answer.headers['set-cookie'] ?? []).map((field) => field.replace(/^(latchkey-[a-z]+)[^=]*=[^;]*/, '$1…=…')),
    body: clean(answer.body),
  };
}

const kinds = [];
for (const server of ['apache', 'lighttpd', 'nginx']) for (const fastcgi of [false, true]) kinds.push({ server, fastcgi });
kinds.push({ server: 'apache', fastcgi: 'fcgid' }, { server: 'caddy', fastcgi: false });
const references = new Map();

for (const kind of kinds) {
  const name = `${kind.server}${kind.fastcgi ? ` (${kind.fastcgi === true ? 'FastCGI' : 'mod_fcgid'})` : ''}`;
  let site;
  test(`${name}: starts`, async () => {
    site = await startSite({ ...kind, providers: twoProviders });
  });

  for (const [what, request] of Object.entries(requests)) {
    test(`${name}: ${what}`, async () => {
      const fill = (text) => text.replaceAll('ORIGIN', site.origin);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([field, value]) => [field, fill(value)]));
      if (request.body_sent !== undefined) headers['content-type'] ??= formType;
      const seen = site.log().length;
      const answer = await new Visitor().request(request.method ?? 'GET', `${site.origin}/cgi-bin/${request.path}`, { headers, body: request.body_sent });
      assert.equal(answer.status, request.status, `${answer.body}\n${site.log().slice(seen)}`);
      const got = normal(answer, site.origin);
      if (request.location) assert.match(got.headers.location, request.location);
      if (request.type) assert.match(got.headers['content-type'], request.type);
      if (request.allow) assert.equal(got.headers.allow, request.allow);
      if (request.body !== undefined) assert.equal(got.body, request.body);
      assert.equal(got.cookies.length, request.cookies ?? 0);
      assert.equal(got.headers['cache-control'], 'no-store');
      if (request.rule) await logged(site, seen, request.rule);
      if (!references.has(what)) references.set(what, got);
      assert.deepEqual(got, references.get(what), 'the same answer as the first server gave');
    });
  }

  test(`${name}: the site's own pages`, async () => {
    const visitor = new Visitor();
    for (const [file, type] of [['', /^text\/html/], ['site.js', /^text\/javascript/], ['site.css', /^text\/css/]]) {
      const answer = await visitor.get(`${site.origin}/${file}`);
      assert.equal(answer.status, 200, file);
      assert.match(answer.headers['content-type'], type);
    }
  });

  test(`${name}: fetch.cgi is nothing to the web`, async () => {
    const answer = await new Visitor().get(`${site.origin}/cgi-bin/fetch.cgi?url=http://localhost:1/`);
    assert.equal(answer.status, 404, answer.body);
    await site.stop();
  });

  test(`${name}: a person signs in, is recognised, signs out`, async () => {
    let provider;
    const whole = await startSite({ ...kind, providers: async (origin) => { provider = await startProvider(origin); return provider.sections; } });
    const visitor = new Visitor();
    const answer = await signIn(visitor, whole, 'es256-post', 'haneul', '&return_to=/members.html');
    assert.equal(answer.status, 303, `${answer.body}\n${whole.log()}`);
    assert.equal(answer.headers.location, `${whole.origin}/members.html`);
    const me = await whoAmI(visitor, whole);
    assert.equal(me.status, 200);
    assert.equal(me.name, '김하늘');
    await newKeys(whole);
    assert.equal((await whoAmI(visitor, whole)).status, 200, 'the cookie of before is as good as ever');
    const { csrf_token: token } = await whoAmI(visitor, whole);
    assert.equal((await signOut(visitor, whole, token)).status, 303);
    assert.equal((await whoAmI(visitor, whole)).status, 401);
    const next = new Visitor();
    const { headers } = await signIn(next, whole, 'es256-post', 'ada', '&return_to=/members.html');
    assert.equal((await whoAmI(next, whole)).status, 200);
    const [id] = fs.readFileSync(path.join(whole.state, 'keys/session.keys'), 'utf8').split(' ');
    const session = headers['set-cookie'].find((field) => field.includes('latchkey-session='));
    assert.match(session, new RegExp(`latchkey-session=${id}\\.`), 'processes that were running sign with the new key');
    await Promise.all([whole.stop(), provider.stop()]);
  });
}

/** The operator makes new keys, and finds nothing wrong with the site, nor with a certified provider. */
async function newKeys(site) {
  const latchkey = (...args) => promisify(execFile)(path.join(build, 'bin/latchkey'), [...args, '--config', site.conf]);
  await latchkey('rotate-keys');
  const { stdout } = await latchkey('check');
  for (const client of ['rs256-basic', 'es256-post'])
    assert.match(stdout, new RegExp(`^ok +provider ${client} +it knows the client_id and the redirect URI$`, 'm'));
}

/** The log line may arrive after the answer: servers read the programs' stderr at their own pace. */
async function logged(site, seen, rule) {
  let rules = [];
  for (let i = 0; i < 40; i++) {
    rules = events(site.log().slice(seen)).map((event) => event.rule);
    if (rules.includes(rule)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`no ${rule} in the log, but ${JSON.stringify(rules)}: ${site.log().slice(seen)}`);
}
