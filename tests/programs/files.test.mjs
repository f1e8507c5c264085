// files.cgi by itself: who gets a private file, what is said of it, and that nothing else can be reached.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { promisify } from 'node:util';
import { cgi, json, page } from '../e2e/support/cgi.mjs';
import { build, cgiBin, workFolder } from '../e2e/support/place.mjs';
import { events } from '../e2e/support/site.mjs';
import { origin, program, rules, Scene } from '../hostile/scene.mjs';

const script = { accept: 'application/json' };
const secret = 'ONLY FOR MEMBERS';
const text = `${secret}: 0123456789\n`;

// ---- the folders

const work = workFolder('files');
const at = (...names) => path.join(work, ...names);
const files = {
  'members/index.html': `<title>Members</title>${secret}`,
  'members/page.html': `<title>Page</title>${secret}<script src="page.js"></script>`,
  'members/notes.txt': text,
  'members/data.bin': text,
  'members/a b;c#d?e%2e&f=g.txt': text,
  'members/사진/김하늘.png': text,
  'members/deep/index.html': text,
  'members/deep/staff/x.txt': text,
  'members/bare/x.txt': text,
  'members/.htpasswd': secret,
  'members/.git/config': secret,
  'members/deep/.hidden/x.txt': secret,
  'members/back\\slash.txt': secret,
  'members/index-folder/index.html/x.txt': text,
  'staff/plan.txt': text,
  'open/style.css': 'p { color: red }\n',
  'outside/secret.txt': secret,
  'secret.txt': secret,
};
for (const [name, content] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), content);
}
fs.symlinkSync('../outside', at('members/to_outside'));
fs.symlinkSync(at('secret.txt'), at('members/to_secret.txt'));
fs.symlinkSync('.git', at('members/to_git'));
fs.symlinkSync('notes.txt', at('members/to_notes.txt'));
fs.symlinkSync('/', at('members/root'));
fs.mkdirSync(at('linked'));
fs.symlinkSync(at('outside/secret.txt'), at('linked/index.html'));
execFileSync('mkfifo', [at('members/fifo')]);

const sections = `
[files]
folder = ${at('members')}

[files staff]
folder = ${at('staff')}
require = staff

[files open]
folder = ${at('open')}
access = anyone

[files linked]
folder = ${at('linked')}

[files gone]
folder = ${at('gone')}

[files told]
folder = ${at('members')}
hand_over = x-sendfile

[files plain]
folder = ${at('members')}
hand_over = x-sendfile-plain

[files inside]
folder = ${at('members')}
hand_over = x-accel-redirect:/protected/members/

[files broken]
folder = ${at('members')}/../outside

[files denied]
folder = ${at('staff')}
require = nobody

[rule staff]
allowed_emails = boss@example.org

[files fresh]
folder = ${at('staff')}
require = fresh

[rule fresh]
recent = 1m

[rule nobody]
denied_emails = ada@example.org
`;

// ---- people

const scene = await Scene.open({ more: () => sections });
after(() => scene.close());
scene.provider.person = { ...scene.provider.person, email: 'ada@example.org', email_verified: true };
assert.equal((await scene.signIn()).status, 303);
const cookie = scene.browser.cookieField(false);

/** files.cgi with this PATH_INFO, byte for byte, as the member. */
const get = (pathInfo, { headers = {}, ...options } = {}) =>
  cgi('files.cgi', scene.place, { pathInfo, headers: { ...script, cookie, ...headers }, ...options });
const stranger = (pathInfo, { headers = {}, ...options } = {}) => get(pathInfo, { headers: { cookie: '', ...headers }, ...options });

/** Nothing of what is private is in the answer, not even in its fields. */
function isClosed(answer, status) {
  assert.equal(answer.status, status, answer.log);
  assert.equal(answer.code, 0);
  const all = JSON.stringify(answer.headers) + answer.body;
  for (const part of [secret, '0123456789', work, 'etag', 'last-modified', 'accept-ranges', 'x-sendfile', 'x-accel'])
    assert.ok(!all.toLowerCase().includes(part.toLowerCase()), `${part} in ${all}`);
  assert.equal(answer.headers['cache-control'], 'no-store');
}

// ---- a member

