// The pages: in which language, in which colours, and that nothing a stranger or a record says becomes markup.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, origin, page, setup, twoProviders } from '../e2e/support/cgi.mjs';
import { templates, workFolder } from '../e2e/support/place.mjs';
import { events } from '../e2e/support/site.mjs';

const asking = `
[provider fedi]
type = oauth2
label = Fediverse
label#ko = 페디버스
instance = ask
registration = mastodon
registration_endpoint = https://{instance}/api/v1/apps
authorization_endpoint = https://{instance}/oauth/authorize
token_endpoint = https://{instance}/oauth/token
userinfo_endpoint = https://{instance}/me
claim_sub = id
`;
const place = setup(twoProviders + asking);
const get = (program, { language, where = place, headers = {}, ...request } = {}) =>
  cgi(program, where, { ...request, headers: { ...page, ...(language === undefined ? {} : { 'accept-language': language }), ...headers } });

/** The words that a person reads: neither markup nor style nor what stands in attributes. */
const words = (html) => html.replace(/<style[^]*?<\/style>|<[^>]*>|&nbsp;/g, ' ').replace(/\s+/g, ' ').trim();

/** The [texts] of a language's file. */
function texts(folder, language) {
  const lines = fs.readFileSync(path.join(folder, `texts.${language}.ini`), 'utf8').split('[texts]')[1].split('\n');
  return Object.fromEntries(lines.map((line) => line.match(/^(\w+) = (.*)$/)).filter(Boolean).map(([, name, text]) => [name, text]));
}

