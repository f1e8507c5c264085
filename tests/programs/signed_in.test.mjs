// signed-in: scripts closed by their first line, started by the kernel itself as a web server starts them. The one here tells what
// it was handed: arguments, environment, descriptors, signals, standard input.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, json, page } from '../e2e/support/cgi.mjs';
import { build, workFolder } from '../e2e/support/place.mjs';
import { checkSignedIn, origin, program as at, rules, Scene } from '../hostile/scene.mjs';

const program = path.join(build, 'bin/signed-in');
const secret = 'what-is-behind-the-gate';
const script = { accept: 'application/json' };

/** A folder with programs in it: { file: text }. */
function folder(files) {
  const place = workFolder('closed');
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(place, name), text, { mode: 0o755 });
  return place;
}

const tell = `
import json, os, resource, sys
body = sys.stdin.buffer.read()
print('Content-Type: application/json\\n')
print(json.dumps({
  'secret': '${secret}', 'argv': sys.argv, 'environment': dict(os.environ), 'body': body.decode('latin1'), 'cwd': os.getcwd(),
  'descriptors': sorted(int(name) for name in os.listdir('/proc/self/fd'))[:-1],
  'core': resource.getrlimit(resource.RLIMIT_CORE),
}))
`;
const closed = (options = '', more = '') => `#!${program} ${options}/usr/bin/python3 ${more}\n${tell}`;

let scene;
let cookie;
const programs = folder({
  'tell.cgi': closed(),
  'open.cgi': `#!/usr/bin/python3\n${tell}`,
  'any.cgi': closed('--any-origin '),
  'options.cgi': closed('', '-E -s'),
});

/** A closed script's answer. `who`: the Cookie field; the person who is signed in unless said otherwise. */
async function ask(name, { who = cookie, headers = {}, in: place = programs, ...options } = {}) {
  const answer = await cgi(name, { conf: scene.place.conf, programs: place },
    { ...options, headers: { ...script, ...(who ? { cookie: who } : {}), ...headers } });
  assert.equal(answer.code, 0, answer.log);
  return answer;
}

/** What the script was handed, which it is asked to tell. */
async function handed(name, options) {
  const answer = await ask(name, options);
  assert.equal(answer.status, 200, answer.log + answer.body);
  assert.equal(answer.log, '');
  return json(answer);
}

const database = (sql) => execFileSync('sqlite3', [path.join(scene.place.state, 'latchkey.db')], { input: sql });

function checkClosed(answer, status, rule) {
  assert.equal(answer.status, status, answer.log);
  assert.deepEqual(rules(answer.log), rule ? [rule] : [], answer.log);
  assert.ok(!(answer.body + JSON.stringify(answer.headers)).includes(secret), 'not one byte of what is behind it');
  assert.ok(!answer.log.includes('Traceback'));
}

test('somebody signs in', async (t) => {
  scene = await Scene.open({ more: () => `[rule jane]\nallowed_emails = jane@example.com\n[rule john]\nallowed_emails = john@example.com\n[rule lately]\nrecent = 15m\n` });
  t.after(() => scene.close());
  await checkSignedIn(scene, await scene.signIn());
  cookie = scene.browser.cookieField(false).match(/__Host-latchkey-session=[^;]*/)[0];
});

// ---- who is let in

test('the script is told who it is', async () => {
  const { environment } = await handed('tell.cgi');
  const me = await scene.whoAmI();
  const told = Object.fromEntries(Object.entries(environment).filter(([name]) => /^(LATCHKEY_|REMOTE_USER|AUTH_TYPE)/.test(name)));
  const { LATCHKEY_SIGNED_IN_AT: at, ...rest } = told;
  assert.equal(Number(at), me.session.created_at);
  assert.deepEqual(rest, {
    REMOTE_USER: me.sub, AUTH_TYPE: 'Latchkey', LATCHKEY_USER: me.sub, LATCHKEY_NAME: 'Jane Doe', LATCHKEY_EMAIL: 'jane@example.com',
    LATCHKEY_EMAIL_VERIFIED: '1', LATCHKEY_PROVIDER: 'op', LATCHKEY_CSRF_TOKEN: me.csrf_token, LATCHKEY_CONF: scene.place.conf,
  });
});

