// Discovery documents that must not be believed (OpenID Connect Discovery 4.3): login.cgi stops, and the browser goes nowhere.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { Reply } from './provider.mjs';
import { checkStopped, sceneTest } from './scene.mjs';

const wrong = (name, discovery, expected, options) =>
  sceneTest(name, { ...options, provider: { hooks: { discovery } } }, (scene) => checkStopped(scene, expected));

/** Only these members are others; `undefined` leaves one out. */
const member = (name, change, rule) => wrong(name,
  (right) => ({ ...right, ...(typeof change === 'function' ? change(right) : change) }), { rule });

// ---- whose document it is

member('an issuer with text behind it', ({ issuer }) => ({ issuer: `${issuer}INVALID` }), 'discovery_issuer');
member('an issuer with a slash behind it', ({ issuer }) => ({ issuer: `${issuer}/` }), 'discovery_issuer');
member('an issuer in other case', ({ issuer }) => ({ issuer: issuer.replace('http', 'HTTP') }), 'discovery_issuer');
member('an issuer by another name of the same host', ({ issuer }) => ({ issuer: issuer.replace('127.0.0.1', 'localhost') }),
  'discovery_issuer');
member('another provider’s issuer', { issuer: 'https://accounts.google.com' }, 'discovery_issuer');
member('an issuer that is a list', ({ issuer }) => ({ issuer: [issuer] }), 'discovery_issuer');
member('an issuer that is null', { issuer: null }, 'discovery_issuer');
member('no issuer', { issuer: undefined }, 'discovery_issuer');
sceneTest('a slash that the issuer has and the document has not', { provider: { path: '/', hooks: {
  discovery: (right) => ({ ...right, issuer: right.issuer.slice(0, -1) }) } } },
    (scene) => checkStopped(scene, { rule: 'discovery_issuer' }));

// ---- where it sends us

const unsafe = {
  'http to another host': 'http://op.example/x',
  'http to a host that only begins like this one': 'http://127.0.0.1.evil.example/x',
  'http to a private network': 'http://192.168.0.1/x',
  'http to the cloud’s own': 'http://169.254.169.254/latest/meta-data',
  'javascript:': 'javascript:alert(1)',
  'javascript: dressed up': 'javascript://op.example/%0aalert(1)',
  'data:': 'data:text/html,<script>alert(1)</script>',
  'file:': 'file:///etc/passwd',
  'ftp:': 'ftp://op.example/x',
  'gopher:': 'gopher://127.0.0.1:6379/_FLUSHALL',
  'a password': 'https://user:password@op.example/x',
  'a fragment': 'https://op.example/x#fragment',
  'a path alone': '/x',
  'a host alone': '//op.example/x',
  'a line break': 'https://op.example/x\r\nSet-Cookie: a=b',
  'a space': 'https://op.example/x y',
  'a backslash': 'https://op.example\\@evil.example/x',
  'a tab in the scheme': 'ht\ttps://op.example/x',
  'an encoded host': 'https://op%2eexample/x',
  'a character beyond ASCII': 'https://öp.example/x',
  'a port beyond all': 'https://op.example:99999/x',
};
for (const [name, url] of Object.entries(unsafe)) {
  member(`an authorization_endpoint with ${name}`, { authorization_endpoint: url }, 'url_not_allowed');
  member(`a token_endpoint with ${name}`, { token_endpoint: url }, 'url_not_allowed');
}
for (const endpoint of ['jwks_uri', 'userinfo_endpoint', 'end_session_endpoint', 'pushed_authorization_request_endpoint'])
  for (const name of ['http to another host', 'file:', 'javascript:', 'a password', 'a line break'])
    member(`${endpoint} with ${name}`, { [endpoint]: unsafe[name] }, 'url_not_allowed');
for (const endpoint of ['authorization_endpoint', 'token_endpoint'])
  for (const [name, value] of Object.entries({ missing: undefined, null: null, empty: '', 'a number': 5, 'a list': ['https://x'] }))
    member(`${endpoint} that is ${name}`, { [endpoint]: value }, 'discovery_malformed');
member('a pushed authorization request demanded, but nowhere to push it',
  { require_pushed_authorization_requests: true, pushed_authorization_request_endpoint: undefined }, 'discovery_malformed');

// ---- a pushed request that is refused (RFC 9126 2.3)

const pushed = (name, par, rule) => sceneTest(name, {
  settings: { require_pushed_authorization_requests: 'yes' }, provider: { client: { pushes: true }, hooks: { par } },
}, (scene) => checkStopped(scene, { rule, calls: ['discovery', 'par'] }));
const created = (name, change) => pushed(name,
  () => new Reply(201, typeof change === 'string' ? change : JSON.stringify({ request_uri: 'urn:x', expires_in: 60, ...change })),
  'token_response');

created('a pushed request without request_uri', { request_uri: undefined });
created('a request_uri that is null', { request_uri: null });
created('a request_uri that is empty', { request_uri: '' });
created('a request_uri that is a number', { request_uri: 5 });
created('a pushed request answered by HTML', '<!doctype html>');
created('a pushed request answered by nothing', '');
created('a pushed request answered by request_uri twice', '{"request_uri":"urn:x","request_uri":"urn:y"}');
for (const error of ['invalid_request', 'invalid_redirect_uri', 'unauthorized_client'])
  pushed(`a pushed request refused: ${error}`, () => new Reply(400, JSON.stringify({ error, error_description: '<script>' })),
    'token_error');