for (const [name, type] of [
  ['/notes.txt', 'text/plain; charset=utf-8'], ['/page.html', 'text/html; charset=utf-8'], ['/data.bin', 'application/octet-stream'],
  ['/a b;c#d?e%2e&f=g.txt', 'text/plain; charset=utf-8'], ['/사진/김하늘.png', 'image/png'],
]) {
  test(`a member gets ${name}`, async () => {
    const answer = await get(name);
    assert.equal(answer.status, 200, answer.log);
    assert.equal(answer.body, files[`members${name}`]);
    assert.equal(answer.headers['content-type'], type);
    assert.equal(answer.headers['content-length'], String(answer.body.length));
    assert.equal(answer.headers['cache-control'], 'private, no-cache');
    assert.equal(answer.headers.vary, 'Cookie, Authorization');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
    assert.deepEqual(answer.cookies, []);
    assert.equal(answer.log, '');
    const head = await get(name, { method: 'HEAD' });
    assert.equal(head.body, '');
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], answer.headers['content-length']);
  });
}

test('a folder is its index page, and its path ends with a slash', async () => {
  assert.equal((await get('/')).body, files['members/index.html']);
  assert.equal((await get('/deep/')).body, files['members/deep/index.html']);
  for (const [pathInfo, query, location] of [
    ['', '', '/'], ['/deep', '', '/deep/'], ['/deep', 'a=1&b=%26', '/deep/?a=1&b=%26'], ['/사진', '', '/%EC%82%AC%EC%A7%84/'],
    ['/deep/staff', '', '/deep/staff/'], ['/open', 'v=3', '/open/?v=3'],
    ['/deep', 'a=1#b', '/deep/'], ['/deep', '"><script>', '/deep/'], ['/deep', 'a\r\nX: y', '/deep/'], ['/deep', 'a=%', '/deep/'],
  ]) {
    const answer = await get(pathInfo, { query });
    assert.equal(answer.status, 303, answer.log);
    assert.equal(answer.headers.location, program(`files.cgi${location}`));
  }
});

test('nothing is listed, and what is no index page is none', async () => {
  for (const pathInfo of ['/bare/', '/index-folder/', '/linked/']) {
    const answer = await get(pathInfo);
    isClosed(answer, 404);
    assert.deepEqual(rules(answer.log), ['file']);
    assert.ok(!answer.body.includes('x.txt'));
  }
});

test('the query of a page is its own', async () => {
  for (const query of ['v=3&v=4', '%ff', 'a=%', 'x'.repeat(5000)]) assert.equal((await get('/notes.txt', { query })).body, text);
});

test('what anyone may have needs no sign-in, not even a right cookie', async () => {
  for (const cookies of ['', cookie, '__Host-latchkey-session=forged', '__Host-latchkey-session=a; __Host-latchkey-session=b']) {
    const answer = await get('/open/style.css', { headers: { cookie: cookies } });
    assert.equal(answer.status, 200, answer.log);
    assert.equal(answer.body, files['open/style.css']);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.ok(!('vary' in answer.headers));
  }
});

// ---- a stranger

const anywhere = [
  '', '/', '/notes.txt', '/nothing.txt', '/deep', '/deep/', '/bare/', '/.htpasswd', '/to_secret.txt', '/../secret.txt', '/fifo', '//',
  '/..\\secret.txt', '/staff', '/staff/plan.txt', '/staff/nothing', '/gone/x', '/told/notes.txt', '/inside/notes.txt', '/unknown/x',
  '/denied/plan.txt',
];

