// The demo as `make run` starts it (tests/run/demo), in a person's browser: all that its pages show.
// Each page is kept as a picture in build/screenshots.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { startChromium } from './support/chromium.mjs';
import { build, freePort, sleep, start, top, workFolder } from './support/place.mjs';

const screenshots = path.join(build, 'screenshots');
let origin;
let issuer;
let browser;

/** Starts the demo: { origin, issuer, stop }. */
async function startDemo(env = {}) {
  const run = workFolder('demo');
  const log = path.join(run, 'log');
  const [port, providerPort] = [await freePort(), await freePort()];
  const ours = { PORT: String(port), PROVIDER_PORT: String(providerPort), RUN: run, BUILD: path.relative(top, build) };
  const demo = start(path.join(top, 'tests/run/demo'), [], { log, env: { ...ours, ...env } });
  for (let i = 0; i < 300 && !/Ctrl-C stops both/.test(fs.readFileSync(log, 'utf8')); i++) {
    assert.equal(demo.child.exitCode, null, fs.readFileSync(log, 'utf8'));
    await sleep(100);
  }
  return { origin: `http://localhost:${port}`, issuer: `http://localhost:${providerPort}`, stop: demo.stop };
}

before(async () => {
  fs.mkdirSync(screenshots, { recursive: true });
  ({ origin, issuer } = await startDemo());
  browser = await startChromium();
});

/** A new browser profile with one page; what goes wrong on pages of the site is collected. */
async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => { troubles.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('console', (message) => {
    if (message.type() === 'error' && page.url().startsWith(origin) && !/status of 40[13]/.test(message.text())) troubles.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (page.url().startsWith(origin) && !request.isNavigationRequest() && url.origin !== origin && request.resourceType() !== 'image') troubles.push(`loaded from elsewhere: ${url}`);
  });
  return { context, page, troubles, end: async () => { assert.deepEqual(troubles, []); await context.close(); } };
}

const picture = (page, name) => page.screenshot({ path: path.join(screenshots, `demo-${name}.png`), fullPage: true });

/** At the provider: who one is. */
async function be(page, who) {
  await page.waitForURL((url) => url.origin === issuer);
  await page.locator(`button[value=${who}]`).click();
  await page.waitForURL((url) => url.origin === origin);
}

async function signIn(page, who, at = '/') {
  await page.goto(origin + at);
  await page.getByRole('link', { name: /^Sign in/ }).click();
  await be(page, who);
}

test('from where one was to the provider and back, and the same way out', async () => {
  const { page, end } = await person();
  await page.goto(`${origin}/?colour=green`);
  const height = () => page.locator('.card').evaluate((card) => Math.round(card.getBoundingClientRect().height));
  await page.getByText('Who are you?').waitFor();
  const before = await height();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await be(page, 'ada');
  assert.equal(page.url(), `${origin}/?colour=green`);
  await page.getByText('ada@example.org').waitFor();
  assert.equal(await height(), before, 'nothing jumps when it is known who is here');
  assert.ok(await page.locator('.avatar img').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  await picture(page, 'home');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.origin === issuer);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.origin === origin);
  assert.equal(page.url(), `${origin}/?colour=green`);
  await page.getByText('Who are you?').waitFor();
  await end();
});

test('without scripts, links and forms do the same', async () => {
  const { page, end } = await person({ javaScriptEnabled: false });
  await signIn(page, 'ada', '/members.html');
  assert.equal(page.url(), `${origin}/members.html`);
  await page.goto(`${origin}/cgi-bin/me.cgi`);
  await page.getByText('Ada Lovelace').first().waitFor();
  await end();
});

test('whoever it is, the page shows a name, and runs nothing', async () => {
  for (const [who, shown] of [['haneul', '김하늘'], ['maryam', 'مريم الإسطرلابي'], ['fox', '🦊 Fox 👩‍👩‍👧‍👦'], ['script', '<script>alert(1)</script>'], ['nobody', 'demo']]) {
    const { page, end } = await person({ viewport: { width: 360, height: 740 } });
    await signIn(page, who);
    await page.locator('.card').getByText(shown).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, 'nothing sticks out sideways');
    await picture(page, `home-${who}`);
    await end();
  }
});

test('three locks: who is signed in passes, and a stranger comes back as somebody', async () => {
  const { page, end } = await person();
  const open = async (name, text) => {
    await page.goto(`${origin}/members.html`);
    await page.getByRole('link', { name }).click();
    if (new URL(page.url()).origin === issuer) await be(page, 'ada');
    await page.getByText(text).waitFor();
  };
  await open('Open the folder', 'Nobody gets them without being signed in.');
  assert.equal(page.url(), `${origin}/cgi-bin/files.cgi/`);
  await picture(page, 'private');
  await page.getByRole('link', { name: 'Minutes' }).click();
  await page.getByText('Nobody came in through the window.').waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'Plan' }).click();
  assert.equal(await page.evaluate(() => document.contentType), 'image/svg+xml');
  await open('Run the script', 'Hello, Ada Lovelace.');
  await end();

  const stranger = await person();
  await stranger.page.goto(`${origin}/cgi-bin/closed`);
  await be(stranger.page, 'fox');
  assert.equal(stranger.page.url(), `${origin}/cgi-bin/closed`);
  await stranger.page.getByText('Hello, 🦊 Fox').waitFor();
  await stranger.end();
});

