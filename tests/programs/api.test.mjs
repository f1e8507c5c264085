// api.cgi by itself: where a request goes, and which go nowhere. Each refusal is one in which the API was not called.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { cgi, json, page, setup } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { Upstream, answer } from '../hostile/upstream.mjs';

const upstream = await Upstream.start(() => answer(200, '{"ok":true}'));
after(() => upstream.stop());
const base = `${upstream.origin}/v1/`;

const place = setup(`
[provider one]
type = oidc
issuer = http://localhost:9
client_id = latchkey
client_secret = a-secret-of-one

[rule staff]
groups = staff

[api open]
base_url = ${base}
access = anyone
methods = GET HEAD POST PUT PATCH DELETE

[api flat]
base_url = ${upstream.origin}/graphql
access = anyone

[api keyed]
base_url = ${base}
access = anyone
key = hush-hush-key
key_parameter = appid

[api field]
base_url = ${base}
access = anyone
key_file = field.key
key_field = X-Api-Key

[api members]
base_url = ${base}
methods = GET POST

[api staff]
base_url = ${base}
require = staff

[api mine]
base_url = ${base}
provider = one
scope = notes
`);
fs.writeFileSync(path.join(path.dirname(place.conf), 'field.key'), 'hush-hush-file\nnot this line\n', { mode: 0o600 });

/** The answer, and what the API was asked. */
async function call(pathInfo, options = {}) {
  const seen = upstream.calls.length;
  const got = await cgi('api.cgi', place, { pathInfo, ...options });
  assert.equal(got.code, 0, got.log);
  for (const secret of ['hush-hush-key', 'hush-hush-file', 'a-secret-of-one'])
    assert.ok(!`${got.log}${got.body}${JSON.stringify(got.headers)}`.includes(secret), 'a secret is told');
  return { ...got, calls: upstream.calls.slice(seen) };
}

async function refused(pathInfo, status, rule, options = {}) {
  const got = await call(pathInfo, options);
  assert.equal(got.status, status, `${JSON.stringify(pathInfo)}: ${got.log}`);
  assert.deepEqual(got.calls, [], 'nobody was called');
  if (rule === 'unauthenticated') assert.equal(got.log, '', 'that is an answer, and no event');
  else assert.deepEqual(events(got.log).map((event) => event.rule), [rule], got.log);
  return got;
}

async function passed(pathInfo, options = {}) {
  const got = await call(pathInfo, options);
  assert.equal(got.status, 200, got.log);
  assert.equal(got.calls.length, 1);
  return got.calls[0];
}

// ---- paths

test('a path goes below the base', async () => {
  const ways = {
    '/open': '/v1/', '/open/': '/v1/', '/open/users/me/labels': '/v1/users/me/labels', '/open/folder/': '/v1/folder/',
    '/open/a b': '/v1/a%20b', '/open/100%': '/v1/100%25', '/open/a?b#c': '/v1/a%3Fb%23c', '/open/caf\u00e9': '/v1/caf%C3%A9',
    '/open/things:batchGet': '/v1/things:batchGet', '/open/ada@example.org': '/v1/ada@example.org', '/open/..x/x..': '/v1/..x/x..',
    '/open/http:': '/v1/http:', '/open/user:pw@evil.example': '/v1/user:pw@evil.example',
    '/flat': '/graphql', '/flat/': '/graphql/', '/flat/x': '/graphql/x',
  };
  for (const [from, to] of Object.entries(ways)) assert.equal((await passed(from)).target, to, from);
});

// Decoded once, as servers hand them over; two of them not at all, as a server that does not decode would.
const tricks = [
  '..', '.', '../', '../admin', '../../admin', 'a/../../admin', './x', 'a/.', 'a/..', 'a/./b', '/', '//', '/evil.example/', 'a//b', 'a//',
  '%2e%2e', '%2E%2E/admin', '.%2e/admin', '%2e./admin', '%2e', 'a/%2e%2e/b', '%252e%252e/admin', '%25252e%25252e/', '%%32%65%2e/x', '%2%65./x',
  'a%2fb', 'a%2F..%2F..', '%252f', '%5c', 'a%255cb', '..%5c..%5cadmin', 'a\\b', '..\\admin', '\\\\evil.example\\x',
  'a;b', '..;/admin', '..;x=y/admin', 'a%3bb', '%253b', '%00', 'a%2500', 'x%0a', '%0d%0aX-Evil: 1', '%250d%250a', '%7f', '%09',
  '.. /admin', ' ../admin', '. ./admin', '.../admin', '%20../x', ' ', '%c0%ae%c0%ae/x', '%c0%af', '%e0%80%ae', '%ff', '%u002e%u002e/x', '%U2215',
  `${'a/'.repeat(1100)}x`, 'a'.repeat(2048),
];

test('a path that could lead elsewhere goes nowhere', async () => {
  for (const trick of tricks) await refused(`/open/${trick}`, 404, 'request_path');
});