test('everything else is as if nothing stood before it', async () => {
  const options = { pathInfo: '/a/b', query: 'x=1&y', headers: { cookie: 'theme=dark', 'x-custom': 'kept', authorization: 'Basic YTpi' } };
  const bare = await handed('open.cgi', { ...options, who: '' });
  const gated = await handed('tell.cgi', { ...options, headers: { ...options.headers, cookie: `${cookie}; theme=dark` } });
  for (const name of Object.keys(gated.environment)) if (/^(LATCHKEY_|REMOTE_USER|AUTH_TYPE)/.test(name)) delete gated.environment[name];
  delete bare.environment.LATCHKEY_CONF;
  bare.environment.SCRIPT_NAME = bare.environment.SCRIPT_NAME.replace('open', 'tell');
  assert.deepEqual(gated.environment, bare.environment);
  assert.deepEqual(gated.descriptors, bare.descriptors, 'nothing of ours is open');
  assert.deepEqual(gated.core, bare.core);
  assert.equal(gated.cwd, bare.cwd);
  assert.deepEqual(gated.argv, [path.join(programs, 'tell.cgi')]);
});

test('signals are as the web server left them', async () => {
  // The mask of ignored signals, as the script has it; SIGPIPE is the 13th.
  const place = folder({ 'signals.cgi': `#!${program} /bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ngrep SigIgn /proc/self/status\n` });
  const environment = { GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', SCRIPT_NAME: '/signals.cgi', HTTP_COOKIE: cookie,
    LATCHKEY_CONF: scene.place.conf };
  for (const [how, ignored] of [['-', false], ["''", true]]) {
    const { stdout } = spawnSync('/bin/sh', ['-c', `trap ${how} PIPE; exec "$0"`, path.join(place, 'signals.cgi')], { env: environment, encoding: 'utf8' });
    const mask = BigInt(`0x${stdout.match(/SigIgn:\s*([0-9a-f]+)/)[1]}`);
    assert.equal((mask >> 12n) & 1n, ignored ? 1n : 0n, stdout);
  }
});

test('the body is the script’s, every byte of it, for every method', async () => {
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 256));
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'PROPFIND']) {
    const told = await handed('tell.cgi', { method, body, headers: { origin }, variables: { CONTENT_TYPE: 'application/octet-stream' } });
    assert.equal(told.environment.REQUEST_METHOD, method);
    assert.ok(Buffer.from(told.body, 'latin1').equals(body), method);
  }
});

test('the interpreter gets its own options', async () => {
  const { environment } = await handed('options.cgi', { variables: { PYTHONPATH: '/nonexistent' } });
  assert.equal(environment.PYTHONPATH, '/nonexistent', 'python tells it, but does not heed it');
});

test('the words of a query are arguments of the script, and options of nobody', async () => {
  const words = ['--any-origin', '--require=jane', '-c', 'import os', '--', '/etc/passwd', '-', ''];
  const { argv } = await handed('tell.cgi', { args: words });
  assert.deepEqual(argv, [path.join(programs, 'tell.cgi'), ...words]);
  checkClosed(await ask('tell.cgi', { who: '', args: words }), 401);
});

test('our cookies stay with us, the others go on', async () => {
  const others = 'a=1; latchkey=x; b="2"';
  const { environment } = await handed('tell.cgi', { who: `a=1; ${cookie}; latchkey=x; __Host-latchkey-login-x=1; latchkey-last=op; b="2"` });
  assert.equal(environment.HTTP_COOKIE, others);
  const alone = await handed('tell.cgi');
  assert.ok(!('HTTP_COOKIE' in alone.environment));
  const value = cookie.split('=')[1];
  assert.ok(!JSON.stringify(alone).includes(value), 'the session’s id is nowhere');
});

