// Profiles of an OAuth 2.0 provider, which has no id_token: what must not be believed, and what is cleaned or left out.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { events } from '../e2e/support/site.mjs';
import { Provider, Reply } from './provider.mjs';
import { checkRefused, checkSignedIn, sceneTest } from './scene.mjs';

/** It tells of nobody but in a profile. How it is asked for one, oauth2.test.mjs looks at. */
class ProfileProvider extends Provider {
  async listen() {
    await super.listen();
    this.told = this.metadata; // by its documentation
  }

  judge() {}
  idToken() { return undefined; }
  answer_second() { return this.hooks.second(); }
}

const calls = ['token', 'userinfo'];
const record = (more) => (provider) => ({
  type: 'oauth2', authorization_endpoint: `${provider.origin}/authorize`, token_endpoint: `${provider.origin}/token`,
  userinfo_endpoint: `${provider.origin}/userinfo`, scope: 'profile email', claim_sub: 'id', ...more?.(provider),
});
const scene = (name, hooks, body, settings) =>
  sceneTest(name, { kind: ProfileProvider, provider: { hooks }, settings: record(settings) }, body);
const person = { id: 583231, name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true,
  picture: 'https://pictures.example/ada.png' };

/** A text that no JSON.stringify() writes: `raw` as it stands for one member of the profile. */
const written = (member, raw) => new Reply(200, JSON.stringify({ ...person, [member]: '@' }).replace('"@"', raw));

/** This profile signs nobody in. */
const refused = (name, userinfo, rule, settings) => scene(name, { userinfo }, async (it) => {
  await checkRefused(it, await it.signIn(), { rule, calls });
}, settings);

/** This one does: me.cgi says `expected` (undefined: absent), and the log names what was left out, without saying it. */
const accepted = (name, userinfo, expected, dropped = [], settings) => scene(name, { userinfo }, async (it) => {
  const answer = await it.signIn();
  const { sub = String(person.id), ...claims } = expected;
  const me = await checkSignedIn(it, answer, { sub });
  for (const [claim, value] of Object.entries(claims)) assert.deepEqual(me[claim], value, claim);
  const said = events(answer.log).filter(({ event }) => event === 'claim_dropped');
  assert.deepEqual(said.map(({ claim }) => claim), dropped);
  for (const value of ['javascript', 'evil', 'Lovelace', '@']) assert.ok(!answer.log.includes(value), `no ${value} in the log`);
}, settings);

accepted('the profile as it should be', () => person,
  { name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true, picture: 'https://pictures.example/ada.png' });

// ---- who it is

const subject = (name, raw) => refused(`a subject that is ${name}`, () => written('id', raw), 'subject');
refused('no subject', () => ({ ...person, id: undefined }), 'subject');
refused('a subject one level down', () => ({ data: person }), 'subject');
refused('a subject under another name', () => ({ ...person, id: undefined, sub: '583231', ID: 583231 }), 'subject');
subject('null', 'null');
subject('empty', '""');
subject('true', 'true');
subject('false', 'false');
subject('a number with a fraction', '583231.5');
subject('a whole number with a fraction', '583231.0');
subject('a number with an exponent', '583231e0');
subject('a number beyond all measure', '1e999');
subject('minus zero', '-0');
subject('an object', '{"id":583231}');
subject('a list', '[583231]');
subject('of 256 bytes', `"${'7'.repeat(256)}"`);
subject('a number of 256 digits', '7'.repeat(256));
subject('of two lines', '"583231\\n583231"');
subject('with bytes for a terminal', '"\\u001b[31m583231"');
subject('with a DEL', '"583231\\u007f"');
subject('with a control character of two bytes', '"583231\\u0085"');
const kept = (name, raw, sub) => accepted(`a subject that is ${name}`, () => written('id', raw), { sub });
kept('2^53 + 1', '9007199254740993', '9007199254740993');
kept('2^64 + 1', '18446744073709551617', '18446744073709551617');
kept('a number of 40 digits', '1234567890'.repeat(4), '1234567890'.repeat(4));
kept('zero', '0', '0');
kept('a number as a text', '"0583231"', '0583231');
kept('of 255 bytes', `"${'7'.repeat(255)}"`, '7'.repeat(255));

// ---- what is no profile

const text = (name, change) =>
  refused(name, () => new Reply(200, change(JSON.stringify(person))), 'userinfo_malformed');