// Every page that can be had without signing in, and what it is answered with.
const pages = {
  'the sign-in page': ['login.cgi', {}, 200],
  'the page that asks for a server': ['login.cgi', { query: 'provider=fedi' }, 200],
  'the page after what is no server': ['login.cgi', { query: 'provider=fedi&instance=no%20server' }, 400],
  'the page after a server in other letters': ['login.cgi', { query: 'provider=fedi&instance=%CE%B1%CE%B2.example' }, 400],
  'the sign-out page': ['logout.cgi', {}, 200],
  'a link that is wrong': ['login.cgi', { query: 'a=%' }, 400],
  'a provider that is none': ['login.cgi', { query: 'provider=nobody' }, 404],
  'a method that is none': ['logout.cgi', { method: 'PUT' }, 405],
  'a request that is too large': ['me.cgi', { headers: { cookie: `a=${'x'.repeat(20000)}` } }, 413],
  'a form of another site': ['logout.cgi', { method: 'POST', body: '', headers: { origin: 'https://evil.example' } }, 403],
  'a login that is nobody’s': ['callback.cgi', { pathInfo: '/one', query: `code=x&state=${'x'.repeat(43)}` }, 400],
};
const root = (html) => html.match(/^\n<!DOCTYPE html>\n<html lang="([^"]*)" dir="([^"]*)">/).slice(1);

// ---- which language

for (const [language, chosen] of [
  [undefined, 'en'], ['', 'en'], ['en', 'en'], ['ko', 'ko'], ['KO-kr', 'ko'], ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', 'ko'], ['en-US,en;q=0.9,ko;q=0.8', 'en'],
  ['fr,ko;q=0.1', 'ko'], ['fr', 'en'], ['*', 'en'], ['en;q=0,*', 'ko'], ['ko;q=0', 'en'], ['ko;q=2', 'en'], ['ko;q=0.0001', 'en'], ['../texts.ko', 'en'],
  ['kokokokoko,ko-,-,;,;;=,"ko"', 'en'], [`${'fr,'.repeat(2000)}ko`, 'en'],
]) {
  test(`Accept-Language ${JSON.stringify(language)?.slice(0, 60)} is answered in ${chosen}`, async () => {
    const answer = await get('login.cgi', { language });
    assert.equal(answer.status, 200, answer.log);
    assert.deepEqual(root(answer.body), [chosen, 'ltr']);
    assert.equal(answer.headers['content-language'], chosen);
    assert.equal(answer.headers.vary, 'Accept-Language');
    assert.ok(words(answer.body).includes(texts(templates, chosen).sign_in));
  });
}

test('an Accept-Language field of 16 KiB is too large, and said so in English', async () => {
  const answer = await get('login.cgi', { language: 'ko,'.repeat(5500) });
  assert.equal(answer.status, 413);
  assert.deepEqual(root(answer.body), ['en', 'ltr']);
});

test('what is no page has no language', async () => {
  for (const [program, request] of [['me.cgi', {}], ['me.cgi', { headers: page }], ['login.cgi', { query: 'provider=one', headers: page }]]) {
    const answer = await cgi(program, place, { ...request, headers: { ...request.headers, 'accept-language': 'ko' } });
    assert.ok(!('content-language' in answer.headers), program);
    assert.ok(!('vary' in answer.headers), program);
  }
});

for (const [name, [program, request, status]] of Object.entries(pages)) {
  test(`${name} has no English in Korean, and no Korean in English`, async () => {
    const answer = await get(program, { ...request, language: 'ko' });
    assert.equal(answer.status, status, answer.log);
    assert.deepEqual(root(answer.body), ['ko', 'ltr']);
    // What is a name, an example or for machines.
    const reference = events(answer.log)[0]?.request ?? '-';
    const names = /localhost|Provider (one|two)|mastodon\.social|xn--|\b[a-z]+_[a-z_]+\b|\b(forbidden|unauthenticated)\b/g;
    const attributes = [...answer.body.matchAll(/ (?:title|aria-label|placeholder|alt)="([^"]*)"/g)].map(([, text]) => text);
    const left = [words(answer.body), ...attributes].join(' ').replaceAll(reference, '').replace(names, '').match(/[A-Za-z]{2,}/g);
    assert.equal(left, null);
    const english = await get(program, { ...request, language: 'en' });
    assert.deepEqual(root(english.body), ['en', 'ltr']);
    assert.doesNotMatch(english.body, /[가-힣]/);
  });
}

test('a third language is a file more, also one that is written from right to left', async () => {
  const folder = path.join(workFolder('templates'), 'templates');
  fs.cpSync(templates, folder, { recursive: true });
  const translated = fs.readFileSync(path.join(folder, 'texts.en.ini'), 'utf8').replace('dir = ltr', 'dir = rtl').replace(/^(\w+_\w+|\w+) = (?!rtl)/gm, '$1 = مم ');
  fs.writeFileSync(path.join(folder, 'texts.ar.ini'), translated);
  const where = setup('', { conf: (state) => `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${folder}\n${twoProviders}${asking}` });
  for (const [name, [program, request, status]] of Object.entries(pages)) {
    const answer = await get(program, { ...request, where, language: 'ar-EG,ar;q=0.9,ko;q=0.8' });
    assert.equal(answer.status, status, name);
    assert.deepEqual(root(answer.body), ['ar', 'rtl'], name);
    assert.equal(answer.headers['content-language'], 'ar');
    assert.match(answer.body, /<h1>مم /, name);
  }
  const korean = await get('login.cgi', { where, language: 'ko' });
  assert.deepEqual(root(korean.body), ['ko', 'ltr']);
});

test('a language that lacks a text has the English one, and a broken file is named in the log', async () => {
  const folder = path.join(workFolder('templates'), 'templates');
  fs.cpSync(templates, folder, { recursive: true });
  const where = setup('', { conf: (state) => `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${folder}\n${twoProviders}` });
  fs.writeFileSync(path.join(folder, 'texts.fr.ini'), '[texts]\nsign_in = Connexion\n');
  const answer = await get('login.cgi', { where, language: 'fr' });
  assert.match(answer.body, /<h1>Connexion<\/h1>/);
  assert.match(answer.body, /Continue with/);
  fs.writeFileSync(path.join(folder, 'texts.fr.ini'), '[texts]\nsign_in Connexion\n');
  const broken = await get('login.cgi', { where, language: 'fr' });
  assert.equal(broken.status, 500);
  assert.match(broken.headers['content-type'], /^text\/html/);
  const [event] = events(broken.log);
  assert.equal(event.rule, 'template');
  assert.match(event.detail, /^texts\.fr\.ini:2: /);
  assert.equal((await get('login.cgi', { where, language: 'ko' })).status, 200, 'the others are not to blame');
});

test('a provider is called by its name in the language', async () => {
  assert.match(words((await get('login.cgi', { language: 'ko' })).body), /페디버스 계정으로 로그인/);
  assert.match(words((await get('login.cgi', { language: 'en' })).body), /Continue with Fediverse/);
});

// ---- which provider was the last

const last = async (cookie, where = place) => {
  const answer = await get('login.cgi', { where, headers: cookie === undefined ? {} : { cookie } });
  assert.equal(answer.status, 200, answer.log);
  assert.equal(answer.log, '');
  return [...answer.body.matchAll(/<li class="p-([^"]*)">(?:(?!<\/li>)[^])*<span class="tag">/g)].map(([, id]) => id);
};

test('the provider used last is pointed out', async () => {
  assert.deepEqual(await last(), []);
  assert.deepEqual(await last('latchkey-last=two'), ['two']);
  assert.deepEqual(await last('a=b; latchkey-last=fedi; c=d'), ['fedi']);
});

for (const value of ['', 'three', 'TWO', 'two%20', 'one two', '"two"', 'two<script>alert(1)</script>', '../two', 'tw\u00f6', `${'two'.repeat(3000)}`, 'two=', '{{title}}']) {
  test(`"${value.slice(0, 30)}" is no provider used last`, async () => {
    assert.deepEqual(await last(`latchkey-last=${value}`), []);
  });
}

test('two cookies that say who was last are as good as none', async () => {
  assert.deepEqual(await last('latchkey-last=one; latchkey-last=two'), []);
  assert.deepEqual(await last('latchkey-last=two; latchkey-last=two'), []);
});

test('over https only the cookie with the prefix counts', async () => {
  const where = setup('', { conf: (state) => `[site]\nbase_url = https://www.example.org\nstate_dir = ${state}\ntemplates = ${templates}\n${twoProviders}` });
  assert.deepEqual(await last('latchkey-last=two', where), []);
  assert.deepEqual(await last('__Host-latchkey-last=two', where), ['two']);
});

// ---- colours

const provider = (id, more) => `[provider ${id}]\nissuer = https://op.example\nclient_id = c\nclient_secret = s\n${more}\n`;

test('a button has the colours of its record, and no other style', async () => {
  const where = setup(provider('a', 'button_background = #24292F\nbutton_color = #ffffff') + provider('0b', 'button_background = #FEE500\nbutton_color = #000000\nbutton_mark = 카') +
    provider('plain', ''));
  const { body, headers } = await get('login.cgi', { where });
  const [, nonce] = headers['content-security-policy'].match(/style-src 'nonce-([\w-]+)';/);
  const styles = [...body.matchAll(/<style([^>]*)>([^]*?)<\/style>/g)];
  assert.ok(styles.length > 0 && styles.every(([, attributes]) => attributes === ` nonce="${nonce}"`));
  const rules = styles.map(([, , rule]) => rule).join('').match(/\.p-[^\n]*/g);
  assert.deepEqual(rules, ['.p-a { --fill: #24292F; --ink: #ffffff; }', '.p-0b { --fill: #FEE500; --ink: #000000; }']);
  assert.doesNotMatch(body, /<[^>]*\sstyle=/);
  assert.deepEqual([...body.matchAll(/class="provider(| [^"]*)"/g)].map(([, painted]) => painted), [' painted', ' painted', '']);
  assert.deepEqual([...body.matchAll(/<span class="tile" aria-hidden="true">([^<]*)</g)].map(([, mark]) => mark), ['a', '카', 'p']);
});

test('a colour that is none is a mistake of the configuration', async () => {
  for (const color of ['red', '#fff', '#24292g', '#24292F;', '#24292F } body { display: none', 'url(https://evil.example/)', '#24292F"']) {
    const where = setup(provider('a', `button_background = ${color}\nbutton_color = #000000`) + provider('b', ''));
    const answer = await get('login.cgi', { where });
    assert.equal(answer.status, 500, color);
    assert.equal(events(answer.log)[0].rule, 'config', color);
  }
});

// ---- what is not ours

const hostile = '<img src=x onerror=alert(1)>"\'&amp;{{title}}{{$sign_in}}{label}</a></title></style>';
const escaped = '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;amp;{{title}}{{$sign_in}}{label}&lt;/a&gt;&lt;/title&gt;&lt;/style&gt;';

test('labels and the title are shown as they are, and are no markup', async () => {
  const where = setup('', { conf: (state) => `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${templates}\ntitle = ${hostile}\n` +
    provider('a', `label = ${hostile}`) + provider('b', 'button_mark = <"') });
  for (const program of ['login.cgi', 'logout.cgi']) {
    const { body } = await get(program, { where });
    assert.ok(!body.includes('<img'), body);
    assert.ok(body.includes(`<bdi>${escaped}</bdi>`));
    assert.ok(body.includes(` · ${escaped}</title>`));
  }
  const { body } = await get('login.cgi', { where });
  assert.ok(body.includes(`Continue with <bdi>${escaped}</bdi>`));
  assert.ok(body.includes('<span class="tile" aria-hidden="true">&lt;&quot;</span>'));
});

test('what comes with the request is passed on as it is, and is no markup', async () => {
  const query = new URLSearchParams({ return_to: "/a'b/?c=d&e='", login_hint: '"><script>alert(1)</script>{{title}}', prompt: 'login' });
  const { body, log, headers } = await get('login.cgi', { query: query.toString() });
  assert.equal(log, '');
  assert.ok(!/<script/.test(body));
  const links = [...body.matchAll(/<a class="provider[^"]*" href="([^"]*)"/g)].map(([, href]) => new URL(href.replaceAll('&amp;', '&')));
  assert.equal(links.length, 2);
  for (const link of links) {
    for (const [name, value] of query) assert.equal(link.searchParams.get(name), value);
    assert.equal(link.origin, origin);
  }
  assert.ok(body.includes('name="return_to" value="/a&#39;b/?c=d&amp;e=&#39;"'));
  assert.ok(body.includes('name="login_hint" value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{title}}"'));
  assert.match(headers['content-security-policy'], /form-action 'self'$/);
});

test('what was typed as a server stands in the field again, and is no markup', async () => {
  for (const language of ['en', 'ko']) {
    const answer = await get('login.cgi', { language, query: `provider=fedi&via=form&instance=${encodeURIComponent(hostile)}` });
    assert.equal(answer.status, 400);
    assert.ok(answer.body.includes(`value="${escaped}"`));
    assert.ok(!answer.body.includes('<img'));
    assert.match(answer.body, /aria-invalid="true" aria-describedby="trouble-fedi"/);
    assert.match(answer.body, /id="trouble-fedi" role="alert">[^<]/);
    assert.deepEqual(answer.cookies, []);
  }
});

test('one way to sign in that asks for a server has no others to offer', async () => {
  const answer = await get('login.cgi', { where: setup(asking) });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /name="instance"/);
  assert.ok(!words(answer.body).includes(texts(templates, 'en').other_ways));
  assert.ok(words((await get('login.cgi', { query: 'provider=fedi' })).body).includes(texts(templates, 'en').other_ways));
});

test('many providers stand side by side', async () => {
  const many = (count) => setup(Array.from({ length: count }, (_, i) => provider(`p${i}`, '')).join(''));
  assert.match((await get('login.cgi', { where: many(6) })).body, /<main>/);
  const { body } = await get('login.cgi', { where: many(49) });
  assert.match(body, /<main class="wide">/);
  assert.deepEqual([...body.matchAll(/<li class="p-p(\d+)">/g)].map(([, i]) => Number(i)), Array.from({ length: 49 }, (_, i) => i), 'in their order');
});