pushed('a pushed request of a client that is unknown', () => new Reply(401, '{"error":"invalid_client"}'), 'client_refused');
for (const status of [302, 400, 404, 413, 429, 500])
  pushed(`a pushed request answered by ${status}`, () => new Reply(status, '', { headers: { Location: '/elsewhere' } }), 'http_status');
pushed('a pushed request answered by 2 MB',
  () => new Reply(201, JSON.stringify({ request_uri: 'urn:x', a: 'x'.repeat(2_000_000) })), 'http_too_large');

// ---- what is no document

const text = (name, change, rule = 'json') => wrong(name, (right) => new Reply(200, change(JSON.stringify(right))), { rule });

text('a document that is empty', () => '');
text('a document that is HTML', () => '<!doctype html><title>Sign in</title>');
text('a document that is a list', (right) => `[${right}]`);
text('a document that is a text', () => '"issuer"');
text('a document that is null', () => 'null');
text('a document cut off', (right) => right.slice(0, -1));
text('a document with text behind it', (right) => `${right};`);
text('a document behind a byte order mark', (right) => `\ufeff${right}`);
text('a document with a comma too many', (right) => right.replace(/}$/, ',}'));
text('a document with a comment', (right) => right.replace('{', '{ // issuer\n'));
text('a document in single quotes', (right) => right.replaceAll('"', '\''));
text('a document with a number that is none', (right) => right.replace('{', '{"a":01,'));
text('a document with a line break in a text', (right) => right.replace('{', '{"a":"b\nc",'));
text('a document with a NUL', (right) => right.replace('{', '{"a":"\\u0000",'));
text('a document with issuer twice', (right) => right.replace('{', '{"issuer":"https://evil.example",'));
text('a document with token_endpoint twice, the wrong one last',
  (right) => right.replace(/}$/, ',"token_endpoint":"https://evil.example/"}'));
text('a document with issuer twice, once in other notation', (right) => right.replace('{', '{"\\u0069ssuer":"https://evil.example",'));
text('a document of 10,000 levels', (right) => right.replace('{', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)},`));
text('a document with half a character', (right) => right.replace('{', '{"a":"\\ud83d",'));
wrong('a document that is not UTF-8', (right) => new Reply(200, Buffer.from(JSON.stringify({ ...right, a: '\u00ff' }), 'latin1')),
  { rule: 'json' });
wrong('a document in UTF-16', (right) => new Reply(200, Buffer.from(JSON.stringify(right), 'utf16le')), { rule: 'json' });

// ---- what is no answer

for (const status of [201, 203, 204, 400, 401, 403, 404, 429, 500, 503])
  wrong(`a document with status ${status}`, (right) => new Reply(status, status === 204 ? '' : JSON.stringify(right)),
    { rule: 'http_status' });
for (const status of [301, 302, 303, 307, 308])
  wrong(`a redirect ${status} to another document`, () => new Reply(status, '', { headers: { Location: '/elsewhere' } }),
    { rule: 'http_status' });
const large = (right) => JSON.stringify({ ...right, a: 'x'.repeat(2_000_000) });
wrong('a document of 2 MB', (right) => new Reply(200, large(right)), { rule: 'http_too_large' });
wrong('a document of 2 MB, chunked', (right) => new Reply(200, large(right), { headers: { 'Transfer-Encoding': 'chunked' } }),
  { rule: 'http_too_large' });
wrong('a document of 2 MB, packed into 2 KB',
  (right) => new Reply(200, zlib.gzipSync(large(right)), { headers: { 'Content-Encoding': 'gzip' } }), { rule: 'http_too_large' });
wrong('a header of 100 KB', (right) => new Reply(200, JSON.stringify(right), { headers: { 'X-A': 'x'.repeat(100_000) } }),
  { rule: 'http_too_large' });
wrong('a document that is not packed as it says',
  (right) => new Reply(200, JSON.stringify(right), { headers: { 'Content-Encoding': 'gzip' } }), { rule: 'http_failed' });
wrong('a document cut off by the connection', (right) => new Reply(200, JSON.stringify(right), { cut: 'within' }), { rule: 'http_failed' });
wrong('a connection closed without an answer', () => new Reply(200, '', { cut: 'at once' }), { rule: 'http_failed' });

sceneTest('a provider that is down', {}, async (scene) => {
  scene.provider.stop();
  await checkStopped(scene, { rule: 'http_failed', calls: [] });
});

sceneTest('a wrong document is not kept: once it is put right, the next login succeeds', {}, async (scene) => {
  const { discovery } = scene.provider.hooks;
  for (const bad of [() => new Reply(500), () => new Reply(200, '<html>'), (right) => ({ ...right, issuer: 'https://evil.example' })]) {
    scene.provider.hooks.discovery = bad;
    assert.equal((await scene.begin()).answer.status, 502);
  }
  scene.provider.hooks.discovery = discovery;
  assert.equal((await scene.signIn()).status, 303);
});

sceneTest('a document that was right is used while the provider fails', {}, async (scene) => {
  await scene.begin();
  scene.provider.hooks.discovery = () => new Reply(500);
  assert.equal((await scene.signIn()).status, 303);
  assert.deepEqual(scene.provider.calls().filter((call) => call === 'discovery'), ['discovery']);
});