test('no client can say who it is', async () => {
  const forged = ['X-Auth-Request-User', 'X_Auth_Request_User', 'X-Auth-Request-Email', 'X-Auth-Request-Groups', 'Remote-User', 'X-Remote-User',
    'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'Proxy', 'Latchkey-User', 'Auth-Type', 'Remote-Groups'];
  const headers = Object.fromEntries(forged.map((name) => [name, 'evil']));
  const variables = { REMOTE_USER: 'evil', REMOTE_IDENT: 'evil', AUTH_TYPE: 'evil', LATCHKEY_USER: 'evil', LATCHKEY_GROUPS: 'evil',
    LATCHKEY_EMAIL: 'evil', REDIRECT_REMOTE_USER: 'evil', REDIRECT_LATCHKEY_USER: 'evil', LATCHKEY_FETCH: 'evil' };
  const told = await handed('tell.cgi', { headers, variables });
  assert.ok(!JSON.stringify(told.environment).includes('evil'), JSON.stringify(told.environment));
  checkClosed(await ask('tell.cgi', { who: '', headers, variables }), 401);
});

// ---- who is not

for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'get']) {
  test(`a stranger's ${method} is 401 to a script, without a line in the log`, async () => {
    const answer = await ask('tell.cgi', { who: '', method, query: 'q=1' });
    checkClosed(answer, 401);
    assert.equal(answer.log, '');
    if (method === 'HEAD') {
      assert.equal(answer.body, '');
      return;
    }
    const told = json(answer);
    assert.equal(told.error, 'unauthenticated');
    assert.equal(told.login_url, '/cgi-bin/login.cgi?return_to=%2Fcgi-bin%2Ftell.cgi%3Fq%3D1');
    assert.equal(answer.headers['cache-control'], 'no-store');
  });
}

const signInAt = (place) => `${origin}/cgi-bin/login.cgi?return_to=${encodeURIComponent(place)}`;

test('a browser is sent to sign in, and back', async () => {
  const ways = [
    [{ variables: { REQUEST_URI: '/members/a?b=c&d' } }, '/members/a?b=c&d'],
    [{ pathInfo: '/x y', query: 'z' }, '/cgi-bin/tell.cgi/x%20y?z'],
    [{ variables: { REQUEST_URI: '//evil.example/' } }, '/cgi-bin/tell.cgi'],
    [{ variables: { REQUEST_URI: 'https://evil.example/' } }, '/cgi-bin/tell.cgi'],
    [{ variables: { REQUEST_URI: `/a?${'x'.repeat(600)}` } }, '/a'],
    [{ variables: { REQUEST_URI: '/\\evil' }, pathInfo: '/../..' }, '/'],
    [{ method: 'HEAD' }, '/cgi-bin/tell.cgi'],
    [{ headers: { ...page, 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' } }, '/cgi-bin/tell.cgi'],
  ];
  for (const [options, place] of ways) {
    const answer = await ask('tell.cgi', { who: '', headers: page, ...options });
    checkClosed(answer, 303);
    assert.equal(answer.headers.location, signInAt(place));
  }
});

test('a browser that posts gets a page that leads to sign in', async () => {
  const answer = await ask('tell.cgi', { who: '', method: 'POST', body: 'a=b', headers: { ...page, origin } });
  checkClosed(answer, 401);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.ok(answer.body.includes(signInAt('/cgi-bin/tell.cgi').replaceAll('&', '&amp;')));
});

test('a forged, changed or repeated cookie is nobody', async () => {
  const [name, value] = cookie.split(/=(.*)/s);
  for (const forged of ['x', value.slice(1), `${value}A`, value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), ''])
    checkClosed(await ask('tell.cgi', { who: `${name}=${forged}` }), 401);
  checkClosed(await ask('tell.cgi', { who: `latchkey-session=${value}` }), 401);
  checkClosed(await ask('tell.cgi', { who: `${cookie}; ${cookie}` }), 400, 'cookie_repeated');
});

test('a rule lets in, or not', async () => {
  const place = folder({ 'jane.cgi': closed('--require=jane '), 'john.cgi': closed('--require=john '), 'both.cgi': closed('--require=jane,john '),
    'nobody.cgi': closed('--require=nobody ') });
  await handed('jane.cgi', { in: place });
  checkClosed(await ask('john.cgi', { in: place }), 403, 'rule');
  checkClosed(await ask('both.cgi', { in: place }), 403, 'rule');
  checkClosed(await ask('nobody.cgi', { in: place }), 500, 'config');
  checkClosed(await ask('john.cgi', { in: place, who: '' }), 401);
  const answer = await ask('john.cgi', { in: place, headers: page });
  checkClosed(answer, 403, 'rule');
  assert.match(answer.headers['content-type'], /^text\/html/);
});

test('who signed in too long ago for a rule is asked again, and comes back', async () => {
  const place = folder({ 'tell.cgi': closed('--require=lately ') });
  await handed('tell.cgi', { in: place });
  database('UPDATE sessions SET created_at = created_at - 901');
  checkClosed(await ask('tell.cgi', { in: place }), 401);
  const answer = await ask('tell.cgi', { in: place, headers: page });
  checkClosed(answer, 303);
  assert.equal(answer.headers.location, `${signInAt('/cgi-bin/tell.cgi')}&prompt=login`);
  assert.equal((await ask('tell.cgi', { in: place, who: '', headers: page })).headers.location, signInAt('/cgi-bin/tell.cgi'));
  database('UPDATE sessions SET created_at = created_at + 901');
  await handed('tell.cgi', { in: place });
});

const elsewhere = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];
test('what another site makes a browser send is refused, unless it is safe or wanted', async () => {
  for (const headers of elsewhere) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'options'])
      checkClosed(await ask('tell.cgi', { method, headers, body: 'a=b' }), 403, 'request_origin');
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await ask('tell.cgi', { method, headers });
    assert.equal((await handed('any.cgi', { method: 'POST', headers, body: 'a=b' })).body, 'a=b');
    checkClosed(await ask('any.cgi', { method: 'POST', headers, body: 'a=b', who: '' }), 401);
  }
  await handed('tell.cgi', { method: 'POST', headers: { origin, 'sec-fetch-site': 'same-origin' }, body: 'a=b' });
});

