// UserInfo responses that must not be believed (OpenID Connect Core 5.3.2 and 5.3.4). The id_token was right: the login fails all the same.
import zlib from 'node:zlib';
import { jws, key, parts, signingInput } from './jose.mjs';
import { Reply } from './provider.mjs';
import { mutation } from './scene.mjs';

const calls = ['token', 'jwks', 'userinfo'];
const claims = (name, change, rule, options) => mutation(name, { userinfo: (right) => ({ ...right, ...change }) },
  { rule, calls }, options);
const reply = (name, userinfo, rule) => mutation(name, { userinfo }, { rule, calls });
const text = (name, change) => reply(name, (right) => new Reply(200, change(JSON.stringify(right))), 'userinfo_malformed');

// ---- whose claims they are

claims('another’s sub', { sub: 'another' }, 'userinfo_sub');
claims('the sub with text behind it', { sub: '248289761001invalid' }, 'userinfo_sub');
claims('the sub with a space behind it', { sub: '248289761001 ' }, 'userinfo_sub');
claims('the sub as a number', { sub: 248289761001 }, 'userinfo_sub');
claims('the sub in a list', { sub: ['248289761001'] }, 'userinfo_sub');
claims('a sub that is null', { sub: null }, 'userinfo_sub');
claims('a sub that is empty', { sub: '' }, 'userinfo_sub');
claims('no sub', { sub: undefined }, 'userinfo_sub');
reply('claims one level down', (right) => ({ data: right }), 'userinfo_sub');
reply('an error with status 200', () => ({ error: 'invalid_token' }), 'userinfo_error');

// ---- what is no answer

text('claims that are HTML', () => '<!doctype html><title>Sign in</title>');
text('claims that are empty', () => '');
text('claims that are a list', (right) => `[${right}]`);
text('claims that are null', () => 'null');
text('claims cut off', (right) => right.slice(0, -1));
text('claims with text behind them', (right) => `${right}x`);
text('claims with sub twice', (right) => right.replace('{', '{"sub":"another",'));
text('claims with sub twice, the wrong one last', (right) => right.replace(/}$/, ',"sub":"another"}'));
text('claims with a NUL', (right) => right.replace('{', '{"a":"\\u0000",'));
text('claims with half a character', (right) => right.replace('Jane', '\\ud83d'));
reply('claims that are not UTF-8', (right) => new Reply(200, Buffer.from(JSON.stringify({ ...right, name: '\u00ff' }), 'latin1')),
  'userinfo_malformed');
for (const status of [201, 204, 301, 302, 400, 401, 403, 404, 429, 500, 503])
  reply(`status ${status}`, (right) => new Reply(status, status === 204 ? '' : JSON.stringify(right),
    { headers: { Location: '/elsewhere', 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="<script>"' } }),
    'http_status');
const large = (right) => JSON.stringify({ ...right, a: 'x'.repeat(2_000_000) });
reply('claims of 2 MB', (right) => new Reply(200, large(right)), 'http_too_large');
reply('claims of 2 MB, packed into 2 KB',
  (right) => new Reply(200, zlib.gzipSync(large(right)), { headers: { 'Content-Encoding': 'gzip' } }), 'http_too_large');
reply('claims cut off by the connection', (right) => new Reply(200, JSON.stringify(right), { cut: 'within' }), 'http_failed');
// Over a connection that was in use already, that may be the server's end of it: such a request is sent once more.
mutation('a connection closed without an answer', { userinfo: () => new Reply(200, '', { cut: 'at once' }) },
  { rule: 'http_failed', calls: [...calls, 'userinfo'] });

// ---- a signed answer (5.3.2)

/** The answer is a JWT of these claims, signed by the provider's key unless `signer` says otherwise. */
const jwt = (name, rule, { change = () => ({}), header = {}, signer = key('RSA'), compact = (right) => right,
  asked = calls } = {}) => mutation(name, {
  userinfo: (right, login) => {
    const all = { ...right, iss: login.response.iss, aud: 'latchkey', ...change(login.response.iss) };
    const head = { alg: 'RS256', kid: 'RSA', ...header };
    return new Reply(200, compact(jws(head, all, signer, 'RS256')), { type: 'application/jwt' });
  },
}, { rule, calls: asked });

jwt('a signed answer by another’s key', 'jws_signature', { signer: key('RSA', 'attacker') });
jwt('a signed answer by a key that nobody knows', 'jws_key_unknown',
  { signer: key('RSA', 'attacker'), header: { kid: 'attacker' }, asked: [...calls, 'jwks', 'discovery'] });
jwt('a signed answer of alg none', 'jws_alg',
  { compact: (right) => `${signingInput({ alg: 'none' }, JSON.parse(Buffer.from(parts(right)[1], 'base64url')))}.` });
jwt('a signed answer of alg RS512', 'jws_alg', { header: { alg: 'RS512' } });
jwt('a signed answer with another payload', 'jws_signature',
  { compact: (right) => right.replace(/\.(.{10})./, (_, some) => `.${some}${right.split('.')[1][10] === 'A' ? 'B' : 'A'}`) });
jwt('a signed answer without its signature', 'jws_signature', { compact: (right) => right.slice(0, right.lastIndexOf('.') + 1) });
jwt('a signed answer of five segments', 'jws_malformed', { compact: (right) => `${right}.a.b` });
jwt('a signed answer that is JSON', 'jws_malformed', { compact: () => '{"sub":"248289761001"}' });
jwt('a signed answer with crit', 'jws_crit', { header: { crit: ['x'], x: 1 } });
jwt('a signed answer of another issuer', 'id_token_iss', { change: () => ({ iss: 'https://evil.example' }) });
jwt('a signed answer without iss', 'id_token_iss', { change: () => ({ iss: undefined }) });
jwt('a signed answer for another client', 'id_token_aud', { change: () => ({ aud: 'another' }) });
jwt('a signed answer without aud', 'id_token_aud', { change: () => ({ aud: undefined }) });
jwt('a signed answer about another', 'userinfo_sub', { change: () => ({ sub: 'another' }) });
jwt('a signed answer without sub', 'userinfo_sub', { change: () => ({ sub: undefined }) });
