// api.cgi and an API that is slow, endless, broken, hostile, or says no: what comes of it is a clean answer, limits are kept, nothing
// half is kept, and no token or key is anywhere but where it belongs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { json } from '../e2e/support/cgi.mjs';
import { cgiBin } from '../e2e/support/place.mjs';
import { events } from '../e2e/support/site.mjs';
import { Provider, Reply } from './provider.mjs';
import { Scene, checkSignedIn, origin, program, rules } from './scene.mjs';
import { HANG, Upstream, answer, raw } from './upstream.mjs';

const ours = { origin, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' };
const key = 'the-key-that-no-browser-sees';

/** It refreshes (RFC 6749 6), rotating, or as hooks.refresh says. */
class RefreshingProvider extends Provider {
  answer_token(call) {
    const form = new URLSearchParams(call.body);
    if (form.get('grant_type') !== 'refresh_token') return super.answer_token(call);
    call.endpoint = 'refresh';
    if (!this.authenticate(call, form)) this.complain('refresh: who is it?');
    const login = this.logins.find(({ refreshToken }) => refreshToken === form.get('refresh_token'));
    if (!login) {
      this.complain('refresh: that refresh_token is none');
      return new Reply(400, '{"error":"invalid_grant"}');
    }
    const answered = this.hooks.refresh?.(login);
    if (answered) return answered;
    this.grant(login);
    return { access_token: login.accessToken, token_type: 'Bearer', expires_in: 3600, refresh_token: login.refreshToken };
  }

  /** New tokens for a login. */
  grant(login) {
    const number = (login.number ?? 0) + 1;
    Object.assign(login, { number, accessToken: `at-${number}-${login.code}`, refreshToken: `rt-${number}-${login.code}` });
    this.secret('access_token', login.accessToken);
    this.secret('refresh_token', login.refreshToken);
  }
}

/** A login brings both tokens, good for the scope `granted`. */
const granting = (granted = 'openid notes', lifetime = 3600) => ({
  token: (right, login) => {
    login.refreshToken = `rt-0-${login.code}`;
    return { ...right, refresh_token: login.refreshToken, expires_in: lifetime, ...(granted ? { scope: granted } : {}) };
  },
});

/**
 * A test with an API: `script` answers for it, `api` are more settings of [api it], which is called in nobody's name with a key, or
 * (`person`) as the person who is signed in. `body` gets the scene, with `api`, the Upstream.
 */
function apiTest(name, { script, api = '', timeout = '10s', person = false, hooks = granting(), more = '', settings = {} }, body) {
  test(name, async (t) => {
    const upstream = await Upstream.start(script);
    t.after(() => upstream.stop());
    const access = person ? 'provider = op\nscope = notes' : `access = anyone\nkey = ${key}\nkey_parameter = appid`;
    const scene = await open(t, {
      kind: RefreshingProvider, provider: { hooks }, settings,
      more: () => `[api it]\nbase_url = ${upstream.origin}/v1/\n${access}\ntimeout = ${timeout}\n${api}\n${more}`,
    });
    scene.api = upstream;
    scene.provider.secret('key', key);
    if (person) scene.me = await checkSignedIn(scene, await scene.signIn());
    scene.asked = scene.provider.requests.length;
    await body(scene);
    scene.checkNoSecretInLog();
  });
}

async function open(t, options) {
  const scene = await Scene.open(options);
  t.after(() => scene.close());
  return scene;
}

/** A script of a page of ours calls the API. */
async function call(scene, { method = 'GET', pathInfo = '/it/x', query = '', body, headers = {}, csrf = true, run = {} } = {}) {
  const token = csrf && method !== 'GET' && scene.me ? { 'x-csrf-token': scene.me.csrf_token } : {};
  const got = await scene.browser.request(method, program(`api.cgi${pathInfo}${query && `?${query}`}`), {
    body, headers: { ...ours, ...token, ...headers }, run,
  });
  scene.log += got.log;
  assert.equal(got.code, 0, got.log);
  assert.deepEqual(got.cookies, [], 'no cookie comes of it');
  for (const [secret, what] of scene.provider.secrets)
    assert.ok(secret.length < 8 || !`${JSON.stringify(got.headers)}${got.body}`.includes(secret), `${what} is told`);
  return got;
}

const ask = (scene, sql) =>
  execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(scene.place.state, 'latchkey.db'), sql], { encoding: 'utf8' }).trim();