test('a request that is malformed goes no further', async () => {
  checkClosed(await ask('tell.cgi', { headers: { accept: 'a\u0001' } }), 400, 'request_malformed');
  checkClosed(await ask('tell.cgi', { who: `${cookie}; a=\u0001` }), 400, 'request_malformed');
  checkClosed(await ask('tell.cgi', { variables: { HTTP_COOKIE: `${cookie}; a=${'x'.repeat(20000)}` } }), 413, 'request_too_large');
  checkClosed(await ask('tell.cgi', { method: 'A B' }), 400, 'request_malformed');
});

// ---- by a token

/** A token of Jane's for this site. */
async function issue() {
  const headers = { ...script, origin, 'sec-fetch-site': 'same-origin' };
  const answer = await scene.browser.post(at('token.cgi'), {}, { headers: { ...headers, 'x-csrf-token': (await scene.whoAmI()).csrf_token } });
  assert.equal(answer.status, 200, answer.log);
  return json(answer).access_token;
}

test('a token of ours lets in as well, from anywhere, and stays with us', async () => {
  const token = await issue();
  const me = await scene.whoAmI();
  for (const headers of [{}, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }]) {
    const told = await handed('tell.cgi', { who: '', method: 'POST', body: 'a=b', headers: { ...headers, authorization: `Bearer ${token}` } });
    assert.equal(told.environment.REMOTE_USER, me.sub);
    assert.equal(told.body, 'a=b');
    assert.ok(!('LATCHKEY_CSRF_TOKEN' in told.environment));
    assert.ok(!JSON.stringify(told).includes(token.slice(0, 40)), 'the token is nowhere');
  }
  const both = await handed('tell.cgi', { headers: { authorization: `bearer ${token}` } });
  assert.ok(!JSON.stringify(both).includes(token.slice(0, 40)) && !('HTTP_COOKIE' in both.environment));
});

test('a wrong token is refused, whatever cookie comes with it', async () => {
  const token = await issue();
  for (const wrong of [`${token}A`, token.slice(0, -4), 'x', 'a.b.c', `${token.split('.').slice(0, 2).join('.')}.`, ''])
    for (const who of [cookie, ''])
      for (const headers of [script, page]) {
        const answer = await ask('tell.cgi', { who, headers: { ...headers, authorization: `Bearer ${wrong}` } });
        assert.ok([400, 401].includes(answer.status), `${wrong}: ${answer.status}`);
        assert.match(answer.headers['www-authenticate'], /^Bearer /);
        assert.ok(!answer.body.includes(secret) && rules(answer.log).length === 1, answer.log);
      }
});