test('a path with bytes that are none is refused before it is looked at', async () => {
  for (const [trick, status, rule] of [['a\nb', 400, 'request_malformed'], ['a\x01', 400, 'request_malformed'], ['\x7f', 400, 'request_malformed'],
    ['x'.repeat(9000), 413, 'request_too_large']])
    await refused(`/open/${trick}`, status, rule);
});

test('names that are none, or too close to one', async () => {
  for (const name of ['', '/', '/nobody', '/OPEN', '/open ', '/open%2f', '/open..', '/ope', '/openx', '//open/x', '/../open', '/.', '/open;x', '/open?x'])
    await refused(name, 404, 'api_unknown');
  assert.ok((await refused('/nobody', 404, 'api_unknown')).log.includes('[api nobody]'));
  assert.ok(!(await refused('/ada@example.org', 404, 'api_unknown')).log.includes('ada@'), 'what somebody typed is not for the log');
});

// ---- queries

test('a query goes along as it is, but for what cannot stand in one', async () => {
  const ways = {
    'q=a+b&x=%20%2F%0A%C3%A9': 'q=a+b&x=%20%2F%0A%C3%A9', 'filter[x]=a|b': 'filter%5Bx%5D=a%7Cb', '../..//x': '../..//x', 'x=https://evil.example/?y#z': 'x=https://evil.example/?y%23z',
  };
  for (const [from, to] of Object.entries(ways)) assert.equal((await passed('/open/x', { query: from })).target, `/v1/x?${to}`);
});

test('a query that is none goes nowhere', async () => {
  for (const query of ['a=%', 'a=%zz', 'a=%0', '%00']) await refused('/open/x', 400, 'percent_encoding', { query });
  for (const query of ['a\r\nX-Evil: 1', 'a\x01']) await refused('/open/x', 400, 'request_malformed', { query });
  await refused('/open/x', 413, 'request_too_large', { query: 'a'.repeat(16385) });
  await refused('/open/x', 413, 'request_too_large', { query: 'a'.repeat(8192) });
});

// ---- keys

test('the key goes along, and nobody sets it in our place', async () => {
  assert.equal((await passed('/keyed/x', { query: 'a=b' })).target, '/v1/x?a=b&appid=hush-hush-key');
  assert.equal((await passed('/keyed')).target, '/v1/?appid=hush-hush-key');
  for (const query of ['appid=mine', 'a=b&appid=mine', 'a=b;appid=mine', 'APPID=x', '%61ppid=x', 'app%69d', 'appid[]=x', '+appid=x', 'appid%5b%5d=x'])
    await refused('/keyed/x', 400, 'request_malformed', { query });
  const { headers } = await passed('/field/x', { headers: { 'x-api-key': 'mine' } });
  assert.equal(headers['x-api-key'], 'hush-hush-file');
});

test('a key that cannot be read is our own fault', async () => {
  const file = path.join(path.dirname(place.conf), 'field.key');
  fs.chmodSync(file, 0o644);
  await refused('/field/x', 500, 'key_file');
  fs.chmodSync(file, 0o600);
});

// ---- methods

test('methods are those of the record', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) assert.equal((await passed('/open/x', { method })).method, method);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const got = await refused('/flat', 405, 'request_method', { method });
    assert.equal(got.headers.allow, 'GET, HEAD');
  }
  for (const method of ['OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get']) {
    const got = await refused('/open/x', 405, 'request_method', { method });
    assert.equal(got.headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE');
  }
  assert.equal((await refused('/members', 405, 'request_method', { method: 'HEAD' })).headers.allow, 'GET, POST');
});

test('a body goes along as it is, of any type, up to its limit', async () => {
  for (const [type, body] of [['application/json', '{"a":"\u0000\u00e9"}'], ['application/x-www-form-urlencoded; charset=x', 'a=%&b=+'], [undefined, 'x']]) {
    const got = await passed('/open/x', { method: 'PUT', body, variables: { CONTENT_TYPE: type } });
    assert.equal(Buffer.from(got.body, 'latin1').toString(), body);
    assert.equal(got.headers['content-type'], type);
  }
  const { headers } = await passed('/open/x', { method: 'POST' });
  assert.equal(headers['content-length'], '0');
  assert.ok(!('content-type' in headers));
  await refused('/open/x', 413, 'request_too_large', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) });
  await refused('/open/x', 400, 'request_length', { method: 'POST', body: 'x', variables: { CONTENT_LENGTH: '2' } });
  // What a GET carries means nothing, and goes nowhere.
  const get = await passed('/open/x', { body: 'a=b' });
  assert.equal(get.body, '');
  assert.ok(!('content-type' in get.headers));
});

// ---- fields

