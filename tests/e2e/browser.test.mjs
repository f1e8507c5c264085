// A person with a real browser (Chromium), the demo site under Apache and a certified provider.
// Each page is kept as a picture in build/screenshots.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { build } from './support/place.mjs';
import { startSite } from './support/site.mjs';
import { startProvider } from './op.mjs';

const screenshots = path.join(build, 'screenshots');
let site;
let op;
let browser;

before(async () => {
  fs.mkdirSync(screenshots, { recursive: true });
  site = await startSite({ providers: async (origin) => { op = await startProvider(origin); return op.sections; } });
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'], { encoding: 'utf8' }).trim();
  // A closed network: whatever is not on this machine does not exist, and is not waited for.
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'],
  });
});
after(() => browser?.close());

/** A new browser profile with one page; what goes wrong on our pages is collected. */
async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const troubles = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && page.url().startsWith(site.origin) && !/status of 40[013]/.test(message.text())) troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (page.url().startsWith(site.origin) && !request.isNavigationRequest() && origin !== site.origin && origin !== 'null')
        troubles.push(`loaded from elsewhere: ${request.url()}`);
    });
  });
  return { context, page: await context.newPage(), troubles };
}

const picture = (page, name) => page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
const login = (query = '') => `${site.origin}/cgi-bin/login.cgi${query}`;
const account = () => `${site.origin}/cgi-bin/me.cgi`;

/** At the provider: who one is, and yes, if it asks (it knows who agreed before). */
async function agree(page, name) {
  await page.waitForURL((url) => url.origin === op.issuer);
  await page.fill('input[name=login]', name);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  const asked = page.waitForSelector('form:has(input[value=consent])').then(() => true, () => false);
  const back = page.waitForURL((url) => url.origin === site.origin);
  if (await Promise.race([asked, back.then(() => false)])) await page.click('button[type=submit]');
  await back;
}

async function signIn(page, name, { client = 'OP rs256-basic', from = login('?return_to=/cgi-bin/me.cgi') } = {}) {
  await page.goto(from);
  await page.getByRole('link', { name: client }).click();
  await agree(page, name);
}

test('the way of a new visitor: home, sign-in page, provider, home again, recognised; reload; sign out', async () => {
  const { page, troubles, context } = await person();
  await page.goto(site.origin);
  await picture(page, 'home-signed-out');
  await page.getByRole('link', { name: /sign in/i }).first().click();
  await page.waitForURL(/login\.cgi/);
  await picture(page, 'sign-in');
  await page.getByRole('link', { name: /OP es256-post/ }).click();
  await agree(page, 'ada');
  await page.getByText('Ada Lovelace').first().waitFor();
  assert.ok(!page.url().includes('code='), 'the code does not stay in the address bar');
  await picture(page, 'home-signed-in');
  await page.reload();
  await page.getByText('Ada Lovelace').first().waitFor();

  await page.goto(account());
  await page.getByText('ada@example.org').first().waitFor();
  await picture(page, 'account');
  await page.goto(`${site.origin}/cgi-bin/logout.cgi`);
  await picture(page, 'sign-out');
  await page.getByRole('button', { name: /sign out/i }).click();
  await page.waitForURL((url) => url.origin === op.issuer);
  await page.getByRole('button', { name: /yes/i }).click();
  await page.waitForURL((url) => url.origin === site.origin);
  await page.getByRole('link', { name: /sign in/i }).first().waitFor();
  await page.goto(account());
  assert.match(page.url(), /login\.cgi/, 'nobody is signed in any more');
  assert.deepEqual(troubles, []);
  await context.close();
});

test('signing in and out needs no script', async () => {
  const { page, context } = await person({ javaScriptEnabled: false });
  await page.goto(site.origin);
  await page.getByRole('link', { name: /sign in/i }).first().click();
  await page.getByRole('link', { name: /OP rs256-post/ }).click();
  await agree(page, 'haneul');
  await page.goto(account());
  assert.match(await page.textContent('main'), /김하늘/);
  await page.goto(`${site.origin}/cgi-bin/logout.cgi`);
  await page.getByRole('button', { name: /sign out/i }).click();
  await page.waitForURL((url) => url.origin === op.issuer);
  await page.goto(account());
  assert.match(page.url(), /login\.cgi/);
  await context.close();
});

test('return_to brings one back to the page one came from', async () => {
  const { page, context } = await person();
  await signIn(page, 'ada', { from: login('?return_to=/members.html') });
  assert.equal(page.url(), `${site.origin}/members.html`);
  await picture(page, 'members');
  await context.close();
});