text('a profile that is HTML', () => '<!doctype html><title>Sign in</title><p>id=583231');
text('a profile that is empty', () => '');
text('a profile that is a list', (right) => `[${right}]`);
text('a profile that is a text', (right) => JSON.stringify(right));
text('a profile that is null', () => 'null');
text('a profile that is a form', () => 'id=583231&name=Ada');
text('a profile for a script', (right) => `callback(${right});`);
text('a profile behind a prefix against scripts', (right) => `)]}'\n${right}`);
text('a profile cut off', (right) => right.slice(0, -1));
text('a profile with text behind it', (right) => `${right}<!-- served by proxy -->`);
text('a profile with the subject twice', (right) => right.replace('{', '{"id":1,'));
text('a profile with the subject twice, once in other notation', (right) => right.replace(/}$/, ',"i\\u0064":1}'));
text('a profile with the address twice', (right) => right.replace(/}$/, ',"email":"evil@example.org"}'));
text('a profile with a NUL', (right) => right.replace('Ada', 'Ada\\u0000'));
text('a profile with half a character', (right) => right.replace('Ada', '\\ud83d'));
text('a profile of 10,000 levels', (right) => right.replace('{', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)},`));
text('a profile of 30,000 values', (right) => right.replace('{', `{"a":[${'0,'.repeat(30_000)}0],`));
refused('a profile that is not UTF-8',
  () => new Reply(200, Buffer.from(JSON.stringify({ ...person, name: '\u00ff' }), 'latin1')), 'userinfo_malformed');
refused('a profile in JSON where a form is spoken', () => person, 'userinfo_malformed',
  () => ({ userinfo_response_format: 'form' }));

const large = JSON.stringify({ ...person, a: 'x'.repeat(2_000_000) });
refused('a profile of 2 MB', () => new Reply(200, large), 'http_too_large');
for (const [coding, pack] of Object.entries({ gzip: zlib.gzipSync, deflate: zlib.deflateSync }))
  refused(`a profile of 2 MB, packed into 2 KB by ${coding}`,
    () => new Reply(200, pack(large), { headers: { 'Content-Encoding': coding } }), 'http_too_large');
accepted('a profile that is packed as it may be',
  () => new Reply(200, zlib.gzipSync(JSON.stringify(person)), { headers: { 'Content-Encoding': 'gzip' } }), { name: 'Ada Lovelace' });
refused('a profile that says it is packed, and is not',
  () => new Reply(200, JSON.stringify(person), { headers: { 'Content-Encoding': 'gzip' } }), 'http_failed');
refused('a profile cut off by the connection', () => new Reply(200, JSON.stringify(person), { cut: 'within' }), 'http_failed');
for (const status of [201, 302, 401, 403, 404, 429, 500, 503])
  refused(`a profile with status ${status}`,
    () => new Reply(status, JSON.stringify(person), { headers: { Location: '/elsewhere' } }), 'http_status');

// ---- what says that it failed

const failed = (name, change, settings) =>
  refused(name, () => ({ ...person, ...change }), 'userinfo_error', settings && (() => settings));
failed('status 200 with an error', { error: 'invalid_token' });
failed('status 200 with an error that is an object', { error: { code: 190, message: 'Error validating access token' } });
failed('status 200 with an error that is a number', { error: 40001 });
failed('status 200 with an error with bytes for a terminal', { error: '\u001b[31m"\n' });
failed('an error where the record looks for it', { errors: [{ detail: 'denied' }] }, { userinfo_error: 'error errors[0].detail' });
failed('no success', { resultcode: '024' }, { userinfo_success: 'resultcode=00' });
failed('a success of another type', { ok: 1 }, { userinfo_success: 'ok=true' });
failed('nothing said of success', {}, { userinfo_success: 'ok=true' });
accepted('an error that says nothing', () => ({ ...person, error: '', errcode: 0, failed: false, code: '0' }), {}, [],
  () => ({ userinfo_error: 'error errcode failed code' }));
accepted('the success that the record asks for', () => ({ ...person, resultcode: '00' }), {}, [],
  () => ({ userinfo_success: 'resultcode=00' }));

// ---- what is cleaned, or left out

const picture = (name, value) => accepted(`a picture that is ${name}`, () => ({ ...person, picture: value }),
  { picture: undefined, name: 'Ada Lovelace' }, ['picture']);
picture('a script', 'javascript:alert(document.cookie)');
picture('a script that looks like an address', 'javascript://pictures.example/%0aalert(1)');
picture('data', 'data:image/svg+xml,<svg onload=alert(1)>');
picture('not https', 'http://pictures.example/ada.png');
picture('no whole address', '//pictures.example/ada.png');
picture('more than an address', 'https://pictures.example/"onerror="alert(1)');
picture('behind a password', 'https://evil:evil@pictures.example/ada.png');
picture('of 3,000 bytes', `https://pictures.example/${'x'.repeat(3000)}`);
for (const [name, value] of Object.entries({ 'an object': { url: 'https://pictures.example/ada.png' }, 'a list': ['x'], true: true, null: null }))
  accepted(`a picture that is ${name}`, () => ({ ...person, picture: value }), { picture: undefined });
accepted('a picture that is escaped for HTML',
  () => ({ ...person, picture: 'https://pictures.example/a.png?w=1&amp;h=2' }), { picture: 'https://pictures.example/a.png?w=1&h=2' });

const named = (name, value, expected, dropped) =>
  accepted(`a name ${name}`, () => ({ ...person, name: value }), { name: expected }, dropped);
named('of 10 KB', 'x'.repeat(10_240), `${'x'.repeat(99)}…`);
named('of 100 KB', 'x'.repeat(102_400), undefined);
named('with control characters', 'Ada\u0007\u001b[31m\u0085\r\n\tLovelace\u009b', 'Ada[31m Lovelace');
named('that turns the text around it', '\u202eAda\u2066 Lovelace\u2069\u200f', 'Ada Lovelace');
named('that is nothing but marks', '\u202e\u200f\u2066', undefined, ['name']);
named('that is markup', '<script>alert(1)</script>', '<script>alert(1)</script>');
named('that is a list', ['Ada'], undefined);
named('that is an object', { toString: 'Ada' }, undefined);

const addressed = (name, email) => accepted(`an address ${name}`, () => ({ ...person, email }),
  { email: undefined, email_verified: undefined }, ['email']);
addressed('with two @', 'victim@example.org@evil.example');
addressed('with a fullwidth @', 'victim\uff20example.org@evil.example');
addressed('of two lines', 'ada@example.org\r\nBcc: all@example.org');
addressed('in brackets', 'Ada <ada@example.org>');
addressed('that nobody sees whole', 'a\u200bda@example.org');
addressed('that is turned', 'ada@example.org\u202e');
addressed('of 300 bytes', `${'a'.repeat(288)}@example.org`);

// ---- whose address it is

const trust = (name, change, verified, more) => accepted(name, () => ({ ...person, ...change }),
  { email: change.email ?? person.email, email_verified: verified }, [], more && (() => more));
trust('an address that nobody has verified', { email_verified: false }, false);
trust('an address that is verified in a word', { email_verified: 'yes' }, false);
trust('an address that is verified in a list', { email_verified: [true] }, false);
trust('an address that is verified as a number', { email_verified: 1 }, true);
trust('a verified address of a provider that is never believed', {}, false, { email_trust: 'never' });
const domains = { email_trust: 'domains', email_domains: 'example.org' };
trust('an address in a domain of the provider', { email: 'ada@EXAMPLE.org', email_verified: false }, true, domains);
trust('an address below a domain of the provider', { email: 'ada@x.example.org' }, false, domains);
trust('an address whose domain begins like one of the provider', { email: 'ada@example.org.evil.example' }, false, domains);
accepted('an address whose domain looks like one of the provider', () => ({ ...person, email: 'ada@\uff45xample.org', email_verified: true }),
  { email: undefined }, ['email'], () => domains);

// ---- a list of addresses, from a second call

const second = (name, answer, check) => scene(name, { userinfo: () => person, second: answer }, check, ({ origin }) => ({
  second_userinfo_endpoint: `${origin}/second`, claim_email: 'userinfo2:[primary=true,verified=true].email',
  claim_email_verified: 'userinfo2:[primary=true].verified',
}));
const list = (name, answer, email, verified) => second(name, () => answer, async (it) => {
  const me = await checkSignedIn(it, await it.signIn(), { sub: String(person.id) });
  assert.deepEqual([me.email, me.email_verified], [email, verified]);
});
const old = { email: 'old@example.org', primary: false, verified: true };
const main = { email: 'ada@example.net', primary: true, verified: true };
list('the main address, verified', [old, main], 'ada@example.net', true);
list('a main address that is not verified', [old, { ...main, email: 'victim@example.org', verified: false }]);
list('a main address that is not verified, and another that says it is main', [{ ...main, verified: false }, main], 'ada@example.net', false);
list('a list without addresses', []);
list('a list of anything', [null, 7, 'x', [], {}, [main], { ...main, email: { a: 1 } }]);
list('a list of 4,000', [...Array(4000).fill(old), main], 'ada@example.net', true);
list('an object in place of the list', main);
const no = (name, answer, rule) => second(name, answer, async (it) => {
  await checkRefused(it, await it.signIn(), { rule, calls: [...calls, 'second'] });
});
no('a list that is HTML', () => new Reply(200, '<!doctype html>'), 'userinfo_malformed');
no('a list with a name twice', () => new Reply(200, '[{"primary":true,"primary":false}]'), 'userinfo_malformed');
no('a list of 2 MB', () => new Reply(200, large), 'http_too_large');
no('a list that breaks off', () => new Reply(200, '[', { cut: 'within' }), 'http_failed');