// The same answer wherever the request leads, but for its own name and the way back.
const normal = ({ status, headers, body }) => JSON.stringify([status, headers, body])
  .replaceAll(/[a-z2-7]{16}(?=[\\"<\s])/g, 'ID').replaceAll(/return_to=[^\\"&]*/g, 'return_to=…');

test('a stranger is told the same of all, be it there or not', async () => {
  const answers = new Set();
  for (const pathInfo of anywhere) {
    const answer = await stranger(pathInfo);
    isClosed(answer, 401);
    assert.equal(json(answer).error, 'unauthenticated');
    assert.equal(answer.log, '', 'that nobody is signed in is not an event');
    delete answer.headers['content-length']; // the way back is longer or shorter
    answers.add(normal(answer));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
});

test('a stranger with a browser is led to sign in, and back', async () => {
  for (const pathInfo of anywhere) {
    const answer = await stranger(pathInfo, { headers: page });
    isClosed({ ...answer, headers: { ...answer.headers, location: '' } }, 303);
    assert.ok(answer.headers.location.startsWith(program('login.cgi?return_to=')), answer.headers.location);
  }
  for (const [pathInfo, options, back] of [
    ['/notes.txt', {}, '/cgi-bin/files.cgi/notes.txt'],
    ['/notes.txt', { query: 'a=1&b=2' }, '/cgi-bin/files.cgi/notes.txt?a=1&b=2'],
    ['/사진/x y.png', {}, '/cgi-bin/files.cgi/%EC%82%AC%EC%A7%84/x%20y.png'],
    ['/staff/../x', {}, '/cgi-bin/files.cgi/staff/'],
    ['/a%b', {}, '/cgi-bin/files.cgi/'],
    ['//evil.example/', {}, '/cgi-bin/files.cgi/'],
    ['/notes.txt', { variables: { REQUEST_URI: '//evil.example/' } }, '/cgi-bin/files.cgi/notes.txt'],
    ['/notes.txt', { variables: { REQUEST_URI: 'https://evil.example/' } }, '/cgi-bin/files.cgi/notes.txt'],
    ['/notes.txt', { variables: { REQUEST_URI: '/members/notes.txt' } }, '/members/notes.txt'],
  ]) {
    const answer = await stranger(pathInfo, { headers: page, ...options });
    assert.equal(new URL(answer.headers.location).searchParams.get('return_to'), back);
    assert.equal(json(await stranger(pathInfo, options)).login_url, `/cgi-bin/login.cgi?return_to=${encodeURIComponent(back)}`);
  }
});

test('what a client says of itself changes nothing', async () => {
  const forged = {
    'remote-user': 'ada', 'x-remote-user': 'ada', 'x-auth-request-user': 'ada', x_auth_request_user: 'ada', 'x-forwarded-user': 'ada',
    'x-forwarded-for': '127.0.0.1', 'x-original-uri': '/open/style.css', 'x-original-url': '/open/style.css',
    'x-rewrite-url': '/open/style.css', 'x-accel-redirect': '/protected/members/notes.txt', 'x-sendfile': at('members/notes.txt'),
    'x-http-method-override': 'GET', proxy: 'http://evil.example/', authorization: 'Basic YWRhOmFkYQ==', host: 'evil.example',
    'if-none-match': '*', range: 'bytes=0-5', 'if-match': '"x"',
  };
  isClosed(await stranger('/notes.txt', { headers: forged }), 401);
  isClosed(await stranger('/notes.txt', { headers: forged, variables: { HTTPS: 'on', SERVER_NAME: 'evil.example' } }), 401);
});

test('a session that is none opens nothing', async () => {
  const [, value] = cookie.match(/__Host-latchkey-session=([^;]*)/);
  const [key, id, mac] = value.split('.');
  for (const other of [`${key}.${id}.${mac.slice(0, -2)}AA`, `${key}.${id}`, `${key}.${'A'.repeat(id.length)}.${mac}`, '', 'x', value.slice(1)])
    isClosed(await get('/notes.txt', { headers: { cookie: `__Host-latchkey-session=${other}` } }), 401);
  isClosed(await get('/notes.txt', { headers: { cookie: `latchkey-session=${value}` } }), 401);
  isClosed(await get('/notes.txt', { headers: { cookie: `${cookie}; ${cookie}` } }), 400);
});

test('a token of ours opens what its session may see', async () => {
  const ask = (name, options) => cgi(name, scene.place, { ...options, headers: { ...script, cookie, origin, ...options?.headers } });
  const { csrf_token: csrf } = json(await ask('me.cgi'));
  const given = json(await ask('token.cgi', { method: 'POST', headers: { 'x-csrf-token': csrf } }));
  const headers = { authorization: `Bearer ${given.access_token}` };
  assert.equal((await stranger('/notes.txt', { headers })).body, text);
  isClosed(await stranger('/staff/plan.txt', { headers }), 403);
  isClosed(await stranger('/../secret.txt', { headers }), 404);
});

test('a token that is none opens nothing, be the cookie right or not', async () => {
  for (const token of ['x', 'a.b.c', `${'A'.repeat(9000)}`])
    for (const ask of [get, stranger]) {
      const answer = await ask('/notes.txt', { headers: { authorization: `Bearer ${token}` } });
      isClosed(answer, 401);
      assert.match(answer.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
      // no browser sends one by itself
      isClosed(await ask('/notes.txt', { headers: { ...page, authorization: `Bearer ${token}` } }), 401);
    }
});

test('a session that ended opens nothing', async () => {
  const other = await Scene.open({ more: () => sections });
  try {
    assert.equal((await other.signIn()).status, 303);
    const theirs = other.browser.cookieField(false);
    const ask = () => cgi('files.cgi', other.place, { pathInfo: '/notes.txt', headers: { ...script, cookie: theirs } });
    assert.equal((await ask()).body, text);
    isClosed(await get('/notes.txt', { headers: { cookie: theirs } }), 401); // another site's
    execFileSync('sqlite3', [path.join(other.place.state, 'latchkey.db'), 'DELETE FROM sessions']);
    isClosed(await ask(), 401);
  } finally {
    other.close();
  }
});

test('who does not meet the rules is told so, be the file there or not', async () => {
  for (const section of ['staff', 'denied'])
    for (const rest of ['', '/', '/plan.txt', '/nothing', '/../plan.txt', '/.x']) {
      const answer = await get(`/${section}${rest}`);
      isClosed(answer, 403);
      assert.equal(json(answer).error, json(await get(`/${section}/plan.txt`)).error);
      assert.deepEqual(rules(answer.log), ['rule']);
      const shown = await get(`/${section}${rest}`, { headers: page });
      isClosed(shown, 403); // and is not sent round to sign in again
    }
});

test('who signed in too long ago is asked to do so anew, and the provider to ask for it', async () => {
  assert.equal((await get('/fresh/plan.txt')).body, text);
  execFileSync('sqlite3', [path.join(scene.place.state, 'latchkey.db'), 'UPDATE sessions SET created_at = created_at - 61']);
  isClosed(await get('/fresh/plan.txt'), 401);
  const { searchParams } = new URL((await get('/fresh/plan.txt', { headers: page })).headers.location);
  assert.deepEqual([...searchParams], [['return_to', '/cgi-bin/files.cgi/fresh/plan.txt'], ['prompt', 'login']]);
  assert.equal((await get('/notes.txt')).body, text, 'elsewhere he is who he was');
});

// ---- other methods

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'get', 'X']) {
  test(`${method} is refused`, async () => {
    for (const ask of [get, stranger])
      for (const pathInfo of ['/notes.txt', '/nothing', '/open/style.css', '/staff/plan.txt']) {
        const answer = await ask(pathInfo, { method, body: method === 'POST' ? 'a=b' : undefined });
        isClosed(answer, 405);
        assert.equal(answer.headers.allow, 'GET, HEAD');
      }
  });
}

// ---- tricks of paths

const tricks = [
  '/..', '/../', '/../secret.txt', '/../outside/secret.txt', '/deep/../../secret.txt', '/deep/..', '/deep/../notes.txt', '/./notes.txt',
  '/.', '/...', '/..;/secret.txt', '/..;a=b/secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt',
  '/%252e%252e/secret.txt', '/..%00/secret.txt', '/..%c0%afsecret.txt', '/..\\secret.txt', '/\\..\\secret.txt', '/..\\..\\secret.txt',
  '/notes.txt/', '/notes.txt/.', '/notes.txt/..', '/notes.txt/../notes.txt', '/notes.txt%00.html', '/notes.txt ', '/ notes.txt', '/NOTES.TXT',
  '/notes.txt;x', '/notes.txt#x', '/notes.txt?x', '/notes.txt%20', '/notes.txt.', '/notes.txt~', '/notes%2etxt',
  '//', '//notes.txt', '/deep//index.html', '///etc/passwd', '/etc/passwd', '//etc/passwd', '/root/etc/passwd',
  '/.htpasswd', '/.git', '/.git/', '/.git/config', '/deep/.hidden/x.txt', '/back\\slash.txt',
  '/to_outside', '/to_outside/', '/to_outside/secret.txt', '/to_secret.txt', '/to_git/config', '/to_notes.txt', '/fifo',
  '/staff2/plan.txt', '/Staff/plan.txt', '/open/../notes.txt', '/open/../../secret.txt', '/open//style.css', '/open/.', '/told/../secret.txt',
  '/inside/../secret.txt', '/inside/.htpasswd', '/inside/to_secret.txt', '/told/to_secret.txt', '/told/.git/config', '/told/nothing',
  '/inside/nothing', '/inside/fifo', `/${'a'.repeat(255)}`, `/${'a'.repeat(256)}`, `/${'a/'.repeat(2000)}`, `/${'a'.repeat(8000)}`,
  '/file:///etc/passwd', '/http://localhost/', '/con', '/nul', '/notes.txt::$DATA', '/C:/x', '/~root/x', '/proc/self/environ',
];
test('no trick of a path leads out, or to what is hidden', async () => {
  for (const pathInfo of tricks) {
    const answer = await get(pathInfo);
    assert.ok(!answer.body.includes(secret), pathInfo);
    isClosed(answer, 404);
    assert.equal(json(answer).error, 'not_found');
    assert.match(rules(answer.log).join(), /^(file|request_path)$/, pathInfo);
    assert.ok(!answer.log.includes(work), 'names of files are nobody else’s');
  }
});

test('what is no text is no path', async () => {
  for (const pathInfo of ['/notes.txt\n', '/notes.txt\r\nX: y', '/\x01', '/a\x7f', '/a\tb']) isClosed(await get(pathInfo), 400);
  isClosed(await get(`/${'a'.repeat(9000)}`), 413);
  isClosed(await get('notes.txt'), 404);
  isClosed(await get('../secret.txt'), 404);
});

test('a FIFO, a socket, a device are no files, and nobody waits for them', async () => {
  const before = Date.now();
  isClosed(await get('/fifo'), 404);
  assert.ok(Date.now() - before < 60_000, 'nobody ever writes to it');
});

// ---- conditions, ranges

/** Once the file is old enough to have an ETag. */
async function settled(pathInfo) {
  for (;;) {
    const answer = await get(pathInfo);
    assert.equal(answer.status, 200, answer.log);
    if (answer.headers.etag) return answer.headers;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('what the client has already is not sent again, until it changes', async () => {
  const { etag, 'last-modified': modified, ...rest } = await settled('/notes.txt');
  assert.match(etag, /^"[A-Za-z0-9_-]{20}"$/);
  assert.equal(new Date(modified).toUTCString(), modified);
  for (const headers of [{ 'if-none-match': etag }, { 'if-none-match': `"a", W/${etag}` }, { 'if-modified-since': modified }]) {
    const answer = await get('/notes.txt', { headers });
    assert.equal(answer.status, 304);
    assert.equal(answer.body, '');
    assert.equal(answer.headers.etag, etag);
    for (const name of ['cache-control', 'vary', 'referrer-policy', 'cross-origin-resource-policy']) assert.equal(answer.headers[name], rest[name]);
  }
  assert.equal((await get('/notes.txt', { headers: { 'if-match': '"other"' } })).status, 412);
  assert.equal((await get('/notes.txt', { headers: { 'if-match': etag } })).body, text);

  // Another text of the same length, and the time set back: the file's own clock tells.
  fs.writeFileSync(at('members/notes.txt'), text.replace('0', '1'));
  fs.utimesSync(at('members/notes.txt'), new Date(modified), new Date(modified));
  try {
    const now = await settled('/notes.txt');
    assert.notEqual(now.etag, etag);
    assert.equal((await get('/notes.txt', { headers: { 'if-none-match': etag } })).status, 200);
  } finally {
    fs.writeFileSync(at('members/notes.txt'), text);
  }
});

test('a part is sent, if it is of the same file', async () => {
  const { etag } = await settled('/data.bin');
  const answer = await get('/data.bin', { headers: { range: 'bytes=5-7', 'if-range': etag } });
  assert.equal(answer.status, 206);
  assert.equal(answer.body, 'FOR');
  assert.equal(answer.headers['content-range'], `bytes 5-7/${text.length}`);
  assert.equal((await get('/data.bin', { headers: { range: 'bytes=5-7', 'if-range': '"other"' } })).body, text);
  assert.equal((await get('/data.bin', { headers: { range: 'bytes=0-0,2-3' } })).body, text, 'of several, the whole');
  const beyond = await get('/data.bin', { headers: { range: 'bytes=1000-' } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers['content-range'], `bytes */${text.length}`);
  assert.ok(!beyond.body.includes(secret));
  assert.equal((await get('/data.bin', { method: 'HEAD', headers: { range: 'bytes=5-7' } })).status, 200);
  assert.equal((await get('/data.bin', { headers: { 'if-none-match': 'x'.repeat(9000) } })).status, 413);
});

// ---- large files

const large = 2 ** 32 + 1000;

/** files.cgi with its answer going to `command`, a shell's. */
const piped = (pathInfo, command, headers = {}) => promisify(execFile)('/bin/sh', ['-c', `"$0" | ${command}`, path.join(cgiBin, 'files.cgi')], {
  encoding: 'latin1',
  env: {
    PATH: '/usr/bin:/bin', REQUEST_METHOD: 'GET', PATH_INFO: pathInfo, LATCHKEY_CONF: scene.place.conf, HTTP_COOKIE: cookie, ...headers,
  },
}).then(({ stdout }) => stdout);

test('a file of more than 4 GiB is sent whole, and from its end', async () => {
  const descriptor = fs.openSync(at('members/large.bin'), 'w');
  fs.writeSync(descriptor, 'at the border', 2 ** 32 - 3);
  fs.writeSync(descriptor, 'the end', large - 7);
  fs.closeSync(descriptor);
  try {
    const head = await get('/large.bin', { method: 'HEAD' });
    assert.equal(head.headers['content-length'], String(large));
    const border = await get('/large.bin', { headers: { range: `bytes=${2 ** 32 - 3}-${2 ** 32 + 9}` } });
    assert.equal(border.body, 'at the border');
    assert.equal(border.headers['content-range'], `bytes ${2 ** 32 - 3}-${2 ** 32 + 9}/${large}`);
    assert.equal((await get('/large.bin', { headers: { range: 'bytes=-7' } })).body, 'the end');
    const fields = (await piped('/large.bin', "sed '/^\\r$/q'", { HTTP_RANGE: `bytes=5-${large}` })).length;
    const bytes = Number(await piped('/large.bin', 'wc -c', { HTTP_RANGE: `bytes=5-${large}` }));
    assert.equal(bytes - fields, large - 5);
  } finally {
    fs.rmSync(at('members/large.bin'));
  }
});

/** files.cgi for a member who does not take what it says, or not yet. */
const begin = (pathInfo) => spawn(path.join(cgiBin, 'files.cgi'), [], {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { PATH: '/usr/bin:/bin', REQUEST_METHOD: 'GET', PATH_INFO: pathInfo, LATCHKEY_CONF: scene.place.conf, HTTP_COOKIE: cookie },
});

test('who takes a file slowly holds up nobody who writes to the database', async () => {
  const file = at('members/slow.bin');
  const database = path.join(scene.place.state, 'latchkey.db');
  fs.writeFileSync(file, 'x'.repeat(4_000_000));
  assert.equal((await get('/notes.txt')).status, 200);
  const child = begin('/slow.bin');
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('readable', resolve));
  const busy = execFileSync('sqlite3', [database, 'UPDATE sessions SET last_seen = last_seen - 1; PRAGMA wal_checkpoint(TRUNCATE)'], { encoding: 'utf8' });
  assert.equal(busy, '0|0|0\n', 'all that was in the WAL is in the database, and nobody was in the way');
  assert.equal(child.exitCode, null, 'it is still at it');
  child.stdout.resume();
  await closed;
  fs.rmSync(file);
});

test('a file that shrinks while it is sent ends there, and the log says why', async () => {
  const file = at('members/shrinking.bin');
  fs.writeFileSync(file, 'x'.repeat(4_000_000));
  const child = begin('/shrinking.bin');
  const closed = new Promise((resolve) => child.once('close', resolve));
  const parts = [];
  let log = '';
  child.stderr.on('data', (chunk) => { log += chunk; });
  await new Promise((resolve) => child.stdout.once('readable', resolve)); // the pipe is full now, or will be
  fs.truncateSync(file, 1_000_000);
  child.stdout.on('data', (chunk) => parts.push(chunk));
  await closed;
  fs.rmSync(file);
  const answer = Buffer.concat(parts).toString('latin1');
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  assert.match(answer, /\r\nContent-Length: 4000000\r\n/);
  assert.equal(body, 'x'.repeat(1_000_000), 'no byte is made up');
  assert.deepEqual(rules(log), ['file_cut']);
});

// ---- handed over to the web server

test('the web server is told the file, after the same checks', async () => {
  const cases = [
    ['/told/notes.txt', 'x-sendfile', at('members/notes.txt')],
    ['/told/', 'x-sendfile', at('members/index.html')],
    ['/told/a b;c#d?e%2e&f=g.txt', 'x-sendfile', `${at('members')}/a%20b%3Bc%23d%3Fe%252e%26f%3Dg.txt`],
    ['/plain/a b;c#d?e%2e&f=g.txt', 'x-sendfile', at('members/a b;c#d?e%2e&f=g.txt')],
    ['/inside/notes.txt', 'x-accel-redirect', '/protected/members/notes.txt'],
    ['/inside/deep/', 'x-accel-redirect', '/protected/members/deep/index.html'],
    ['/inside/사진/김하늘.png', 'x-accel-redirect', `/protected/members/${encodeURI('사진/김하늘.png')}`],
    ['/inside/a b;c#d?e%2e&f=g.txt', 'x-accel-redirect', '/protected/members/a%20b%3Bc%23d%3Fe%252e%26f%3Dg.txt'],
  ];
  for (const [pathInfo, field, value] of cases)
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(pathInfo, { method, headers: { range: 'bytes=0-1', 'if-none-match': '*' } });
      assert.equal(answer.status, 200, answer.log);
      assert.equal(answer.headers[field], value);
      assert.equal(answer.body, '');
      for (const absent of ['content-length', 'etag', 'last-modified', 'content-range']) assert.ok(!(absent in answer.headers), absent);
      assert.match(answer.headers['content-type'], /^(text\/(plain|html); charset=utf-8|image\/png)$/);
      assert.equal(answer.headers['cache-control'], 'private, no-cache');
    }
  assert.equal((await get('/inside/deep')).headers.location, program('files.cgi/inside/deep/'));
});

// ---- the operator

test('a folder that is not there is the house’s fault; strangers do not learn of it', async () => {
  const answer = await get('/gone/x');
  isClosed(answer, 500);
  assert.deepEqual(rules(answer.log), ['folder']);
  isClosed(await stranger('/gone/x'), 401);
});

test('a section with a mistake serves nobody, and the log names its line', async () => {
  for (const ask of [get, stranger]) {
    const answer = await ask('/broken/secret.txt');
    isClosed(answer, 500);
    const [event] = events(answer.log);
    assert.equal(event.rule, 'config');
    assert.match(event.detail, /latchkey\.conf:\d+: folder needs /);
  }
});

test('latchkey check looks at each folder', async () => {
  fs.mkdirSync(at('public_html/members'), { recursive: true });
  const other = await Scene.open({ more: () => `${sections}\n[files public]\nfolder = ${at('public_html/members')}\n` });
  try {
    const { stdout, stderr } = await promisify(execFile)(path.join(build, 'bin/latchkey'), ['check', '--offline'],
      { env: { PATH: '/usr/bin:/bin', LATCHKEY_CONF: other.place.conf } }).catch((error) => error);
    const said = stdout + stderr;
    const line = (subject) => said.split('\n').find((found) => found.includes(` ${subject} `)) ?? said;
    assert.match(line('files'), /^ok /);
    assert.match(line('files staff'), /^ok /);
    assert.match(line('files gone'), /^wrong .*cannot be opened/);
    assert.match(line('files broken'), /^wrong .*latchkey\.conf:\d+: folder needs/);
    assert.match(line('files public'), /^note .*public_html/);
  } finally {
    other.close();
  }
});
