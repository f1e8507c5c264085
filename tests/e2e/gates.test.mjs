// The gates of www/examples, each under its web server, in front of real files and a real script: who may pass does, and of
// everything else not one byte gets out, whatever is sent.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgiBin, freePort, listening, serverUser, sleep, start, workFolder } from './support/place.mjs';
import { ada, bob, hits, raw, rawGet, secret, startGates, told } from './support/gates.mjs';
import { Visitor } from './support/visitor.mjs';

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const json = { accept: 'application/json' };

// ---- the web servers

/** check.cgi, listening at a port, as the snippet for Apache wants it. */
async function startCheck(site, port) {
  const log = path.join(workFolder('check'), 'log');
  const user = serverUser ? ['-u', serverUser] : [];
  const check = start('spawn-fcgi', ['-n', ...user, '-a', '127.0.0.1', '-p', String(port), '--', path.join(cgiBin, 'check.cgi')],
    { log, env: { LATCHKEY_CONF: site.conf } });
  await listening(port, check, log);
  const { stop } = site;
  site.stop = async () => { await check.stop(); await stop(); };
  return site;
}

async function startApache({ change = (text) => text, alive = true, ...options } = {}) {
  const port = await freePort();
  const more = (www) => `<Directory "${www}/members">\nOptions +ExecCGI\nAddHandler cgi-script .cgi\n</Directory>\n`;
  const site = await startGates({ server: 'apache', change: (text) => change(text.replace(':9010/', `:${port}/`)), more, ...options });
  return alive ? startCheck(site, port) : site;
}

// `dead` is how the snippet is changed so that nobody answers; `rest` is what lighttpd leaves to scripts (see the snippet).
const kinds = [
  { name: 'nginx', start: (options) => startGates({ server: 'nginx', ...options }), dead: (text) => text.replace('fastcgi_pass unix:/run/fcgiwrap.socket', 'fastcgi_pass unix:/run/latchkey/nobody') },
  {
    name: 'nginx (FastCGI)', dead: (text) => text.replace('fastcgi_pass unix:/run/latchkey/check', 'fastcgi_pass unix:/run/latchkey/nobody'),
    start: ({ change = (text) => text, ...options } = {}) => startGates({
      server: 'nginx', fastcgi: true, change: (text) => change(text.replace('fastcgi_pass unix:/run/fcgiwrap.socket', 'fastcgi_pass unix:/run/latchkey/check')), ...options }),
  },
  { name: 'Apache', start: startApache, dead: null },
  { name: 'lighttpd', start: (options) => startGates({ server: 'lighttpd', ...options }), rest: true },
  { name: 'Caddy', start: (options) => startGates({ server: 'caddy', ...options }), dead: (text) => text.replace('unix//run/fcgiwrap.socket', 'unix//run/latchkey/nobody') },
];

// ---- what strangers send