test('of the browser’s fields those on the list go out, and no other', async () => {
  const sent = {
    accept: 'text/x', 'accept-language': 'ko', 'if-none-match': '"x"', 'if-modified-since': 'Sat, 21 Nov 2026 10:00:00 GMT', range: 'bytes=0-1', 'if-range': '"x"',
    'if-match': '"y"', prefer: 'return=minimal', 'idempotency-key': '"k"',
  };
  const kept = {
    cookie: 'a=b', authorization: 'Basic YTpi', 'x-csrf-token': 'x', 'x-latchkey-user': 'root', proxy: 'http://evil.example:1/', forwarded: 'for=1', 'x-forwarded-for': '1.1.1.1',
    'x-forwarded-host': 'evil.example', via: 'x', origin: 'http://localhost:8080', referer: 'http://localhost:8080/secret', 'sec-fetch-site': 'same-origin', 'user-agent': 'Spy/1', host: 'evil.example',
    'x-http-method-override': 'DELETE', 'x-auth-request-user': 'root', connection: 'close, authorization', te: 'trailers', upgrade: 'h2c', 'accept-encoding': 'br;q=1', expect: '100-continue',
  };
  const { headers } = await passed('/open/x', { headers: { ...sent, ...kept } });
  for (const [name, value] of Object.entries(sent)) assert.equal(headers[name], value, name);
  const ours = { host: `127.0.0.1:${upstream.port}`, 'user-agent': headers['user-agent'] };
  assert.match(headers['user-agent'], /^Latchkey\//);
  assert.deepEqual(headers, { ...ours, ...sent });
});

test('an accept of its own stands in for one that is not there', async () => {
  assert.equal((await passed('/open/x')).headers.accept, '*/*');
});

test('a proxy in the environment is not asked (httpoxy)', async () => {
  const variables = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', ALL_PROXY: 'http://127.0.0.1:9' };
  await passed('/open/x', { variables });
});

test('a field with bytes that are none', async () => {
  await refused('/open/x', 400, 'request_malformed', { headers: { 'if-none-match': 'a\r\nX-Evil: 1' } });
});

// ---- who may ask

test('nobody is signed in: it is said where to sign in', async () => {
  const got = await refused('/members/x', 401, 'unauthenticated');
  assert.equal(json(got).login_url, '/cgi-bin/login.cgi');
  const mine = json(await refused('/mine/x', 401, 'unauthenticated', { headers: { referer: 'http://localhost:8080/notes/?a=b' } }));
  assert.deepEqual([mine.error, mine.login_url], ['unauthenticated', '/cgi-bin/login.cgi?provider=one&api=mine&return_to=%2Fnotes%2F%3Fa%3Db']);
  for (const referer of ['https://evil.example/x', 'http://localhost:8080.evil.example/', 'nonsense', 'http://localhost:8080//evil.example/', 'http://localhost:8080/a%2e%2e/'])
    assert.equal(json(await refused('/mine/x', 401, 'unauthenticated', { headers: { referer } })).login_url, '/cgi-bin/login.cgi?provider=one&api=mine');
  await refused('/staff/x', 401, 'unauthenticated');
  await refused('/members/x', 401, 'unauthenticated', { method: 'POST', body: 'a=b' });
});

test('a browser gets a page, and comes back', async () => {
  const got = await refused('/mine/x', 401, 'unauthenticated', { headers: page, query: 'a=b' });
  assert.match(got.headers['content-type'], /^text\/html/);
  assert.ok(got.body.includes('login.cgi?provider=one&amp;api=mine&amp;return_to=%2Fcgi-bin%2Fapi.cgi%2Fmine%2Fx%3Fa%3Db'), got.body);
});

test('a token that is wrong is told so, and the cookie is not looked at', async () => {
  const got = await refused('/members/x', 401, 'access_token_malformed', { headers: { authorization: 'Bearer nonsense' } });
  assert.match(got.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
});

test('another site’s page gets nothing', async () => {
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { origin: 'null' }])
    for (const method of ['GET', 'POST']) await refused('/open/x', 403, 'request_origin', { headers, method });
  for (const site of ['same-origin', 'none']) await passed('/open/x', { headers: { 'sec-fetch-site': site } });
});

test('no page makes it a part of itself', async () => {
  for (const dest of ['script', 'style', 'worker', 'sharedworker', 'serviceworker', 'iframe', 'frame', 'object', 'embed', 'manifest', 'xslt', 'font', 'nonsense', 'empty '])
    await refused('/open/x', 400, 'api_destination', { headers: { 'sec-fetch-dest': dest, 'sec-fetch-site': 'same-origin' } });
  await refused('/open/x', 400, 'api_destination', { headers: { 'service-worker': 'script' } });
  for (const dest of ['empty', 'document', 'image', 'audio', 'video']) await passed('/open/x', { headers: { 'sec-fetch-dest': dest } });
});

test('a record with a mistake calls nobody', async () => {
  const broken = setup(`[api it]\nbase_url = ${base}\naccess = anyone\nmethods = FETCH\n`);
  const seen = upstream.calls.length;
  const got = await cgi('api.cgi', broken, { pathInfo: '/it/x' });
  assert.equal(got.status, 500);
  assert.match(got.log, /latchkey\.conf:\d+: methods must be some of/);
  assert.equal(upstream.calls.length, seen);
});