const kept = (scene) => ask(scene, 'SELECT count(*) FROM api_answers');
const refreshes = (scene) => scene.provider.calls(scene.asked).filter((endpoint) => endpoint === 'refresh').length;

async function fails(scene, status, rule, code, options) {
  const got = await call(scene, options);
  assert.equal(got.status, status, got.log);
  assert.deepEqual(rules(got.log), [rule], got.log);
  const document = json(got);
  assert.equal(document.error, code);
  assert.equal(got.headers['cache-control'], 'no-store');
  return document;
}

// ---- an API that is broken

const json_ = ['Content-Type: application/json'];
const long = 'x'.repeat(100_000);
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
const broken = {
  'hangs up at once': [() => [], 502, 'api_failed'],
  'says nothing': [() => [HANG], 504, 'api_timeout'],
  'says no more after its head': [() => [raw('200 OK', [...json_, 'Content-Length: 5']), HANG], 504, 'api_timeout'],
  'drips': [() => [raw('200 OK', [...json_, 'Content-Length: 5000']), ...Array(40).fill(['x', 200]).flat()], 504, 'api_timeout'],
  'drips its head': [() => ['HTTP/1.1 200 OK\r\nX-A: ', ...Array(40).fill(['x', 200]).flat()], 504, 'api_timeout'],
  'hangs up within its head': [() => ['HTTP/1.1 200 OK\r\nContent-Type: applica'], 502, 'api_failed'],
  'hangs up before its body': [() => [raw('200 OK', [...json_, 'Content-Length: 5'])], 502, 'api_failed'],
  'hangs up within its body': [() => [raw('200 OK', [...json_, 'Content-Length: 50'], '{"half":')], 502, 'api_failed'],
  'hangs up within a chunk': [() => [raw('200 OK', [...json_, 'Transfer-Encoding: chunked'], '50\r\n{"half":')], 502, 'api_failed'],
  'hangs up between chunks': [() => [raw('200 OK', [...json_, 'Transfer-Encoding: chunked'], chunk('{"half":'))], 502, 'api_failed'],
  'hangs up within a long answer of unknown length': [() => [raw('200 OK', [...json_, 'Transfer-Encoding: chunked'], chunk(long))], 502, 'api_failed'],
  'hangs up within a long answer of known length': [() => [raw('200 OK', [...json_, 'Content-Length: 200000'], long)], 502, 'api_failed'],
  'comes to a stop within a long answer': [() => [raw('200 OK', [...json_, 'Content-Length: 200000'], long), HANG], 504, 'api_timeout'],
  'sends no HTTP': [() => ['SSH-2.0-OpenSSH_9\r\n\r\n'], 502, 'api_failed'],
  'sends HTTP/0.9': [() => ['{"a":1}'], 502, 'api_failed'],
  'sends a field with a CR': [() => [raw('200 OK', [...json_, 'ETag: "a\rSet-Cookie: b=c"', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends a field with a control byte': [() => [raw('200 OK', ['X-A: \x01', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends a field with a NUL': [() => [raw('200 OK', ['X-A: a\0b', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends a name that is none': [() => [raw('200 OK', ['X A: b', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends a line that is no field': [() => [raw('200 OK', ['nonsense', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends two types': [() => [raw('200 OK', ['Content-Type: text/html', 'Content-Type: image/png', 'Content-Length: 2'], '{}')], 502, 'api_failed'],
  'sends two lengths': [() => [raw('200 OK', ['Content-Length: 2', 'Content-Length: 3'], '{}x')], 502, 'api_failed'],
  'sends a length that is none': [() => [raw('200 OK', ['Content-Length: 2, 2'], '{}')], 502, 'api_failed'],
  'sends a negative length': [() => [raw('200 OK', ['Content-Length: -2'], '{}')], 502, 'api_failed'],
  'sends an endless head': [() => ['HTTP/1.1 200 OK\r\n', ...Array(3000).fill(`X-A: ${'a'.repeat(100)}\r\n`)], 502, 'api_failed'],
  'sends gzip that is none': [() => [raw('200 OK', ['Content-Encoding: gzip', 'Content-Length: 5'], 'hello')], 502, 'api_failed'],
  'announces more than it may': [() => [raw('200 OK', ['Content-Length: 300000']), HANG], 502, 'api_failed'],
  'sends more than it may': [() => [raw('200 OK', ['Transfer-Encoding: chunked']), ...Array(300).fill(chunk('x'.repeat(1000)))], 502, 'api_failed'],
  'never ends': [() => [raw('200 OK'), ...Array(20000).fill('x'.repeat(1000))], 502, 'api_failed'],
  'sends a bomb': [() => { const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024)); return [raw('200 OK', ['Content-Encoding: gzip', `Content-Length: ${bomb.length}`], bomb)]; }, 502, 'api_failed'],
  'has status 600': [() => answer(600, '{}'), 502, 'api_status'],
  'has no status': [() => ['HTTP/1.1 OK\r\n\r\n{}'], 502, 'api_failed'],
  'asks for another protocol': [() => [raw('101 Switching Protocols', ['Upgrade: websocket', 'Connection: Upgrade'])], 502, 'api_failed'],
  'does not take the key': [() => answer(401, '{}', { 'WWW-Authenticate': 'Basic realm="x"' }), 502, 'api_status'],
  'is a proxy that wants credentials': [() => answer(407, '{}', { 'Proxy-Authenticate': 'Basic realm="x"' }), 502, 'api_status'],
  'says that nothing has changed, though nobody asked': [() => [raw('304 Not Modified', ['ETag: "x"'])], 502, 'api_status'],
};
for (const [name, [script, status, rule]] of Object.entries(broken))
  apiTest(`an API that ${name}`, { script, timeout: status === 504 ? '1s' : '10s', api: 'answer_limit = 256k\ncache = 1h' }, async (scene) => {
    const document = await fails(scene, status, rule, status === 504 ? 'api_timeout' : 'api_unavailable');
    assert.ok(!('login_url' in document), 'it is not the person’s turn');
    assert.equal(kept(scene), '0', 'nothing half is kept');
  });

for (const status of [300, 301, 302, 303, 305, 307, 308])
  apiTest(`a redirect (${status}) is not followed, and not passed on`, {
    script: () => null, api: 'cache = 1h',
  }, async (scene) => {
    const elsewhere = await Upstream.start();
    scene.api.script = () => answer(status, '{}', { Location: `${elsewhere.origin}/v1/secret` });
    try {
      await fails(scene, 502, 'api_status', 'api_unavailable');
      assert.equal(elsewhere.calls.length, 0);
      assert.equal(kept(scene), '0');
    } finally {
      elsewhere.stop();
    }
  });

test('an API that is not there', async (t) => {
  const gone = await Upstream.start();
  gone.stop();
  const scene = await open(t, { more: () => `[api it]\nbase_url = ${gone.origin}/\naccess = anyone\n` });
  await fails(scene, 502, 'api_failed', 'api_unavailable');
});

// ---- long answers, and such as have no end

apiTest('a long answer is whole, whatever is known of its length', { script: null }, async (scene) => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${i};`).join('');
  const packed = zlib.gzipSync(text);
  for (const what of [
    raw('200 OK', [`Content-Length: ${text.length}`], text),
    raw('200 OK', ['Transfer-Encoding: chunked'], `${chunk(text.slice(0, 150_000))}${chunk(text.slice(150_000))}0\r\n\r\n`),
    raw('200 OK', ['Content-Encoding: gzip', `Content-Length: ${packed.length}`], packed),
    raw('200 OK', [], text),
    raw('200 OK', ['Content-Length: 5', 'Transfer-Encoding: chunked'], `${chunk(text)}0\r\n\r\n`), // RFC 9112 6.3 (3)
  ]) {
    scene.api.script = () => what;
    const got = await call(scene);
    assert.equal(got.status, 200, got.log);
    assert.equal(got.headers['content-length'], String(text.length));
    assert.equal(got.body, text);
    assert.equal(got.log, '');
  }
});

apiTest('a browser that does not wait is no failure of anybody', { script: null }, async (scene) => {
  scene.api.script = () => [raw('200 OK', ['Content-Type: text/event-stream']), ...Array(10000).fill('x'.repeat(1000))];
  const child = spawn(path.join(cgiBin, 'api.cgi'), [], {
    env: { REQUEST_METHOD: 'GET', PATH_INFO: '/it/x', SERVER_PROTOCOL: 'HTTP/1.1', LATCHKEY_CONF: scene.place.conf }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (piece) => { log += piece; });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0);
  assert.deepEqual(events(log).map(({ event }) => event), ['client_gone']);
});

apiTest('events come as they are said, and end when the API does', { script: null }, async (scene) => {
  for (const type of ['text/event-stream; charset=utf-8', 'application/x-ndjson'])
    for (const [lines, body] of [[[], 'data: 1\n\n'], [['Transfer-Encoding: chunked'], chunk('data: 1\n\n')]]) {
      scene.api.script = () => [raw('200 OK', [`Content-Type: ${type}`, ...lines]), body];
      const got = await call(scene);
      assert.deepEqual([got.status, got.body, got.headers['content-type']], [200, 'data: 1\n\n', type]);
      assert.ok(!('content-length' in got.headers));
      assert.deepEqual(rules(got.log), lines.length ? ['api_failed'] : [], 'the operator knows that it broke off');
    }
});

// ---- what goes through

apiTest('statuses and bodies of an API that says no go through', { script: null }, async (scene) => {
  for (const status of [200, 201, 202, 400, 403, 404, 409, 418, 422, 429, 500, 503]) {
    scene.api.script = () => answer(status, `{"status":${status}}`, { 'Retry-After': '7' });
    const got = await call(scene);
    assert.equal(got.status, status);
    assert.deepEqual(json(got), { status });
    assert.equal(got.headers['retry-after'], '7');
    assert.equal(got.log, '');
  }
});

apiTest('nothing that an answer says acts on our site', { script: null }, async (scene) => {
  const hostile = {
    'Set-Cookie': '__Host-latchkey-session=stolen; Path=/; Secure', Status: '302 Found', Location: 'https://evil.example/', Refresh: '0;url=https://evil.example/',
    'X-Accel-Redirect': '/etc/passwd', 'X-Sendfile': '/etc/passwd', 'X-LIGHTTPD-send-file': '/etc/passwd', 'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Credentials': 'true', 'Content-Security-Policy': "default-src * 'unsafe-inline'", 'Cross-Origin-Resource-Policy': 'cross-origin',
    'Service-Worker-Allowed': '/', 'Clear-Site-Data': '"*"', 'Cache-Control': 'public, max-age=99999', 'Strict-Transport-Security': 'max-age=0', 'Alt-Svc': 'h3=":1"',
    'WWW-Authenticate': 'Basic realm="your password"', 'X-Content-Type-Options': 'sniff', 'X-Auth-Request-User': 'root', 'Content-Location': '/', 'Set-Cookie2': 'a=b',
  };
  for (const [type, seen] of [['text/html', 'text/html'], ['text/javascript', 'text/plain; charset=utf-8'], ['image/svg+xml', 'image/svg+xml']]) {
    scene.api.script = () => answer(200, '<script>steal()</script>', { ...hostile, 'Content-Type': type, ETag: '"e"', 'X-RateLimit-Remaining': '3' });
    const got = await call(scene);
    assert.equal(got.status, 200);
    assert.equal(got.body, '<script>steal()</script>');
    assert.deepEqual(got.headers, {
      status: '200 OK', 'content-type': seen, etag: '"e"', 'x-ratelimit-remaining': '3', 'content-length': '24', 'cache-control': 'private, no-store',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'", 'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
    });
  }
});

apiTest('conditions and parts', { script: null }, async (scene) => {
  scene.api.script = ({ headers }) => (headers['if-none-match'] ? raw('304 Not Modified', ['ETag: "x"', 'Set-Cookie: a=b'])
    : raw('206 Partial Content', ['Content-Range: bytes 0-1/10', 'Content-Length: 2'], 'ab'));
  const same = await call(scene, { headers: { 'if-none-match': '"x"' } });
  assert.deepEqual([same.status, same.body, same.headers.etag, same.headers['content-length']], [304, '', '"x"', undefined]);
  const part = await call(scene, { headers: { range: 'bytes=0-1' } });
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'ab', 'bytes 0-1/10']);
  assert.ok(!('accept-encoding' in scene.api.calls.at(-1).headers), 'a part of what is packed could not be unpacked');
});

apiTest('a HEAD has the head of the answer', { script: () => raw('200 OK', ['Content-Type: text/x', 'Content-Length: 12345']) }, async (scene) => {
  const got = await call(scene, { method: 'HEAD' });
  assert.deepEqual([got.status, got.body, got.headers['content-length'], got.headers['content-type']], [200, '', '12345', 'text/x']);
});

// ---- kept for all

const counting = () => {
  let count = 0;
  return () => answer(200, `{"count":${++count}}`, { ETag: `"${count}"`, 'Set-Cookie': 'a=b' });
};

apiTest('an answer is kept for all who ask for the same', { script: counting(), api: 'cache = 1h' }, async (scene) => {
  const first = await call(scene, { query: 'city=Seoul' });
  assert.deepEqual(json(first), { count: 1 });
  assert.match(scene.api.calls[0].target, new RegExp(`^/v1/x\\?city=Seoul&appid=${key}$`));
  const visitor = { ...scene, browser: scene.newBrowser(), log: '' };
  const second = await call(visitor, { query: 'city=Seoul', headers: { cookie: 'other=1', 'if-none-match': '"1"', range: 'bytes=0-0', 'user-agent': 'x' } });
  assert.deepEqual([second.status, second.body, second.headers], [200, first.body, first.headers]);
  assert.equal(scene.api.calls.length, 1);
  assert.deepEqual(json(await call(scene, { query: 'city=Busan' })), { count: 2 });
  assert.deepEqual(json(await call(scene, { query: 'city=Seoul', headers: { accept: 'application/xml' } })), { count: 3 });
  assert.deepEqual(json(await call(scene, { query: 'city=Seoul', headers: { 'accept-language': 'ko' } })), { count: 4 });
  assert.equal(kept(scene), '4');
  for (const file of fs.readdirSync(scene.place.state).filter((name) => name.startsWith('latchkey.db')))
    assert.ok(!fs.readFileSync(path.join(scene.place.state, file)).includes(key), 'the key is not kept with it');
});

apiTest('what is kept has its time', { script: counting(), api: 'cache = 1h' }, async (scene) => {
  await call(scene);
  assert.equal(ask(scene, "SELECT expires_at - strftime('%s', 'now') BETWEEN 3590 AND 3600 FROM api_answers"), '1');
  ask(scene, 'UPDATE api_answers SET expires_at = 1');
  assert.deepEqual(json(await call(scene)), { count: 2 });
  assert.equal(kept(scene), '1');
});

apiTest('what is no whole, good and small answer to a GET is not kept', { script: null, api: 'cache = 1h\nmethods = GET HEAD POST' }, async (scene) => {
  for (const what of [answer(201, '{}'), answer(404, '{}'), answer(500, '{}'), raw('206 Partial Content', ['Content-Range: bytes 0-1/10', 'Content-Length: 2'], 'ab'),
    raw('200 OK', ['Content-Length: 100000'], long), raw('200 OK', ['Content-Length: 5'], 'abc')]) {
    scene.api.script = () => what;
    const seen = scene.api.calls.length;
    await call(scene);
    await call(scene);
    assert.equal(scene.api.calls.length, seen + 2);
  }
  scene.api.script = () => answer(200, '{}');
  await call(scene, { method: 'HEAD' });
  await call(scene, { method: 'POST', body: 'a=b' });
  assert.equal(kept(scene), '0');
  await call(scene);
  assert.equal(kept(scene), '1');
  const seen = scene.api.calls.length;
  await call(scene, { method: 'POST', body: 'a=b' });
  assert.equal(scene.api.calls.length, seen + 1, 'a POST asks');
});

apiTest('of many who ask at once, one asks the API', { script: () => [500, answer(200, '{"a":1}')], api: 'cache = 1h' }, async (scene) => {
  const all = await Promise.all(Array.from({ length: 12 }, () => call(scene)));
  for (const got of all) assert.equal(got.body, '{"a":1}');
  assert.equal(scene.api.calls.length, 1);
});

apiTest('of many who ask at once an API that fails, each gets its failure', { script: () => [50, ''], api: 'cache = 1h' }, async (scene) => {
  const all = await Promise.all(Array.from({ length: 4 }, () => call(scene)));
  for (const got of all) assert.equal(got.status, 502, got.log);
});

// ---- as a person

const asPerson = { person: true, script: () => answer(200, '{"notes":[]}'), api: 'methods = GET POST DELETE' };

apiTest('an API is called as the person who is signed in', asPerson, async (scene) => {
  const got = await call(scene);
  assert.deepEqual(json(got), { notes: [] });
  const [{ headers, target }] = scene.api.calls;
  assert.equal(headers.authorization, `Bearer ${scene.provider.logins[0].accessToken}`);
  assert.equal(target, '/v1/x');
  assert.ok(!('cookie' in headers));
  assert.equal(refreshes(scene), 0);
});

apiTest('a stranger calls nobody', asPerson, async (scene) => {
  const stranger = { ...scene, browser: scene.newBrowser() };
  const document = await call(stranger, { headers: { referer: `${origin}/notes.html?a=1` } });
  assert.equal(document.status, 401);
  assert.equal(json(document).error, 'unauthenticated');
  assert.equal(json(document).login_url, '/cgi-bin/login.cgi?provider=op&api=it&return_to=%2Fnotes.html%3Fa%3D1');
  assert.equal(scene.api.calls.length, 0);
});

apiTest('what changes something needs the session’s csrf_token', asPerson, async (scene) => {
  for (const [headers, rule, status] of [
    [{}, 'csrf_token', 403], [{ 'x-csrf-token': 'x' }, 'csrf_token', 403], [{ 'x-csrf-token': '' }, 'csrf_token', 403],
    [{ 'x-csrf-token': scene.me.csrf_token, 'sec-fetch-site': 'cross-site' }, 'request_origin', 403],
    [{ 'x-csrf-token': scene.me.csrf_token, origin: 'https://evil.example' }, 'request_origin', 403],
    [{ 'x-csrf-token': scene.me.csrf_token, 'sec-fetch-dest': 'script' }, 'api_destination', 400],
  ])
    for (const method of ['POST', 'DELETE']) {
      const got = await call(scene, { method, body: 'csrf_token=x', headers, csrf: false });
      assert.equal(got.status, status, got.log);
      assert.deepEqual(rules(got.log), [rule]);
    }
  const form = await call(scene, { method: 'POST', body: `csrf_token=${scene.me.csrf_token}`, csrf: false });
  assert.equal(form.status, 403, 'a body is the API’s, and no form of ours');
  assert.equal(scene.api.calls.length, 0);
  for (const method of ['POST', 'DELETE']) assert.equal((await call(scene, { method, body: '{"a":1}' })).status, 200);
  assert.deepEqual(scene.api.calls.map(({ method }) => method), ['POST', 'DELETE']);
  for (const { headers } of scene.api.calls) assert.ok(!('x-csrf-token' in headers));
});

apiTest('another site’s page reads nothing by GET', asPerson, async (scene) => {
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example', 'sec-fetch-site': undefined }]) {
    const given = Object.fromEntries(Object.entries({ ...ours, ...headers }).filter(([, value]) => value !== undefined));
    const got = await scene.browser.get(program('api.cgi/it/x'), { headers: given });
    assert.equal(got.status, 403);
    assert.deepEqual(rules(got.log), ['request_origin']);
  }
  assert.equal(scene.api.calls.length, 0);
});

/** Takes the newest access token alone, as an API does whose tokens expire. */
const strict = (scene) => ({ headers }) =>
  (headers.authorization === `Bearer ${scene.provider.logins[0].accessToken}` ? answer(200, '{"ok":true}') : answer(401, '{"error":"expired"}', { 'WWW-Authenticate': 'Bearer error="invalid_token"' }));
/** As if the tokens had been got a while ago. */
const age = (scene) => ask(scene, 'UPDATE tokens SET updated_at = updated_at - 600');

apiTest('a token that the API does not take any more is renewed once, and the call is made once more', asPerson, async (scene) => {
  scene.api.script = strict(scene);
  age(scene);
  scene.provider.logins[0].accessToken = 'somebody-ended-it';
  const got = await call(scene, { method: 'POST', body: '{"text":"a note"}', run: { variables: { CONTENT_TYPE: 'application/json' } } });
  assert.equal(got.status, 200, got.log);
  assert.equal(refreshes(scene), 1);
  assert.deepEqual(scene.api.calls.map(({ method, body }) => [method, body]), [['POST', '{"text":"a note"}'], ['POST', '{"text":"a note"}']]);
  assert.equal((await call(scene)).status, 200);
  assert.equal(refreshes(scene), 1);
});

apiTest('a token that has expired is renewed before anybody is called', { ...asPerson, hooks: granting('openid notes', 1) }, async (scene) => {
  scene.api.script = strict(scene);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal((await call(scene)).status, 200);
  assert.equal(refreshes(scene), 1);
  assert.equal(scene.api.calls.length, 1);
});

apiTest('an API that always says 401 is asked twice, and no more', { ...asPerson, script: () => answer(401, '{}') }, async (scene) => {
  age(scene);
  await fails(scene, 502, 'token_refused', 'api_unavailable');
  assert.equal(scene.api.calls.length, 2);
  assert.equal(refreshes(scene), 1);
  await fails(scene, 502, 'token_refused', 'api_unavailable');
  assert.equal(scene.api.calls.length, 3, 'a token that is new is not renewed');
  assert.equal(refreshes(scene), 1);
});

const refusing = { ...granting(), refresh: () => new Reply(400, '{"error":"invalid_grant"}') };
apiTest('a refused refresh says: sign in again', { ...asPerson, hooks: refusing, script: () => answer(401, '{}') }, async (scene) => {
  age(scene);
  const referer = `${origin}/notes.html`;
  const document = await fails(scene, 401, 'grant_over', 'sign_in_again', { headers: { referer } });
  assert.equal(document.login_url, '/cgi-bin/login.cgi?provider=op&api=it&return_to=%2Fnotes.html');
  assert.deepEqual([scene.api.calls.length, refreshes(scene)], [1, 1]);
  await fails(scene, 401, 'no_tokens', 'sign_in_again');
  assert.deepEqual([scene.api.calls.length, refreshes(scene)], [1, 1], 'nobody is asked again');
});

apiTest('a provider that fails is not the API', { ...asPerson, hooks: { ...granting(), refresh: () => new Reply(500, 'oops') }, script: () => answer(401, '{}') }, async (scene) => {
  age(scene);
  const got = await call(scene);
  assert.equal(got.status, 502);
  assert.equal(json(got).error, 'provider_unavailable');
  assert.equal(scene.api.calls.length, 1);
});

apiTest('a 401 to our own key is not the person’s turn', { script: () => answer(401, '{}') }, async (scene) => {
  await fails(scene, 502, 'api_status', 'api_unavailable');
  assert.equal(scene.api.calls.length, 1);
});

apiTest('a scope that was not asked for is asked for', { ...asPerson, hooks: granting('openid') }, async (scene) => {
  const document = await fails(scene, 403, 'api_scope', 'insufficient_scope', { headers: { referer: `${origin}/notes.html` } });
  assert.equal(document.scope, 'notes');
  assert.equal(document.login_url, '/cgi-bin/login.cgi?provider=op&api=it&return_to=%2Fnotes.html');
  assert.equal(scene.api.calls.length, 0);

  // The way that it says leads there, and back.
  scene.provider.hooks.token = granting('openid notes').token;
  const begun = await scene.begin(document.login_url.split('?')[1]);
  assert.ok(begun.parameters, begun.answer?.log);
  assert.match(scene.provider.logins.at(-1).request.scope, /\bnotes\b/);
  const back = await scene.comeBack(begun.parameters);
  assert.equal(back.status, 303, back.log);
  assert.equal(back.headers.location, `${origin}/notes.html`);
  assert.equal((await call(scene)).status, 200);
});

apiTest('one person’s answer is nobody else’s', { ...asPerson, script: ({ headers }) => answer(200, JSON.stringify({ as: headers.authorization.length > 0 && headers.authorization.slice(-4) })) }, async (scene) => {
  const mine = json(await call(scene));
  const browser = scene.newBrowser();
  const other = { ...scene, browser };
  const answer_ = await browser.get(program('login.cgi?provider=op'));
  const parameters = scene.provider.authorize(answer_.headers.location, { sub: 'somebody-else', email: 'else@example.com' });
  assert.equal((await scene.comeBack(parameters, { browser })).status, 303);
  const theirs = json(await call(other));
  assert.notDeepEqual(theirs, mine);
  assert.deepEqual(json(await call(scene)), mine);
  assert.equal(kept(scene), '0');
});

apiTest('a rule that the person does not meet', { ...asPerson, api: 'require = staff', more: '[rule staff]\nallowed_emails = boss@example.com\n' }, async (scene) => {
  await fails(scene, 403, 'rule', 'not_allowed');
  assert.equal(scene.api.calls.length, 0);
});

apiTest('who signed out calls nobody', asPerson, async (scene) => {
  assert.equal((await call(scene)).status, 200);
  await scene.browser.post(program('logout.cgi'), { csrf_token: scene.me.csrf_token }, { headers: { origin, 'sec-fetch-site': 'same-origin' } });
  const got = await call(scene);
  assert.equal(got.status, 401);
  assert.equal(scene.api.calls.length, 1);
});

for (const [name, [script, status, rule]] of Object.entries({
  'hangs up': [() => [], 502, 'api_failed'], 'says nothing': [() => [HANG], 504, 'api_timeout'], 'redirects': [() => answer(302, '', { Location: '/x' }), 502, 'api_status'],
}))
  apiTest(`as a person, an API that ${name}`, { ...asPerson, script, timeout: status === 504 ? '1s' : '10s' }, async (scene) => {
    await fails(scene, status, rule, status === 504 ? 'api_timeout' : 'api_unavailable');
    assert.equal(scene.api.calls.length, 1, 'nothing is sent twice');
    assert.equal(refreshes(scene), 0);
  });