// What would be served if somebody looked at another spelling of the path than the gate does.
const tricks = (part) => [
  `/${part}/secret.txt`, `/${part}`, `/${part}/`, `/${part}/index.html`, `/${part}/inner/../secret.txt`, `//${part}/secret.txt`, `///${part}//secret.txt`,
  `/./${part}/secret.txt`, `/${part}/./secret.txt`, `/public/../${part}/secret.txt`, `/public/%2e%2e/${part}/secret.txt`, `/public/.%2e/${part}/secret.txt`,
  `/public/%2E%2E%2f${part}/secret.txt`, `/public/..%2f${part}/secret.txt`, `/public/..%5c${part}%5csecret.txt`, `/public/..\\${part}\\secret.txt`,
  `/public/..;/${part}/secret.txt`, `/..;/${part}/secret.txt`, `/${part};x=1/secret.txt`, `/${part}/;/secret.txt`, `/;/${part}/secret.txt`, `/${part}/secret.txt;x`,
  `/%2e/${part}/secret.txt`, `/${part}%2fsecret.txt`, `/${part}%2Fsecret.txt`, `/%2f${part}/secret.txt`, `%2f${part}/secret.txt`, `/${part}%252fsecret.txt`,
  `/${part}%5csecret.txt`, `/%${part.charCodeAt(0).toString(16)}${part.slice(1)}/secret.txt`, `/${part.toUpperCase()}/secret.txt`, `/${part}/secret.txt%00`,
  `/%00/${part}/secret.txt`, `/open.txt%00/../${part}/secret.txt`, `/${part}/secret.txt%00.html`, `/${part}/secret.txt#`, `/#/../${part}/secret.txt`,
  `/open.txt#/../${part}/secret.txt`, `/open.txt?/../${part}/secret.txt`, `/${part}/secret.txt?`, `/${part}/secret.txt?require=`, `/${part}/secret.txt?require=staff`,
  `/${part}/secret.txt/`, `/${part}/secret.txt/x`, `/${part}/secret.txt%20`, `/${part}/secret.txt.`, `/${part}%20/secret.txt`, `/ /${part}/secret.txt`, `/\t/${part}/secret.txt`,
  `/open.txt/../${part}/secret.txt`, `/open.txt/%2e%2e/${part}/secret.txt`, `/cgi-bin/../${part}/secret.txt`, `/cgi-bin/me.cgi/../../${part}/secret.txt`,
  `/cgi-bin/%2e%2e/${part}/secret.txt`, `/cgi-bin/me.cgi/%2e%2e/%2e%2e/${part}/secret.txt`, `/public/%c0%ae%c0%ae/${part}/secret.txt`, `/public/..%c0%af${part}/secret.txt`,
  `/public/%u002e%u002e/${part}/secret.txt`, `/public/%uff0e%uff0e/${part}/secret.txt`, `/%e2%80%ae${part}/secret.txt`, `http://localhost/${part}/secret.txt`,
  `http://evil.example/${part}/secret.txt`, `http://localhost@/${part}/secret.txt`, `//evil.example/${part}/secret.txt`, `${part}/secret.txt`, `?/${part}/secret.txt`, '*', '',
  `/${'x/'.repeat(2000)}${'../'.repeat(2000)}${part}/secret.txt`, `/${'./'.repeat(3000)}${part}/secret.txt`, `/${part}/${'a'.repeat(9000)}/../secret.txt`,
  `/${part}/secret.txt?${'a'.repeat(20000)}`, `/${part}/secret.txt?a=%zz`, `/${part}/secret.txt?a=\xff`, `/${part}/\xff/../secret.txt`,
];
const script = ['/members/env.cgi', '/members/env.cgi/secret.txt', '/members/env.cgi%2fx', '/members/inner/../env.cgi', '//members/env.cgi', '/members/env.cgi;x',
  '/public/%2e%2e/members/env.cgi', '/members/env%2ecgi', '/%6dembers/env.cgi', '/members/env.cgi%00', '/members/env.cgi?require=', '/members/env.cgi/'];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'MKCOL', 'COPY', 'PURGE', 'FOO', 'get', 'GeT', 'X-Y'];

// Who one is, by every field that servers and programs have for it.
const names = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Auth-Request-Name', 'X-Auth-Request-Groups', 'X-Auth-Request-Provider', 'X-Forwarded-User', 'Remote-User'];
const identity = Object.fromEntries([...names, ...names.map((name) => name.replaceAll('-', '_'))].map((name) => [name, 'forged']));
const others = { 'X-Auth_Request-User': 'forged', 'X_Auth-Request_Email': 'forged', 'X.Auth.Request.User': 'forged', 'X-Auth-Request.Groups': 'forged' };
const forged = {
  ...identity, ...others, proxy: 'http://forged.example', authorization: 'Basic Zm9yZ2VkOng=', 'x-original-uri': '/open.txt', 'x-original-url': '/open.txt',
  'x-rewrite-url': '/open.txt', 'x-forwarded-uri': '/open.txt', 'x-forwarded-method': 'OPTIONS', 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/open.txt',
  'x-http-method-override': 'OPTIONS', 'latchkey-require': 'open', 'latchkey-user': 'forged', 'x-latchkey-user': 'forged', 'auth-type': 'forged',
};
const lines = (fields) => Object.entries(fields).map(([name, value]) => `${name}: ${value}`);

const closed = (site, answer, what) => {
  const text = typeof answer === 'string' ? answer : `${JSON.stringify(answer.headers)}${answer.body}`;
  assert.ok(!text.includes(secret), `${what}\n${text}\n${site.log()}`);
};
const cookieOf = (visitor, site) => `Cookie: ${visitor.cookiesFor(new URL(site.origin))}`;