// ---- what is wrong with the script, or its place

const broken = {
  'no interpreter': `#!${program}\n`,
  'no interpreter but an option': `#!${program} --any-origin\n`,
  'an interpreter without a path': `#!${program} python3\n`,
  'an unknown option': `#!${program} --open /usr/bin/python3\n`,
  'a rule that is empty': `#!${program} --require= /usr/bin/python3\n`,
  'rules without a name': `#!${program} --require=, /usr/bin/python3\n`,
  'an interpreter that is not there': `#!${program} /usr/bin/python-none\n`,
  'an interpreter that is a folder': `#!${program} /usr/bin\n`,
  'a carriage return at the end of the line': `#!${program} /usr/bin/python3\r\n`,
  'itself as the interpreter': `#!${program} ${program} /usr/bin/python3\n`,
  'a line that the kernel cuts': `#!${program} --require=jane,${'x'.repeat(250)} /usr/bin/python3\n`,
  'a configuration that is not there': `#!${program} --conf=/nonexistent/latchkey.conf /usr/bin/python3\n`,
};
for (const [what, line] of Object.entries(broken)) {
  test(`a script with ${what} is closed to everybody, and the log says why`, async () => {
    const place = folder({ 'broken.cgi': line + tell });
    for (const who of [cookie, ''])
      for (const headers of [script, page]) {
        const answer = await ask('broken.cgi', { in: place, who, headers, args: ['/etc/passwd'] });
        const late = what.includes('not there') || what.includes('folder') || what.includes('itself'); // noticed by who would start it
        if (late && who === '' && !what.includes('configuration')) {
          checkClosed(answer, headers === page ? 303 : 401);
          continue;
        }
        checkClosed(answer, 500, 'config');
        assert.ok(!answer.body.includes(place), 'only the log knows');
      }
  });
}

test('an environment that is too large for the kernel is an answer, not half a one', async () => {
  // The interpreter's own path is longer than the web server's, so what just fits now does not fit then.
  const groups = Array.from({ length: 3000 }, (_, i) => `group-${String(i).padStart(40, '0')}`);
  database(`INSERT INTO identity_groups SELECT id, '${JSON.stringify(groups)}' FROM identities`);
  checkClosed(await ask('tell.cgi'), 500, 'config');
  database(`UPDATE identity_groups SET groups = '["staff","IT, admins"]'`);
  assert.equal((await handed('tell.cgi')).environment.LATCHKEY_GROUPS, 'staff,IT%2C admins');
});

test('asked for by its own name it does nothing, whatever the query says', async () => {
  const place = folder({ 'tell.cgi': closed(), 'other.cgi': closed('--any-origin ') });
  fs.copyFileSync(program, path.join(place, 'signed-in'));
  const tellPath = path.join(place, 'tell.cgi');
  const queries = [
    [], ['/bin/sh'], ['/bin/sh -c id', tellPath], ['/usr/bin/python3 ', tellPath], ['--any-origin /bin/sh', '/etc/passwd'],
    [`/usr/bin/python3`, tellPath], [`/usr/bin/python3 `, path.join(place, 'signed-in')], ['/usr/bin/python3 -c', 'print("Content-Type: a/b\\n\\nrun")'],
  ];
  for (const args of queries)
    for (const file of [path.join(place, 'signed-in'), undefined]) {
      const answer = await ask('signed-in', { in: place, args, variables: { SCRIPT_FILENAME: file } });
      checkClosed(answer, 500, 'config');
    }
  // The same script, asked for as another one.
  checkClosed(await ask('tell.cgi', { in: place, variables: { SCRIPT_FILENAME: path.join(place, 'other.cgi') } }), 500, 'config');
  checkClosed(await ask('tell.cgi', { in: place, variables: { SCRIPT_NAME: '/cgi-bin/other.cgi' } }), 500, 'config');
  checkClosed(await ask('tell.cgi', { in: place, variables: { SCRIPT_NAME: undefined } }), 500, 'config');
  await handed('tell.cgi', { in: place, variables: { SCRIPT_FILENAME: tellPath, SCRIPT_NAME: '/elsewhere' } });
});