test('check.cgi says who may pass, and as what', async () => {
  const { page, end } = await person();
  const ask = async (name) => {
    await page.locator('#checked code').evaluate((code) => { code.textContent = ''; });
    await page.getByRole('button', { name }).click();
    await page.waitForFunction(() => document.querySelector('#checked').textContent);
    return page.locator('#checked').innerText();
  };
  await page.goto(`${origin}/members.html`);
  assert.match(await ask('May I pass?'), /^GET \/cgi-bin\/check\.cgi\n401 who is it\?/);
  await signIn(page, 'ada', '/members.html');
  assert.match(await ask('May I pass?'), /\n204 yes\n[^]*x-auth-request-name: Ada Lovelace/);
  assert.match(await ask('And as staff?'), /require=staff\n204 yes/);
  await picture(page, 'members');
  await page.context().clearCookies();
  await signIn(page, 'fox', '/members.html');
  assert.match(await ask('And as staff?'), /require=staff\n403 no/);
  await end();
});

test('a page calls an API as the person who is signed in, who is asked for it first', async () => {
  const { page, end } = await person();
  await signIn(page, 'haneul', '/apis.html');
  await page.getByText('You have not given permission for that yet.').waitFor();
  await page.getByRole('link', { name: 'Sign in for that' }).click();
  await be(page, 'haneul');
  assert.equal(page.url(), `${origin}/apis.html`);
  await page.getByText('No notes yet.').waitFor();
  const seen = [];
  page.on('response', async (response) => { if (response.url().includes('/api.cgi/')) seen.push([response.request().method(), response.status(), await response.headerValue('content-security-policy')]); });
  for (const text of ['사과 세 개', '<b>배</b> 두 개']) {
    await page.getByLabel('A new note').fill(text);
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('listitem').getByText(text, { exact: true }).waitFor();
  }
  assert.deepEqual(await page.locator('#notes li').allInnerTexts(), ['<b>배</b> 두 개', '사과 세 개']);
  assert.deepEqual(seen.map(([method, status]) => `${method} ${status}`), ['POST 201', 'GET 200', 'POST 201', 'GET 200']);
  for (const [, , policy] of seen) assert.match(policy, /^sandbox/);
  await picture(page, 'apis-notes');

  // Another person's are that person's.
  await page.context().clearCookies();
  await page.goto(`${origin}/cgi-bin/login.cgi?provider=demo&api=demo&return_to=/apis.html`);
  await be(page, 'maryam');
  await page.getByText('No notes yet.').waitFor();
  await end();
});

test('a call that needs nobody, by a key that no browser sees', async () => {
  const { page, end } = await person();
  await page.goto(`${origin}/apis.html`);
  await page.getByRole('button', { name: 'What time is it?' }).click();
  await page.getByText(/^\d.*by the provider’s clock$/).waitFor();
  const opened = await page.goto(`${origin}/cgi-bin/api.cgi/clock/time`);
  assert.equal(opened.status(), 200);
  assert.match(await page.innerText('body'), /"time":"\d{4}-/, 'as a page of its own it is to be read, and runs nothing');
  await end();
});

test('an access token is shown, and verified by the published key', async () => {
  const { page, end } = await person();
  await page.goto(`${origin}/apis.html`);
  await page.getByRole('button', { name: 'Show me mine' }).click();
  await page.getByText('Nobody is signed in.').waitFor();
  await page.getByRole('link', { name: 'Sign in for that' }).click();
  await be(page, 'ada');
  assert.equal(page.url(), `${origin}/apis.html`);
  await page.getByRole('button', { name: 'Show me mine' }).click();
  await page.getByText('Verified by the key of that kid').waitFor();
  const claims = JSON.parse(await page.textContent('#claims'));
  assert.deepEqual([claims.iss, JSON.parse(await page.textContent('#header')).typ], [origin, 'at+jwt']);
  await picture(page, 'apis');
  await end();
});

test('the pages in the dark and on a narrow screen', async () => {
  for (const [kind, options] of [['dark', { colorScheme: 'dark' }], ['narrow', { viewport: { width: 360, height: 740 } }], ['narrow-dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }]]) {
    const { page, end } = await person(options);
    for (const name of ['index', 'members', 'apis']) {
      await page.goto(`${origin}/${name}.html`);
      await page.getByText(/^Who are you|^The demo provider keeps/).waitFor();
      await picture(page, `${name}-${kind}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), options.viewport?.width ?? 1280, 'nothing sticks out sideways');
    }
    await end();
  }
});

test('by FastCGI there is all of it, too', async () => {
  const demo = await startDemo({ FASTCGI: '1' });
  const status = async (at) => (await fetch(demo.origin + at, { redirect: 'manual' })).status;
  for (const [at, expected] of Object.entries({
    '/': 200, '/latchkey.js': 200, '/latchkey.module.js': 200, '/cgi-bin/me.cgi': 401, '/cgi-bin/check.cgi': 401, '/cgi-bin/files.cgi/': 401,
    '/cgi-bin/closed': 401, '/cgi-bin/api.cgi/demo/notes': 401, '/cgi-bin/api.cgi/clock/time': 200, '/cgi-bin/jwks.cgi': 200, '/cgi-bin/login.cgi': 303,
  })) assert.equal(await status(at), expected, at);
  await demo.stop();
});