for (const kind of kinds) {
  let site, stranger, staff, member;
  const gateTest = (what, body) => test(`${kind.name}: ${what}`, body);
  const url = (place) => `${site.origin}${place}`;

  gateTest('starts', async () => {
    site = await kind.start();
    stranger = new Visitor();
    staff = await site.signIn(ada);
    member = await site.signIn(bob);
  });

  gateTest('who is signed in passes', async () => {
    for (const visitor of [staff, member])
      for (const place of ['/members/secret.txt', '/members/', '/members/inner/secret.txt', '/members/%ED%95%9C%EA%B8%80.txt', '/members/secret.txt?require=staff&a=%zz']) {
        const answer = await visitor.get(url(place), { headers: html });
        assert.equal(answer.status, 200, `${place} ${answer.body}\n${site.log()}`);
        assert.equal(answer.body, `${secret}\n`);
        assert.match(answer.headers['cache-control'], /\bprivate\b/, 'no other cache keeps it');
        for (const name of ['referrer-policy', 'content-security-policy', 'variable-remote_user', 'x-auth-request-user'])
          assert.ok(!(name in answer.headers), `${name} is not of what is behind the gate`);
      }
    assert.equal((await stranger.get(url('/open.txt'))).body, 'open\n');
  });

  gateTest('conditional requests and ranges are those of the files', async () => {
    const page = url('/members/index.html');
    const { headers: { etag } } = await member.get(page);
    assert.ok(etag);
    assert.equal((await member.get(page, { headers: { 'if-none-match': etag } })).status, 304);
    assert.equal((await member.get(page, { headers: { range: 'bytes=0-3' } })).body, secret.slice(0, 4));
    for (const headers of [{ range: 'bytes=0-3' }, { 'if-none-match': etag }, { 'if-match': etag, range: 'bytes=0-3' }]) {
      const part = await stranger.get(page, { headers: { ...json, ...headers } });
      assert.equal(part.status, 401);
      assert.ok(!part.body.startsWith(secret.slice(0, 4)));
    }
  });

  gateTest('a stranger’s script is told 401, a browser is sent to sign in, and back', async () => {
    const place = '/members/secret.txt?a=1&b=%ED%95%9C';
    const answer = await stranger.get(url(place), { headers: json });
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /^Bearer realm="/);
    closed(site, answer, 'a script');
    const browser = await stranger.get(url(place), { headers: html });
    assert.equal(browser.status, 303, `${browser.body}\n${site.log()}`);
    closed(site, browser, 'a browser');
    const next = new URL(browser.headers.location);
    assert.equal(`${next.origin}${next.pathname}`, `${site.origin}/cgi-bin/login.cgi`);
    assert.deepEqual([...next.searchParams], [['return_to', place]]);
  });

  gateTest('rules: 403 to who is not of the staff, whatever the query says', async () => {
    assert.equal((await staff.get(url('/staff/secret.txt'))).body, `${secret}\n`, site.log());
    for (const query of ['', '?require=', '?require=open', '?LATCHKEY_REQUIRE=', '?redirect=yes&require=']) {
      const answer = await member.get(url(`/staff/secret.txt${query}`), { headers: html });
      assert.equal(answer.status, 403, `${answer.body}\n${site.log()}`);
      closed(site, answer, query);
      if (!kind.name.startsWith('nginx')) assert.match(answer.body, /<\/html>\s*$/, 'the page is whole');
      assert.equal((await stranger.get(url(`/staff/secret.txt${query}`), { headers: json })).status, 401);
    }
  });

  gateTest('what a client says of himself changes nothing', async () => {
    for (const place of ['/members/secret.txt', '/members/env.cgi', '/staff/secret.txt']) {
      const answer = await rawGet(site, place, { headers: lines({ ...json, ...forged }) });
      assert.match(answer, /^HTTP\/1\.1 401 /, `${place} ${answer}`);
      closed(site, answer, place);
    }
    const answer = await rawGet(site, '/staff/secret.txt', { headers: [...lines({ ...html, ...forged }), cookieOf(member, site)] });
    assert.match(answer, /^HTTP\/1\.1 403 /);
    closed(site, answer, 'of the staff, by a field');
  });

  gateTest('and does not reach what is behind', async () => {
    const sent = { ...forged, ...html };
    const { environment, pairs } = told(await staff.get(url('/members/env.cgi/path?x=y'), { headers: sent }));
    assert.equal(environment.REMOTE_USER, staff.sub);
    assert.equal(environment.AUTH_TYPE, 'Latchkey');
    assert.equal(environment.PATH_INFO, '/path');
    assert.equal(environment.QUERY_STRING, 'x=y');
    const tells = /^((REDIRECT_)*(REMOTE_USER|AUTH_TYPE|LATCHKEY_[A-Z_]+|X_AUTH_REQUEST_\w+)|HTTP_(X_AUTH_REQUEST_\w+|X_FORWARDED_USER|REMOTE_USER|PROXY))$/;
    const rest = /^HTTP_X_AUTH_REQUEST_/;
    for (const [name, value] of pairs)
      if (tells.test(name) && !(kind.rest && rest.test(name))) assert.ok(!value.includes('forged'), `${name}=${value}`);
    assert.equal(pairs.filter(([name]) => name === 'REMOTE_USER').length, 1, 'once');
  });

  gateTest('what is behind learns who it is', async () => {
    const answer = await staff.get(url('/members/env.cgi'), { headers: html });
    const { environment } = told(answer);
    const groups = 'staff,IT%2C admins,%EA%B4%80%EB%A6%AC%EC%9E%90';
    const name = '%EA%B9%80%ED%95%98%EB%8A%98, 100%25 "x"\\';
    if (kind.name !== 'lighttpd') {
      assert.equal(environment.HTTP_X_AUTH_REQUEST_USER, staff.sub);
      assert.equal(environment.HTTP_X_AUTH_REQUEST_NAME, name);
      assert.equal(decodeURIComponent(environment.HTTP_X_AUTH_REQUEST_NAME), ada.name);
      assert.equal(environment.HTTP_X_AUTH_REQUEST_EMAIL, ada.email);
      assert.equal(environment.HTTP_X_AUTH_REQUEST_GROUPS, groups);
      assert.deepEqual(environment.HTTP_X_AUTH_REQUEST_GROUPS.split(',').map(decodeURIComponent), ada.groups);
    }
    if (['Apache', 'lighttpd'].includes(kind.name)) {
      assert.equal(environment.LATCHKEY_USER, staff.sub);
      assert.equal(environment.LATCHKEY_NAME, ada.name);
      assert.equal(environment.LATCHKEY_EMAIL, ada.email);
      assert.equal(environment.LATCHKEY_GROUPS, 'staff,IT%2C admins,관리자');
    }
    const { environment: of } = told(await member.get(url('/members/env.cgi'), { headers: html }));
    assert.equal(of.REMOTE_USER, member.sub);
    assert.equal(of.HTTP_X_AUTH_REQUEST_EMAIL ?? '', '', 'nobody has verified it');
    assert.equal(of.HTTP_X_AUTH_REQUEST_GROUPS ?? '', '');
  });

  gateTest('a large name and many groups still fit', async () => {
    const visitor = await site.signIn({ sub: 'many', name: '한'.repeat(100), email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example`, email_verified: true,
      picture: `https://example.org/${'x'.repeat(2000)}`, groups: Array.from({ length: 60 }, (_, i) => `${'가'.repeat(40)}${i}`) });
    const { environment } = told(await visitor.get(url('/members/env.cgi'), { headers: html }));
    assert.equal(environment.REMOTE_USER, visitor.sub);
  });

  gateTest('every method is judged; a stranger starts nothing', async () => {
    const before = hits(site);
    for (const method of methods)
      for (const place of ['/members/secret.txt', '/members/env.cgi', '/staff/secret.txt']) {
        for (const headers of [lines(json), [...lines(html), 'Content-Length: 3', 'Content-Type: text/plain']]) {
          const length = headers.length > 1 ? 'a=b' : '';
          const answer = await raw(site, [`${method} ${place} HTTP/1.1`, `Host: localhost:${site.port}`, ...headers, 'Connection: close', '', length].join('\r\n'));
          assert.ok(!/^HTTP\/1\.[01] 20[0-8] /.test(answer) || ['OPTIONS', 'TRACE', 'CONNECT'].includes(method), `${method} ${place}: ${answer}`);
          closed(site, answer, `${method} ${place}`);
        }
      }
    assert.equal(hits(site), before, 'the script was not started');
  });

  gateTest('a body goes through the gate, whatever the method', async () => {
    const before = hits(site);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const body = `${method} ${'x'.repeat(50000)} end`;
      const answer = await member.request(method, url('/members/env.cgi'), { headers: { ...html, 'content-type': 'text/plain' }, body });
      const { environment, body: arrived } = told(answer);
      assert.equal(environment.REQUEST_METHOD, method);
      assert.equal(arrived, body);
    }
    assert.equal(hits(site), before + 4);
  });

  gateTest('no other spelling of the path leads around it', async () => {
    const before = hits(site);
    for (const target of ['/members/secret.txt', '/members//inner/../secret.txt'])
      assert.ok((await rawGet(site, target, { headers: [cookieOf(member, site)] })).includes(secret), 'this is how it looks where it is open');
    for (const headers of [lines(html), ['X-Original-URL: /members/secret.txt', 'X-Rewrite-URL: /members/secret.txt']])
      for (const target of [...tricks('members'), ...tricks('staff'), ...script])
        closed(site, await rawGet(site, target, { headers }), `a stranger: ${JSON.stringify(target.slice(0, 200))}`);
    for (const version of ['HTTP/1.0', 'HTTP/0.9', ''])
      for (const target of ['/members/secret.txt', '/members/env.cgi', '/staff/secret.txt'])
        closed(site, await raw(site, `GET ${target}${version && ` ${version}`}\r\n\r\n`, { patience: 500 }), `${version} ${target}`);
    assert.equal(hits(site), before, 'the script was not started');
  });

  gateTest('nor from behind one gate through another', async () => {
    for (const target of [...tricks('staff'), '/members/../staff/secret.txt', '/members/%2e%2e/staff/secret.txt', '/members/..%2fstaff/secret.txt', '/members/..;/staff/secret.txt',
      '/members/inner/../../staff/secret.txt', '/members/env.cgi/../../staff/secret.txt', '/members//../staff/secret.txt', '/members/..%5cstaff%5csecret.txt'])
      closed(site, await rawGet(site, target, { headers: [cookieOf(member, site)] }), `not of the staff: ${JSON.stringify(target.slice(0, 200))}`);
  });

  gateTest('each request of a connection is judged by itself', async () => {
    const line = (place) => [`GET ${place} HTTP/1.1`, `Host: localhost:${site.port}`, 'Accept: application/json'];
    const answer = await raw(site, [...line('/open.txt'), cookieOf(member, site), '', ...line('/members/secret.txt'), '', ...line('/staff/secret.txt'), cookieOf(member, site),
      'Connection: close', '', ''].join('\r\n'));
    assert.deepEqual([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status), ['200', '401', '403'], answer);
    closed(site, answer, 'a pipeline');
  });

  gateTest('a token of ours opens it, and one that is wrong does not', async () => {
    const me = JSON.parse((await member.get(url('/cgi-bin/me.cgi'), { headers: json })).body);
    const answer = await member.post(url('/cgi-bin/token.cgi'), {}, { headers: { ...json, origin: site.origin, 'x-csrf-token': me.csrf_token } });
    const { access_token: token } = JSON.parse(answer.body);
    assert.ok(token, `${answer.status} ${answer.body}\n${site.log()}`);
    const bearer = (text) => ({ ...json, authorization: `Bearer ${text}` });
    assert.equal((await stranger.get(url('/members/secret.txt'), { headers: bearer(token) })).status, 200, site.log());
    assert.equal((await stranger.get(url('/staff/secret.txt'), { headers: bearer(token) })).status, 403);
    for (const wrong of ['', 'x', `${token}x`, token.slice(0, -4), `${token.split('.').slice(0, 2).join('.')}.`]) {
      const refused = await stranger.get(url('/members/secret.txt'), { headers: bearer(wrong) });
      assert.equal(refused.status, 401, wrong);
      closed(site, refused, wrong);
    }
    const both = await member.get(url('/members/secret.txt'), { headers: bearer('x') });
    assert.equal(both.status, 401, 'a wrong token is no reason to look at the cookie');
  });

  gateTest('who signs out is a stranger again', async () => {
    const visitor = await site.signIn({ ...bob, sub: 'carol' });
    assert.equal((await visitor.get(url('/members/secret.txt'))).status, 200);
    const cookie = cookieOf(visitor, site);
    const me = JSON.parse((await visitor.get(url('/cgi-bin/me.cgi'), { headers: json })).body);
    await visitor.post(url('/cgi-bin/logout.cgi'), { csrf_token: me.csrf_token }, { headers: { origin: site.origin } });
    const answer = await rawGet(site, '/members/secret.txt', { headers: [...lines(json), cookie] });
    assert.match(answer, /^HTTP\/1\.1 401 /);
    closed(site, answer, 'signed out');
  });

  gateTest('an error closes it: configuration, database', async () => {
    const conf = fs.readFileSync(site.conf, 'utf8');
    const isShut = async (what) => {
      await sleep(20);
      for (const visitor of [staff, stranger])
        for (const place of ['/members/secret.txt', '/members/env.cgi', '/staff/secret.txt']) {
          const answer = await visitor.get(url(place), { headers: html });
          assert.ok(answer.status >= 500, `${what}: ${place} ${answer.status} ${answer.body}`);
          closed(site, answer, what);
        }
    };
    fs.writeFileSync(site.conf, `${conf}\n[nonsense]\n`);
    await isShut('a section that nobody knows');
    fs.writeFileSync(site.conf, conf.replace(/base_url = .*/, ''));
    await isShut('no base_url');
    fs.writeFileSync(site.conf, conf.replace('groups = staff', 'group = staff'));
    await sleep(20);
    assert.ok((await staff.get(url('/staff/secret.txt'), { headers: html })).status >= 500, 'a rule with a mistake');
    assert.equal((await staff.get(url('/members/secret.txt'))).status, 200, 'others do not suffer from it');
    fs.writeFileSync(site.conf, conf);
    await sleep(20);
    assert.equal((await staff.get(url('/staff/secret.txt'))).status, 200, site.log());

    const database = path.join(site.state, 'latchkey.db');
    for (const file of [database, `${database}-wal`, `${database}-shm`]) if (fs.existsSync(file)) fs.renameSync(file, `${file}.kept`);
    fs.writeFileSync(database, 'this is no database\n'.repeat(1000), { mode: 0o600 });
    fs.chownSync(database, fs.statSync(site.state).uid, fs.statSync(site.state).gid);
    await sleep(20);
    for (const place of ['/members/secret.txt', '/staff/secret.txt']) {
      const answer = await staff.get(url(place), { headers: html });
      assert.ok(answer.status >= 500, `${place} ${answer.status} ${answer.body}`);
      closed(site, answer, 'no database');
    }
    await site.stop();
  });

  gateTest('a rule that does not exist closes it; so does a check.cgi that nobody can ask', async () => {
    const misnamed = (text) => text.replace(/(latchkey-check\/|LATCHKEY_REQUIRE=|"LATCHKEY_REQUIRE" => "|require=)staff/, '$1nosuch');
    const wrong = await kind.start({ change: misnamed });
    const visitor = await wrong.signIn(ada);
    assert.equal((await visitor.get(`${wrong.origin}/members/secret.txt`)).status, 200);
    for (const who of [visitor, new Visitor()]) {
      const answer = await who.get(`${wrong.origin}/staff/secret.txt`, { headers: html });
      assert.ok(answer.status >= 500, `${answer.status} ${answer.body}`);
      closed(wrong, answer, 'no such rule');
    }
    await wrong.stop();
    if (kind.dead === undefined) return; // lighttpd starts it, and starts it anew
    const dead = await kind.start(kind.dead ? { change: kind.dead } : { alive: false });
    const somebody = await dead.signIn(ada);
    for (const place of ['/members/secret.txt', '/members/env.cgi', '/staff/secret.txt']) {
      const answer = await somebody.get(`${dead.origin}${place}`, { headers: html });
      assert.ok(answer.status >= 500, `${answer.status} ${answer.body}`);
      closed(dead, answer, 'nobody to ask');
    }
    await dead.stop();
  });
}
