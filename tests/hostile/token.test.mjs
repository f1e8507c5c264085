// Token responses that must not be believed (RFC 6749 5.1 and 5.2, OpenID Connect Core 3.1.3.3), and answers that are none.
import zlib from 'node:zlib';
import { Reply } from './provider.mjs';
import { checkRefused, mutation, sceneTest } from './scene.mjs';

const answer = (name, token, rule, expected = {}, options) => mutation(name, { token }, { rule, calls: ['token'], ...expected }, options);

/** Only these members are others; `undefined` leaves one out. */
const member = (name, change, rule = 'token_response') => answer(name, (right) => ({ ...right, ...change }), rule);

// ---- errors

const errors = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope',
  'temporarily_unavailable', 'nobody_knows_this'];
for (const error of errors) {
  const body = JSON.stringify({ error, error_description: '<script>alert(1)</script>', error_uri: 'https://evil.example/' });
  for (const status of [200, 400, 401, 500])
    answer(`error ${error} with status ${status}`, () => new Reply(status, body),
      error === 'invalid_client' ? 'client_refused' : 'token_error');
}
answer('an error beside tokens', (right) => ({ ...right, error: 'invalid_grant' }), 'token_error');
answer('an error with bytes for a terminal', () => new Reply(400, JSON.stringify({ error: '\u001b[31m"\n' })), 'token_error');
answer('an error of 100 KB', () => new Reply(400, JSON.stringify({ error: 'e'.repeat(100_000) })), 'token_error');
for (const [name, error] of Object.entries({ 'a number': 5, 'an object': { message: 'x' }, 'a list': [] }))
  answer(`an error that is ${name}`, () => new Reply(400, JSON.stringify({ error })), 'token_error');
answer('an error that is empty', () => new Reply(400, JSON.stringify({ error: '' })), 'http_status');

// ---- statuses

for (const status of [201, 202, 203, 206, 400, 401, 403, 404, 405, 415, 429, 500, 502, 503])
  answer(`tokens with status ${status}`, (right) => new Reply(status, JSON.stringify(right)), 'http_status');
answer('no content', () => new Reply(204), 'http_status');
for (const status of [301, 302, 303, 307, 308])
  answer(`a redirect ${status}`, () => new Reply(status, '', { headers: { Location: '/elsewhere' } }), 'http_status');
answer('a redirect that has the tokens with it',
  (right) => new Reply(302, JSON.stringify(right), { headers: { Location: '/token' } }), 'http_status');
answer('a page for people', () => new Reply(500, '<!doctype html><title>Sorry</title>', { type: 'text/html' }), 'http_status');

// ---- no JSON object

const text = (name, change) => answer(name, (right) => new Reply(200, change(JSON.stringify(right))), 'token_response');

text('an answer that is empty', () => '');
text('an answer that is HTML', () => '<!doctype html><title>Sign in</title>');
text('an answer that is a form', () => 'access_token=abc&token_type=bearer');
text('an answer that is a list', (right) => `[${right}]`);
text('an answer that is a text', (right) => JSON.stringify(right));
text('an answer that is null', () => 'null');
text('an answer cut off', (right) => right.slice(0, -1));
text('an answer with text behind it', (right) => `${right}\n<!-- served by proxy -->`);
text('an answer behind a prefix against scripts', (right) => `)]}'\n${right}`);
text('an answer behind a byte order mark', (right) => `\ufeff${right}`);
text('an answer with access_token twice', (right) => right.replace('{', '{"access_token":"another",'));
text('an answer with id_token twice, once in other notation', (right) => right.replace('{', '{"id\\u005ftoken":"another",'));
text('an answer with a trailing comma', (right) => right.replace(/}$/, ',}'));
text('an answer of 10,000 levels', (right) => right.replace('{', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)},`));
answer('an answer that is not UTF-8', (right) => new Reply(200, Buffer.from(JSON.stringify({ ...right, a: '\u00ff' }), 'latin1')),
  'token_response');

// ---- the members

const noTexts = { missing: undefined, null: null, empty: '', 'a number': 5, true: true, 'a list': ['x'], 'an object': { value: 'x' } };
for (const [name, value] of Object.entries(noTexts)) {
  member(`access_token that is ${name}`, { access_token: value });
  member(`token_type that is ${name}`, { token_type: value });
}
member('id_token that is missing', { id_token: undefined }, 'id_token_missing');
member('id_token that is null', { id_token: null }, 'id_token_missing');
for (const name of ['empty', 'a number', 'true', 'a list', 'an object']) member(`id_token that is ${name}`, { id_token: noTexts[name] });
for (const type of ['DPoP', 'mac', 'N_A', 'Bearer ', 'Bearer, DPoP', 'bearer\u0000'])
  member(`token_type ${JSON.stringify(type)}`, { token_type: type });
for (const [name, value] of Object.entries({
  'a line break': 'abc\r\nX-Injected: yes', 'a space': 'abc def', 'a tab': 'abc\tdef', 'a NUL': 'abc\u0000',
  'a character beyond ASCII': 'abcé', '40 KB': 'a'.repeat(40_000),
}))
  member(`access_token with ${name}`, { access_token: value });
member('refresh_token that is a number', { refresh_token: 5 });
member('refresh_token with a line break', { refresh_token: 'a\r\nb' });
member('the tokens one level down', { access_token: undefined, id_token: undefined, data: { access_token: 'x', id_token: 'x' } });

// ---- the connection

const large = (right) => JSON.stringify({ ...right, a: 'x'.repeat(5_000_000) });
answer('an answer of 5 MB', (right) => new Reply(200, large(right)), 'http_too_large');
answer('an answer of 5 MB, packed into 5 KB',
  (right) => new Reply(200, zlib.gzipSync(large(right)), { headers: { 'Content-Encoding': 'gzip' } }), 'http_too_large');
answer('an answer cut off by the connection', (right) => new Reply(200, JSON.stringify(right), { cut: 'within' }), 'http_failed');
answer('a connection closed without an answer', () => new Reply(200, '', { cut: 'at once' }), 'http_failed');

sceneTest('a provider that goes down before the code is sent', {}, async (scene) => {
  const { parameters } = await scene.begin();
  scene.provider.stop();
  await checkRefused(scene, await scene.comeBack(parameters), { rule: 'http_failed' });
});
