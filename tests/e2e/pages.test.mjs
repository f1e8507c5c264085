// www/latchkey.js in a browser, against programs that answer whatever a test wants them to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { before } from 'node:test';
import { cgi, setup, twoProviders } from './support/cgi.mjs';
import { startChromium } from './support/chromium.mjs';
import { giveBack, top } from './support/place.mjs';

const ada = {
  sub: 'k3', name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true, provider: 'corp',
  identities: [{ provider: 'corp', sub: '1' }], session: { created_at: 1, expires_at: 2 }, csrf_token: 'a csrf token',
};
const nobody = { status: 401, json: { error: 'unauthenticated', error_description: 'Nobody is signed in.', request_id: 'r', login_url: '/cgi-bin/login.cgi?return_to=%2F' } };
const file = (name) => fs.readFileSync(path.join(top, 'www', name));
const script = '<script src="/latchkey.js" defer></script>';

let browser;
before(async () => { browser = await startChromium(); });

/**
 * A site of one page, at every path that is not a program's. `programs` maps "me.cgi", or what it begins with, to an
 * answer { status, json, text, type, headers } or a function from the request to one. Returns { origin, requests }.
 */
async function startMock({ html = script, programs = {}, csp } = {}) {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname } = new URL(request.url, 'http://localhost');
    const asked = { method: request.method, url: request.url, path: pathname, headers: request.headers, body: Buffer.concat(chunks).toString() };
    requests.push(asked);
    if (/^\/latchkey(\.module)?\.js$/.test(pathname)) return response.writeHead(200, { 'content-type': 'text/javascript' }).end(file(pathname));
    const name = Object.keys(programs).find((each) => pathname.replace(/^\/[^/]+\//, '').startsWith(each));
    const program = name && programs[name];
    const answer = typeof program === 'function' ? await program(asked) : program;
    if (answer) {
      const type = answer.json === undefined ? answer.type ?? 'text/html' : 'application/json';
      response.writeHead(answer.status ?? 200, { 'content-type': type, 'cache-control': 'no-store', ...answer.headers });
      return response.end(answer.json === undefined ? answer.text : JSON.stringify(answer.json));
    }
    if (/\.(cgi|js|ico|svg|png)\b/.test(pathname)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...(csp && { 'content-security-policy': csp }) })
      .end(`<!doctype html><html lang="en"><title>A page</title>${html}`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  giveBack(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  const origin = `http://localhost:${server.address().port}`;
  return { origin, requests, to: (name) => requests.filter((each) => each.path.includes(name)) };
}

/** A page of such a site, opened; what goes wrong there is collected. */
async function open(mock, { at = '/', context: options } = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => { troubles.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('console', (message) => { if (message.type() === 'error' && !/status of/.test(message.text())) troubles.push(message.text()); });
  await page.addInitScript(() => {
    globalThis.seen = [];
    document.addEventListener('latchkey', ({ detail }) => globalThis.seen.push(detail));
  });
  await page.goto(mock.origin + at);
  return { page, context, troubles };
}

/** A test with one page of one site; `me` is what me.cgi answers. */
function pageTest(name, { me = { json: ada }, programs, at, context: options, allowed = [], ...mocking }, body) {
  test(name, async () => {
    const mock = await startMock({ ...mocking, programs: { 'me.cgi': me, ...programs } });
    const { page, context, troubles } = await open(mock, { at, context: options });
    if (options?.javaScriptEnabled !== false) await page.waitForFunction(() => globalThis.seen.length);
    await body(page, mock);
    assert.deepEqual(troubles.filter((trouble) => !allowed.some((known) => known.test(trouble))), []);
    await context.close();
  });
}

/** What a promise of the page's becomes: its value, or what an error has. */
const attempt = (page, code) => page.evaluate(`(async () => { try { return { value: await (${code}) }; }
  catch (error) { return { ...error, name: error.name, message: error.message }; } })()`);

// ---- the files

test('both files together are smaller than 4096 bytes', () => {
  const [plain, module] = [file('latchkey.js').length, file('latchkey.module.js').length];
  assert.ok(plain + module < 4096, `${plain} + ${module}`);
});

test('the demo site serves these very files', () => {
  for (const name of ['latchkey.js', 'latchkey.module.js'])
    assert.deepEqual(fs.readFileSync(path.join(top, 'www/site', name)), file(name));
});

test('the types are sound, and fit how a page uses them', () => {
  const tsc = path.join(top, 'tests/e2e/node_modules/typescript/lib/tsc.js');
  execFileSync(process.execPath, [tsc, '--project', path.join(top, 'tests/e2e/types')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
});

pageTest('the types name what is there, and nothing else', { html: '<script type="module">import * as all from "/latchkey.module.js"; globalThis.all = all;</script>' }, async (page) => {
  const names = file('latchkey.d.ts').toString().match(/interface Latchkey \{[\s\S]*?\n  \}/)[0];
  const told = [...names.matchAll(/^ {4}(\w+)\(/gm)].map(([, name]) => name).sort();
  assert.deepEqual(await page.evaluate(() => Object.keys(latchkey).sort()), told);
  assert.deepEqual(await page.evaluate(() => Object.keys(all).sort()), ['default', ...told].sort());
  const module = [...file('latchkey.module.d.ts').toString().matchAll(/^export (?:const )?(\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(module.sort(), ['default', ...told].sort());
});

// ---- loading

pageTest('as a plain script in the head, without waiting', { html: '<head><script src="/latchkey.js"></script></head><p data-latchkey="name"></p>' }, async (page) => {
  assert.equal(await page.textContent('p'), 'Ada Lovelace');
});

pageTest('as a plain script with defer, there for the scripts behind it', { html: `${script}<script defer src="data:text/javascript,globalThis.found=typeof latchkey.user"></script>` }, async (page) => {
  assert.equal(await page.evaluate(() => globalThis.found), 'function');
});

pageTest('as a module, by default and by name', { html: `<p data-latchkey="name"></p><script type="module">
  import latchkey, { user, fetch, token, signIn, refresh } from '/latchkey.module.js';
  globalThis.same = latchkey === globalThis.latchkey && user === latchkey.user && fetch === latchkey.fetch && token === latchkey.token &&
    signIn === latchkey.signIn && refresh === latchkey.refresh;</script>` }, async (page) => {
  assert.equal(await page.evaluate(() => globalThis.same), true);
  assert.equal(await page.textContent('p'), 'Ada Lovelace');
});

for (const how of ['<script type="module" src="/latchkey.js"></script>', '<script type="module">import "/latchkey.js";</script>', '<script>import("/latchkey.js")</script>'])
  pageTest(`the plain script is a module, too: ${how}`, { html: `<p data-latchkey="name"></p>${how}` }, async (page) => {
    await page.waitForFunction(() => document.querySelector('p').textContent === 'Ada Lovelace');
    assert.equal((await attempt(page, 'latchkey.user()')).value.sub, 'k3');
  });

pageTest('an element with the id "latchkey" is not in the way', { html: `<form id="latchkey"><input name="user"></form>${script}` }, async (page) => {
  assert.equal((await attempt(page, 'latchkey.user()')).value.sub, 'k3');
});

// ---- who is here

pageTest('the server is asked once a page', {}, async (page, mock) => {
  const answers = await page.evaluate(() => Promise.all([latchkey.user(), latchkey.user(), latchkey.user()]));
  assert.deepEqual(answers, [ada, ada, ada]);
  assert.equal(mock.to('me.cgi').length, 1);
  await page.evaluate(() => latchkey.refresh());
  assert.equal(mock.to('me.cgi').length, 2);
});

pageTest('nobody is null', { me: nobody }, async (page) => {
  assert.deepEqual(await attempt(page, 'latchkey.user()'), { value: null });
});

let failing = true;
pageTest('trouble is an error, and not kept', { me: () => (failing ? { status: 503, json: { error: 'temporarily_unavailable', error_description: 'Please try again.', request_id: 'r' } } : { json: ada }) }, async (page) => {
  const { name, message, status, error } = await attempt(page, 'latchkey.user()');
  assert.deepEqual([name, message, status, error], ['Error', 'Please try again.', 503, 'temporarily_unavailable']);
  failing = false;
  assert.equal((await attempt(page, 'latchkey.user()')).value.sub, 'k3');
});

for (const [what, me, message] of [
  ['a page with status 500', { status: 500, text: '<h1>Internal Server Error</h1>' }, /status 500/],
  ['a program sent as a file', { text: '\x7fELF', type: 'application/octet-stream' }, /JSON/],
])
  pageTest(`${what} is trouble`, { me, html: `${script}<p data-latchkey-show="trouble" hidden>!</p>` }, async (page) => {
    assert.match((await attempt(page, 'latchkey.user()')).message, message);
    assert.equal(await page.isVisible('p'), true);
    assert.deepEqual(await page.evaluate(() => globalThis.seen), [null]);
  });

// ---- what is shown

const attributes = `${script}
<p id="in" data-latchkey-show="signed-in" hidden>in</p><p id="out" data-latchkey-show="signed-out">out</p>
<p id="trouble" data-latchkey-show="trouble" hidden>trouble</p>
<b id="name" data-latchkey="name">somebody</b><b id="first" data-latchkey="nickname name email">somebody</b>
<b id="email" data-latchkey="email"></b><b id="none" data-latchkey="locale">English?</b><img alt="" data-latchkey="picture">`;
const visible = (page) => page.evaluate(() => [...document.querySelectorAll('[id]')].filter((each) => !each.hidden).map((each) => `${each.id}: ${each.textContent}`));

pageTest('those who are signed in see what is theirs', { html: attributes }, async (page) => {
  assert.deepEqual(await visible(page), ['in: in', 'name: Ada Lovelace', 'first: Ada Lovelace', 'email: ada@example.org']);
});
pageTest('everybody else sees the rest', { html: attributes, me: nobody }, async (page) => {
  assert.deepEqual(await visible(page), ['out: out']);
});
pageTest('in trouble, it is said, and the page is that of nobody', { html: attributes, me: { status: 500, text: '' } }, async (page) => {
  assert.deepEqual(await visible(page), ['out: out', 'trouble: trouble']);
});
pageTest('without scripts the page is as it was written', { html: attributes, context: { javaScriptEnabled: false } }, async (page) => {
  assert.deepEqual(await page.locator('[id]:visible').allInnerTexts(), ['out', 'somebody', 'somebody', 'English?']);
});

let person = { json: ada };
pageTest('a page that the browser brings back finds out anew; of who was here before, nothing is left', { html: attributes, me: () => person }, async (page) => {
  person = nobody;
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await page.waitForFunction(() => globalThis.seen.length === 2);
  assert.deepEqual(await visible(page), ['out: out']);
  assert.ok(!(await page.content()).includes('Lovelace'));
  assert.deepEqual((await page.evaluate(() => globalThis.seen))[1], null);
});

pageTest('an answer that comes late does not replace a newer one', { html: attributes, me: (() => {
  let count = 0;
  return async () => {
    if (++count > 1) return { json: { ...ada, name: `number ${count}` } };
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { json: { ...ada, name: 'number 1' } };
  };
})(), context: {} }, async (page) => {
  await page.evaluate(async () => { await Promise.all([latchkey.refresh(), latchkey.refresh()]); });
  const name = (await attempt(page, 'latchkey.user()')).value.name;
  assert.equal(await page.textContent('#name'), name);
});

// ---- what people call themselves

const hostile = ['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '</b><svg onload=alert(1)>', 'javascript:alert(1)', '&lt;b&gt;', '"\'`{{7*7}}', '\u202eevil', ' ', 'x'.repeat(5000)];
/** Each of these claims in turn, on one page. */
const each = (name, values, options, body) => {
  let claims = {};
  pageTest(name, { html: attributes, ...options, me: () => ({ json: { ...ada, ...claims } }) }, async (page) => {
    for (claims of values) {
      await page.evaluate(() => latchkey.refresh());
      await body(page, claims);
    }
  });
};

each('a name stays text', hostile.map((name) => ({ name })), {}, async (page, { name }) => {
  assert.equal(await page.textContent('#name'), name);
  assert.equal(await page.locator('#name *').count(), 0);
});

each('a name that is no text is none', [['a'], { toString: 'x' }, 7, true, null, ''].map((name) => ({ name })), {}, async (page, claims) => {
  assert.ok(!(await visible(page)).some((shown) => shown.startsWith('name:')), JSON.stringify(claims));
});

pageTest('claims are the answer’s own; the CSRF token is none', { html: ['constructor', '__proto__', 'toString', 'session', 'identities', 'csrf_token'].map((name) => `<b id="${name}" data-latchkey="${name}">x</b>`).join('') + script }, async (page) => {
  assert.deepEqual(await visible(page), []);
});

const picture = (page) => page.locator('img').evaluate((image) => [image.hidden, image.getAttribute('src') || null]);
const shown = ['https://pictures.example/a.png', 'http://pictures.example/a.png']; // this page is http
const refused = ['javascript:alert(1)', 'data:image/svg+xml,<svg onload="alert(1)"/>', '//pictures.example/a', '/a.png', 'blob:https://x/y',
  'ftp://x/y', ' https://x/y', 'https', '', 7, ['https://x/']];
each('pictures are of the web, or none', [...shown, ...refused].map((url) => ({ picture: url })), { allowed: [/ERR_/] }, async (page, { picture: url }) => {
  assert.deepEqual(await picture(page), shown.includes(url) ? [false, url] : [true, null]);
});

test('on an https page, a picture over http is refused', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('https://site.example/**', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/latchkey.js') return route.fulfill({ contentType: 'text/javascript', body: file('latchkey.js') });
    if (pathname.endsWith('me.cgi')) return route.fulfill({ json: { ...ada, picture: 'http://pictures.example/a.png' } });
    return route.fulfill({ contentType: 'text/html', body: `<!doctype html>${script}<img alt="" data-latchkey="picture"><b data-latchkey="name"></b>` });
  });
  await page.goto('https://site.example/');
  await page.getByText('Ada').waitFor();
  assert.deepEqual(await picture(page), [true, null]);
  await context.close();
});

// ---- in and out, keeping the place

const links = `${script}<a id="plain" href="/cgi-bin/login.cgi" data-latchkey-sign-in>a</a>
<a id="named" data-latchkey-sign-in="corp" href="/cgi-bin/login.cgi?provider=other">b</a>
<a id="query" href="/cgi-bin/login.cgi?provider=corp&amp;prompt=login&amp;return_to=/elsewhere" data-latchkey-sign-in>c</a>
<a id="bare" data-latchkey-sign-in>d</a><a id="other" href="/members.html">e</a>`;
const query = (href) => Object.fromEntries(new URL(href).searchParams);

pageTest('links lead in and back to this page', { html: links, me: nobody, at: '/a/b.html?x=1&y=%26' }, async (page, mock) => {
  const href = (id) => page.locator(`#${id}`).evaluate((link) => link.href);
  const back = { return_to: '/a/b.html?x=1&y=%26' };
  for (const id of ['plain', 'named', 'query', 'bare']) assert.ok((await href(id)).startsWith(`${mock.origin}/cgi-bin/login.cgi?`), id);
  assert.deepEqual(query(await href('plain')), back);
  assert.deepEqual(query(await href('bare')), back);
  assert.deepEqual(query(await href('named')), { provider: 'corp', ...back });
  assert.deepEqual(query(await href('query')), { provider: 'corp', prompt: 'login', ...back });
  assert.equal(await href('other'), `${mock.origin}/members.html`);
  await page.evaluate(() => history.pushState(null, '', '/c?d'));
  await page.evaluate(() => latchkey.refresh());
  assert.deepEqual(query(await href('plain')), { return_to: '/c?d' });
});

/** [where, what return_to is] */
const places = [
  ['/', '/'], ['/?', '/'], ['/index.html', '/index.html'], ['/a/b/', '/a/b/'], ['/a%20b?c=%20', '/a%20b?c=%20'], ['/p?q=1#part', '/p?q=1'],
  ['/%EA%B9%80?q=%EA%B9%80', '/%EA%B9%80?q=%EA%B9%80'], ['/김?q=김', '/%EA%B9%80?q=%EA%B9%80'],
  ['/p?a[]=1&b={2}|3^`', '/p?a%5B%5D=1&b=%7B2%7D%7C3%5E%60'], ['/[x]|y', '/%5Bx%5D%7Cy'], ['/p?u=https://a.example//b?c', '/p?u=https://a.example//b?c'],
  ['/p?q=100%&r=%zz', '/p?q=100%25&r=%25zz'], ['/p?q=a%0Ab', '/p'], [`/p?q=${'x'.repeat(600)}`, '/p'], [`/${'x'.repeat(511)}`, `/${'x'.repeat(511)}`],
  ['/a//b', '/'], ['/a%2Fb', '/'], ['/100%25', '/'], ['/what%3F', '/'], ['/a%5Cb', '/'], ['/a%00', '/'], ['/100%', '/'], ['//', '/'],
];
test('return_to is always what login.cgi takes', async () => {
  const mock = await startMock({ programs: { 'me.cgi': nobody }, html: links });
  const { page, context } = await open(mock);
  const place = setup(twoProviders);
  for (const [where, expected] of places) {
    // pushState, since a browser asks for no address of its own making in a server's log.
    await page.evaluate((to) => { history.pushState(null, '', location.origin + to); return latchkey.refresh(); }, where);
    const { search } = new URL(await page.locator('#plain').evaluate((link) => link.href));
    assert.equal(new URLSearchParams(search).get('return_to'), expected, where);
    const answer = await cgi('login.cgi', place, { query: search.slice(1) });
    assert.equal(answer.status, 200, `${where}: ${answer.log}`);
  }
  await context.close();
});

pageTest('signIn() leaves for there', { me: nobody, programs: { 'login.cgi': { text: 'the sign-in page' } }, at: '/a?b=c' }, async (page) => {
  await page.evaluate(() => latchkey.signIn('corp'));
  await page.getByText('the sign-in page').waitFor();
  assert.deepEqual(query(page.url()), { provider: 'corp', return_to: '/a?b=c' });
});

const out = `${script}<form method="post" action="/cgi-bin/logout.cgi" data-latchkey-sign-out><input type="hidden" name="return_to" value="/old"><button>Sign out</button></form>
<form method="post" action="/cgi-bin/other.cgi"><button>Other</button></form>`;
for (const [how, options, expected] of [['keeps the place', {}, '/a?b=c'], ['needs no script', { javaScriptEnabled: false }, '/old']])
  pageTest(`the form that signs out ${how}`, { html: out, at: '/a?b=c', context: options, programs: { 'logout.cgi': { text: 'gone' } } }, async (page, mock) => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('gone').waitFor();
    const [request] = mock.to('logout.cgi');
    assert.equal(request.method, 'POST');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), { return_to: expected });
  });
pageTest('a form that leads to another site does not tell it where one was', { html: `${script}<form method="post" action="https://evil.example/x" data-latchkey-sign-out><button>Sign out</button></form>`, at: '/a?secret', allowed: [/ERR_/] }, async (page) => {
  const fields = await page.evaluate(() => [...new FormData(document.querySelector('form'))]);
  assert.deepEqual(fields, []);
});
pageTest('other forms are left alone', { html: out, programs: { 'other.cgi': { text: 'done' } } }, async (page, mock) => {
  await page.getByRole('button', { name: 'Other' }).click();
  await page.getByText('done').waitFor();
  assert.equal(mock.to('other.cgi')[0].body, '');
});

// ---- where the programs are

for (const [named, expected] of [['/programs', '/programs'], ['programs', '/programs'], ['https://evil.example/cgi-bin', '/cgi-bin'], ['//evil.example/x', '/x'], ['javascript:alert(1)', null], ['.evil.example', '/.evil.example']])
  test(`data-cgi="${named}" is ${expected ?? 'nothing'} of this site`, async () => {
    const mock = await startMock({ html: `<a id="plain" data-latchkey-sign-in>a</a><script src="/latchkey.js" data-cgi="${named}" defer></script>`, programs: { 'me.cgi': { json: ada }, 'login.cgi': { text: '' } } });
    const { page, context } = await open(mock);
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.evaluate(() => latchkey.refresh());
    const href = await page.locator('#plain').evaluate((link) => link.href);
    if (expected) assert.deepEqual([...asked, href.split('?')[0]], [`${mock.origin}${expected}/me.cgi`, `${mock.origin}${expected}/login.cgi`]);
    else assert.ok([...asked, href].every((each) => each.startsWith(mock.origin)), `${asked} ${href}`);
    await context.close();
  });

// ---- APIs

const notes = { 'api.cgi/notes/list': ({ method, headers, body, url }) => ({ status: 201, json: { method, url, csrf: headers['x-csrf-token'], type: headers['content-type'], mine: headers['x-mine'], body } }) };
const answered = (page, code) => attempt(page, `${code}.then(async (answer) => ({ status: answer.status, ...await answer.json() }))`);

pageTest('reading needs no CSRF token', { programs: notes }, async (page) => {
  const { value } = await answered(page, `latchkey.fetch('notes', 'list?q=%20a&r=/..', { headers: { 'X-Mine': '1' } })`);
  assert.deepEqual(value, { status: 201, method: 'GET', url: '/cgi-bin/api.cgi/notes/list?q=%20a&r=/..', mine: '1', body: '' });
});

pageTest('what changes something carries the CSRF token, and what it was given', { programs: notes }, async (page) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'post']) {
    const { value } = await answered(page, `latchkey.fetch('notes', 'list', { method: '${method}', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': 'another' }, body: '{"a":1}' })`);
    assert.deepEqual([value.method, value.csrf, value.type, value.body], [method.toUpperCase(), ada.csrf_token, 'application/json', '{"a":1}']);
  }
});

pageTest('a form as the body keeps its boundary', { programs: notes }, async (page) => {
  const { value } = await answered(page, `(() => { const body = new FormData(); body.set('a', 'b'); return latchkey.fetch('notes', 'list', { method: 'POST', body }); })()`);
  assert.ok(value.body.includes(value.type.split('boundary=')[1]), JSON.stringify(value));
});

const paths = ['../me.cgi', '..', 'a/../../x', 'a/../b', '%2e%2e/me.cgi', '.%2E/x', '..\\me.cgi', '.\t./x', '\n', './a', 'a b', '김', '//evil.example/..'];
pageTest('a path that leads elsewhere, or is not encoded, goes nowhere', { programs: { ...notes, 'api.cgi': { json: {} } } }, async (page, mock) => {
  const before = mock.requests.length;
  for (const each of paths) assert.equal((await attempt(page, `latchkey.fetch('notes', ${JSON.stringify(each)}, { method: 'POST' })`)).name, 'TypeError', each);
  for (const each of ['..', '../me.cgi?', 'a/../..', '%2e%2e', 'a b']) assert.equal((await attempt(page, `latchkey.fetch(${JSON.stringify(each)}, 'list')`)).name, 'TypeError', each);
  assert.equal(mock.requests.length, before);
  // What stays below the API is the API's to judge.
  assert.equal((await attempt(page, `latchkey.fetch('notes', 'a/%2Fb..c/...?x=../..').then((answer) => answer.status)`)).value, 200);
});

pageTest('a redirect to another site is not followed', { allowed: [/Unsafe attempt/], programs: { 'api.cgi/notes/': { status: 302, text: '', headers: { location: 'https://evil.example/', 'access-control-allow-origin': '*' } } } }, async (page) => {
  assert.equal((await attempt(page, `latchkey.fetch('notes', 'list', { method: 'POST' })`)).name, 'TypeError');
});

pageTest('whatever the API answers is a Response', { programs: {
  'api.cgi/notes/404': { status: 404, json: { error: 'no such note' } }, 'api.cgi/notes/403': { status: 403, json: { error: 'not yours' } },
  'api.cgi/notes/401': { status: 401, text: 'who are you?' }, 'api.cgi/notes/502': { status: 502, json: { error: 'api_unreachable' } },
} }, async (page) => {
  for (const status of [404, 403, 401, 502])
    assert.deepEqual(await attempt(page, `latchkey.fetch('notes', '${status}').then(async (answer) => [answer.status, (await answer.text()).length > 0])`), { value: [status, true] });
});

let now = { json: ada };
pageTest('where signing in would help, the error says where, and leads back here', {
  html: attributes, at: '/a?b=c', me: () => now,
  programs: { 'api.cgi/notes/': { status: 403, json: { error: 'insufficient_scope', error_description: 'More is needed.', login_url: '/cgi-bin/login.cgi?provider=corp&api=notes' } } },
}, async (page, mock) => {
  now = nobody;
  const { name, message, status, error, login_url: url } = await attempt(page, `latchkey.fetch('notes', 'list')`);
  assert.deepEqual([name, message, status, error], ['Error', 'More is needed.', 403, 'insufficient_scope']);
  assert.ok(url.startsWith(`${mock.origin}/cgi-bin/login.cgi?`), url);
  assert.deepEqual(query(url), { provider: 'corp', api: 'notes', return_to: '/a?b=c' });
  await page.waitForFunction(() => globalThis.seen.length === 2);
  assert.deepEqual(await visible(page), ['out: out'], 'the page shows who is here now');
});

const elsewhere = ['https://evil.example/login.cgi?provider=x', '//evil.example/cgi-bin/login.cgi?a', 'javascript:alert(1)?', ['https://evil.example'], { a: 1 }, '/cgi-bin/logout.cgi?x'];
pageTest('an API cannot send people elsewhere to sign in', { programs: { 'api.cgi/notes/': ({ path: at }) => ({ status: 401, json: { login_url: elsewhere[at.at(-1)] } }) } }, async (page, mock) => {
  for (const index of elsewhere.keys()) {
    const told = await attempt(page, `latchkey.fetch('notes', '${index}')`);
    assert.equal(told.login_url.split('?')[0], `${mock.origin}/cgi-bin/login.cgi`);
  }
});

pageTest('a page that calls when it is known who is here does not ask for ever', {
  programs: { 'api.cgi/notes/': { status: 401, json: { error: 'unauthenticated', login_url: '/cgi-bin/login.cgi?' } } },
}, async (page, mock) => {
  await page.evaluate(() => document.addEventListener('latchkey', () => { latchkey.fetch('notes', 'list').catch(() => {}); }));
  for (let i = 0; i < 3; i++) {
    await attempt(page, `latchkey.fetch('notes', 'list')`);
    await page.evaluate(() => latchkey.refresh());
  }
  assert.equal(mock.to('api.cgi').length, 3, 'nobody else came, so nothing was to be done');
  assert.equal((await page.evaluate(() => globalThis.seen)).length, 1);
});

let token = ada.csrf_token;
pageTest('when it is another session by now, nothing is repeated; the next request belongs to that', {
  me: () => ({ json: { ...ada, csrf_token: token } }),
  programs: { 'api.cgi/notes/': ({ headers }) => (headers['x-csrf-token'] === token ? { json: {} } : { status: 403, json: { error: 'form_expired' } }) },
}, async (page, mock) => {
  const post = `latchkey.fetch('notes', 'list', { method: 'POST' }).then((answer) => answer.status)`;
  assert.deepEqual(await attempt(page, post), { value: 200 });
  token = 'that of another session';
  assert.deepEqual(await attempt(page, post), { value: 403 });
  assert.equal(mock.to('api.cgi').length, 2);
  assert.deepEqual(await attempt(page, post), { value: 200 });
});

// ---- tokens

let issued = 0;
const tokens = { 'token.cgi': ({ method, headers, body }) => {
  const audience = new URLSearchParams(body).get('audience');
  if (method !== 'POST' || headers['x-csrf-token'] !== ada.csrf_token) return { status: 403, json: { error: 'form_expired' } };
  if (audience === 'https://other.example') return { status: 400, json: { error: 'invalid_target', error_description: 'Not that one.' } };
  return { json: { access_token: `${++issued} for ${audience}`, token_type: 'Bearer', expires_in: 600 } };
} };

pageTest('a token is kept until shortly before it expires, one for each audience', { programs: tokens }, async (page, mock) => {
  issued = 0;
  await page.clock.install();
  const get = async (audience = '') => (await attempt(page, `latchkey.token(${audience && JSON.stringify(audience)})`)).value;
  assert.equal(await get(), '1 for null');
  assert.equal(await get(), '1 for null');
  assert.equal(await get('https://api.example'), '2 for https://api.example');
  assert.equal(await get(), '1 for null');
  await page.clock.fastForward(560_000);
  assert.equal(await get(), '1 for null');
  await page.clock.fastForward(20_000);
  assert.equal(await get(), '3 for null');
  await page.evaluate(() => latchkey.refresh());
  assert.equal(await get(), '4 for null', 'it may be somebody else now');
  assert.equal(mock.to('token.cgi').length, 4);
});

pageTest('no token: why, and not kept', { programs: tokens }, async (page) => {
  const { name, message, status, error } = await attempt(page, `latchkey.token('https://other.example')`);
  assert.deepEqual([name, message, status, error], ['Error', 'Not that one.', 400, 'invalid_target']);
  assert.match((await attempt(page, `latchkey.token()`)).value, /for null/);
});

pageTest('nobody gets no token, but is told where to sign in', { me: nobody, programs: { 'token.cgi': nobody } }, async (page) => {
  const { status, error, login_url: url } = await attempt(page, `latchkey.token()`);
  assert.deepEqual([status, error], [401, 'unauthenticated']);
  assert.deepEqual(query(url), { return_to: '/' });
});

// ---- policies

pageTest('the strictest policy allows all of it', {
  html: `${attributes}${links.replace(script, '')}`, me: { json: { ...ada, picture: 'https://pictures.example/a.png' } }, programs: { ...notes, ...tokens }, allowed: [/ERR_/],
  csp: "default-src 'none'; script-src 'self'; connect-src 'self'; img-src https:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
}, async (page) => {
  assert.equal(await page.textContent('#name'), 'Ada Lovelace');
  assert.equal((await attempt(page, `latchkey.fetch('notes', 'list', { method: 'POST' }).then((answer) => answer.status)`)).value, 201);
  assert.match((await attempt(page, 'latchkey.token()')).value, /for null/);
});