test('refused consent shows a page that says so and offers to try again', async () => {
  const { page, context } = await person();
  await page.goto(login());
  await page.getByRole('link', { name: 'OP rs256-basic' }).click();
  await page.getByRole('link', { name: /cancel/i }).click();
  await page.waitForURL((url) => url.origin === site.origin);
  await picture(page, 'error-denied');
  const again = page.getByRole('link', { name: /try again/i });
  await again.click();
  await agree(page, 'ada');
  await page.goto(account());
  await page.getByText('Ada Lovelace').first().waitFor();
  await context.close();
});

test('back after signing in does no harm, and forward neither', async () => {
  const { page, context } = await person();
  await page.goto(site.origin);
  await signIn(page, 'ada');
  await page.getByText('Ada Lovelace').first().waitFor();
  await page.goBack().catch(() => {});
  await page.goBack().catch(() => {});
  await page.goto(account());
  await page.getByText('Ada Lovelace').first().waitFor();
  await context.close();
});

test('a bookmarked callback address opened again signs nobody in, and nobody out', async () => {
  const { page, context } = await person();
  let callback;
  page.on('request', (request) => { if (request.url().includes('callback.cgi')) callback = request.url(); });
  await signIn(page, 'ada');
  assert.ok(callback);
  const answer = await page.goto(callback);
  assert.equal(answer.status(), 400);
  await picture(page, 'error-stale');
  await page.goto(account());
  await page.getByText('Ada Lovelace').first().waitFor();
  const stranger = await person();
  assert.equal((await stranger.page.goto(callback)).status(), 400);
  await stranger.context.close();
  await context.close();
});

test('two tabs signing in at once both finish', async () => {
  const { page: first, context } = await person();
  const second = await context.newPage();
  await first.goto(login('?return_to=/members.html'));
  await second.goto(login('?return_to=/cgi-bin/me.cgi'));
  await first.getByRole('link', { name: 'OP rs256-basic' }).click();
  await first.waitForURL((url) => url.origin === op.issuer);
  await second.getByRole('link', { name: 'OP rs256-basic' }).click();
  await second.waitForURL((url) => url.origin === op.issuer);
  await agree(first, 'ada');
  assert.equal(first.url(), `${site.origin}/members.html`);
  await agree(second, 'ada');
  await second.getByText('Ada Lovelace').first().waitFor();
  await context.close();
});

test('a sign-in page left open, and used after signing in elsewhere, still works', async () => {
  const { page: stale, context } = await person();
  await stale.goto(login('?return_to=/members.html'));
  const other = await context.newPage();
  await signIn(other, 'ada');
  await stale.getByRole('link', { name: 'OP rs256-basic' }).click();
  await stale.waitForURL(`${site.origin}/members.html`); // the provider knows her and asks nothing
  await context.close();
});

test('a login begun six times over still ends in one', async () => {
  const { page, context } = await person();
  for (let i = 0; i < 6; i++) await page.goto(login('?provider=rs256-basic'));
  await agree(page, 'ada');
  await page.goto(account());
  await page.getByText('Ada Lovelace').first().waitFor();
  const cookies = (await context.cookies(site.origin)).filter(({ name }) => name.startsWith('latchkey-login'));
  assert.ok(cookies.length <= 5, `${cookies.length} login cookies`);
  await context.close();
});

test('unusual names are shown as they are, and run nothing', async () => {
  for (const [name, shown] of [['haneul', '김하늘'], ['layla', 'ليلى الأحمد'], ['script', '<script>alert(1)</script> & "quotes"']]) {
    const { page, context, troubles } = await person();
    page.on('dialog', (dialog) => { troubles.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    await signIn(page, name);
    await page.getByText(shown).first().waitFor();
    await picture(page, `account-${name}`);
    await page.goto(site.origin);
    await page.getByText(shown).first().waitFor();
    assert.deepEqual(troubles, []);
    await context.close();
  }
});

test('the cookies are out of reach of scripts', async () => {
  const { page, context } = await person();
  await signIn(page, 'ada');
  assert.equal(await page.evaluate(() => document.cookie), '');
  const session = (await context.cookies(site.origin)).find(({ name }) => name === 'latchkey-session');
  assert.equal(session.httpOnly, true);
  assert.equal(session.sameSite, 'Lax');
  await context.close();
});

test('the pages in the dark and on a narrow screen', async () => {
  for (const [kind, options] of [['dark', { colorScheme: 'dark' }], ['narrow', { viewport: { width: 360, height: 740 } }]]) {
    const { page, context } = await person(options);
    await page.goto(site.origin);
    await picture(page, `home-${kind}`);
    await page.goto(login());
    await picture(page, `sign-in-${kind}`);
    await signIn(page, 'layla');
    await picture(page, `account-${kind}`);
    await page.goto(`${site.origin}/cgi-bin/callback.cgi/rs256-basic?state=x&code=x`);
    await picture(page, `error-${kind}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, 'nothing sticks out sideways');
    await context.close();
  }
});