test('a script that is named like an option is no option', async () => {
  const place = folder({ '-c.cgi': closed() });
  const environment = { GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', SCRIPT_NAME: '/-c.cgi', HTTP_COOKIE: cookie,
    LATCHKEY_CONF: scene.place.conf };
  // As suexec starts it: by its name alone, in its folder.
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', 'import os; os.execv("-c.cgi", ["-c.cgi"])'],
    { cwd: place, env: environment, encoding: 'utf8' });
  assert.match(stdout, new RegExp(secret), stderr);
  assert.equal(JSON.parse(stdout.slice(stdout.indexOf('{'))).argv[0], './-c.cgi');
});

test('the first line may name the configuration', async () => {
  const place = folder({ 'named.cgi': closed(`--conf=${scene.place.conf} `) });
  const { environment } = await handed('named.cgi', { in: place, variables: { LATCHKEY_CONF: '/nonexistent' } });
  assert.equal(environment.LATCHKEY_CONF, scene.place.conf);
});

test('a compiled program behind a script of two lines', async () => {
  const place = folder({ 'compiled.cgi': `#!${program} /bin/sh\nexec ./program "$@"\n` });
  fs.copyFileSync('/usr/bin/env', path.join(place, 'program'));
  fs.chmodSync(path.join(place, 'program'), 0o755);
  const environment = { GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', SCRIPT_NAME: '/compiled.cgi', HTTP_COOKIE: cookie,
    LATCHKEY_CONF: scene.place.conf };
  const run = (more) => spawnSync(path.join(place, 'compiled.cgi'), { cwd: place, env: { ...environment, ...more }, encoding: 'utf8' }).stdout;
  assert.match(run({}), /^REMOTE_USER=/m);
  assert.ok(!run({ HTTP_COOKIE: '' }).includes('REMOTE_USER'));
});

test('an interpreter that is itself a script', async () => {
  const place = folder({ 'wrapped.cgi': '' });
  const inner = path.join(place, 'interpreter');
  fs.writeFileSync(inner, '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', { mode: 0o755 });
  fs.writeFileSync(path.join(place, 'wrapped.cgi'), `#!${program} ${inner} -s\n${tell}`, { mode: 0o755 });
  assert.equal((await handed('wrapped.cgi', { in: place })).secret, secret);
});

test('twice closed is closed for good: the second knows nobody', async () => {
  const place = folder({ 'outer.cgi': `#!${program} /bin/sh\nexec ./inner.cgi\n`, 'inner.cgi': closed() });
  const environment = { GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', SCRIPT_NAME: '/inner.cgi', HTTP_COOKIE: cookie,
    HTTP_ACCEPT: 'application/json', LATCHKEY_CONF: scene.place.conf };
  const run = (file, name) => spawnSync(path.join(place, file), { cwd: place, env: { ...environment, SCRIPT_NAME: `/${name}` }, encoding: 'utf8' }).stdout;
  assert.match(run('inner.cgi', 'inner.cgi'), new RegExp(secret));
  assert.ok(!run('outer.cgi', 'outer.cgi').includes(secret));
});

test('not started by a web server it says what it is for', () => {
  const file = path.join(programs, 'tell.cgi');
  for (const environment of [{}, { LATCHKEY_CONF: scene.place.conf, HTTP_COOKIE: cookie }, { REQUEST_METHOD: 'GET' }, { GATEWAY_INTERFACE: 'CGI/1.1' }])
    for (const [command, args] of [[file, []], [program, []], [program, ['/bin/sh', '-c', 'echo run']], [program, ['--help']]]) {
      const { status, stdout, stderr } = spawnSync(command, args, { env: environment, encoding: 'utf8', input: '' });
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /first line of a CGI script/);
    }
});

test('signing out closes it at once', async () => {
  database('DELETE FROM sessions');
  checkClosed(await ask('tell.cgi'), 401);
});

test('no secret is in the log', async () => {
  const answer = await ask('tell.cgi', { who: `${cookie}; ${cookie}`, query: 'code=very-secret' });
  assert.ok(!answer.log.includes(cookie.split('=')[1]) && !answer.log.includes('very-secret'));
});
