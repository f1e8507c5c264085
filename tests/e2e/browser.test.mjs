// A person with a real browser (Chromium), the demo site under Apache and a certified provider.
// Each page is kept as a picture in build/screenshots.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { startChromium } from './support/chromium.mjs';
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
  browser = await startChromium();
});

/** A new browser profile with one page; what goes wrong on our pages is collected. */
async function person(options = {}, { origin: ours } = site) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const troubles = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && page.url().startsWith(ours) && !/status of (40[013]|502)/.test(message.text())) troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (page.url().startsWith(ours) && !request.isNavigationRequest() && origin !== ours && origin !== 'null')
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

test('the sign-in page remembers which provider it was', async () => {
  const { page, context, troubles } = await person();
  await signIn(page, 'ada', { client: 'OP es256-basic' });
  const hint = (await context.cookies(site.origin)).find(({ name }) => name === 'latchkey-last');
  assert.deepEqual([hint.value, hint.httpOnly, hint.sameSite, hint.path], ['es256-basic', true, 'Lax', '/']);
  const days = (hint.expires - Date.now() / 1000) / 86400;
  assert.ok(days > 364 && days <= 365, `${days} days`);
  await page.goto(login());
  assert.deepEqual(await page.locator('.provider:has(.tag)').allInnerTexts(), ['O\nContinue with OP es256-basic Last used']);
  assert.deepEqual(troubles, []);
  await context.close();
});

/** The words that are left when names, and what is for machines, are taken out. */
const english = async (page, names) => {
  const text = await page.evaluate(() => `${document.title} ${document.body.innerText}`);
  return text.replace(/<code>|[\w-]{16,}/g, '').replace(names, '').match(/[A-Za-z]{2,}/g) ?? [];
};

test('whose browser speaks Korean, reads Korean from beginning to end', async () => {
  const { page, context, troubles } = await person({ locale: 'ko-KR' });
  const names = /End to end|OP [a-z0-9-]+|haneul@example\.org|\bhaneul\b|\bID\b|\bUTC\b|access_denied|Chrome|Linux/g;
  const check = async (heading) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
    assert.match(await page.textContent('h1'), heading);
    assert.deepEqual(await english(page, names), []);
  };
  await page.goto(login('?return_to=/cgi-bin/me.cgi'));
  await check(/^로그인$/);
  await page.getByRole('link', { name: 'OP rs256-basic 계정으로 로그인' }).click();
  await agree(page, 'haneul');
  await check(/^김하늘$/);
  await page.getByText('현재 사용 중').waitFor();
  assert.match(await page.locator('time').first().innerText(), /^\d{4}년 \d\d월 \d\d일 \d\d:\d\d \(UTC\)$/);
  await picture(page, 'account-korean');
  await page.goto(`${site.origin}/cgi-bin/logout.cgi`);
  await check(/End to end에서 로그아웃할까요\?/);
  await page.goto(login('?prompt=consent&provider=rs256-post'));
  await page.getByRole('link', { name: /cancel/i }).click();
  await page.waitForURL((url) => url.origin === site.origin);
  await check(/^로그인되지 않았습니다$/);
  await picture(page, 'error-korean');
  assert.deepEqual(troubles, []);
  await context.close();
});

// ---- the account page

/** At the provider nobody is signed in any more: the next login there may be somebody else's. */
const forgetAtProvider = (context) => context.clearCookies({ name: /^_/ });

test('a person connects an account, chooses what is shown, ends a session, disconnects, takes the data along, and deletes it all', async () => {
  const { page, context, troubles } = await person({ acceptDownloads: true });
  await signIn(page, 'rosa');
  await page.getByText('Connect another account').click();
  await forgetAtProvider(context);
  await page.getByRole('button', { name: 'Connect OP es256-post' }).click();
  await agree(page, 'rosie');
  await page.waitForURL(/me\.cgi\?done=linked/);
  await page.getByRole('status').getByText('you can sign in with it from now on').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Disconnect/ }).count(), 2);
  await picture(page, 'account-connected');

  const addresses = page.locator('select[name=email_identity]');
  await addresses.selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  assert.match(await page.locator('dl').innerText(), /rosie@example\.com/);

  const elsewhere = await person();
  await signIn(elsewhere.page, 'rosie', { client: 'OP es256-post' });
  assert.match(await elsewhere.page.locator('dl').innerText(), /Rosa Luz/, 'the same account');
  await page.goto(account());
  await picture(page, 'account-sessions');
  await page.getByRole('listitem').getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Signed out there.').waitFor();
  await elsewhere.page.goto(account());
  assert.match(elsewhere.page.url(), /login\.cgi/, 'the other browser is signed out');
  await elsewhere.context.close();

  await page.getByText('Show', { exact: true }).click();
  await page.getByText('Account connected').waitFor();
  await page.getByRole('button', { name: 'Disconnect OP es256-post' }).click();
  await page.getByText('The account is no longer connected.').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Disconnect/ }).count(), 0, 'never the last one');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download all of it' }).click()]);
  const copy = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
  assert.match(JSON.stringify(copy), /rosa@example\.org/);

  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('heading', { name: 'Delete your account?' }).waitFor();
  await picture(page, 'account-delete');
  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.waitForURL(`${site.origin}/`);
  await page.goto(account());
  assert.match(page.url(), /login\.cgi/, 'there is nobody any more');
  assert.deepEqual(troubles, []);
  await context.close();
});

// ---- many providers, and one of many servers

const record = (id, more) => `[provider ${id}]\nissuer = https://${id}.example\nauthorization_endpoint = https://${id}.example/authorize\n` +
  `token_endpoint = https://${id}.example/token\njwks_uri = https://${id}.example/jwks\nclient_id = c\nclient_secret = s\n${more}\n`;
const fedi = `[provider fedi]
type = oauth2
label = Fediverse
instance = ask
authorization_endpoint = https://{instance}/oauth/authorize
token_endpoint = https://{instance}/oauth/token
userinfo_endpoint = https://{instance}/me
claim_sub = id
registration = mastodon
registration_endpoint = https://{instance}/api/v1/apps
`;

test('buttons have the colours of their services, seen on any ground', async () => {
  const many = await startSite({ providers: record('white', 'button_background = #FFFFFF\nbutton_color = #1F1F1F') +
    record('black', 'button_background = #000000\nbutton_color = #FFFFFF') + record('plain', '') });
  for (const colorScheme of ['light', 'dark']) {
    const { page, context, troubles } = await person({ colorScheme }, many);
    await page.goto(`${many.origin}/cgi-bin/login.cgi`);
    const style = (selector) => page.locator(selector).evaluate((element) => {
      const { backgroundColor, color, borderTopColor } = getComputedStyle(element);
      return { backgroundColor, color, borderTopColor };
    });
    const card = await style('main');
    const [white, black] = [await style('.p-white .provider'), await style('.p-black .provider')];
    assert.deepEqual([white.backgroundColor, white.color], ['rgb(255, 255, 255)', 'rgb(31, 31, 31)']);
    assert.deepEqual([black.backgroundColor, black.color], ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
    for (const button of [white, black]) assert.ok(![card.backgroundColor, button.backgroundColor].includes(button.borderTopColor), JSON.stringify(button));
    assert.equal((await style('.p-plain .provider')).backgroundColor, card.backgroundColor);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'solid', 'the focus is seen');
    await picture(page, `buttons-${colorScheme}`);
    assert.deepEqual(troubles, [], 'the policy allows all of it');
    await context.close();
  }
  await many.stop();
});

test('forty-nine providers fit a screen of 320 pixels, and stand side by side on a wide one', async () => {
  const many = await startSite({ providers: fedi + Array.from({ length: 48 }, (_, i) => record(`p${i}`, `label = Provider number ${i}`)).join('') });
  const { page, context } = await person({ viewport: { width: 1280, height: 900 } }, many);
  await page.goto(`${many.origin}/cgi-bin/login.cgi`);
  const lefts = await page.locator('.provider').evaluateAll((all) => new Set(all.map((button) => Math.round(button.closest('li').getBoundingClientRect().left))).size);
  assert.equal(lefts, 3);
  await picture(page, 'sign-in-many');
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, 'nothing sticks out sideways');
  await picture(page, 'sign-in-many-narrow');
  await context.close();
  await many.stop();
});

/** As if we had registered with that server before: then nothing of it is needed until somebody comes back from it. */
const registered = (place, host) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(place.state, 'latchkey.db'),
  `INSERT INTO registrations VALUES ('https://${host}', '${place.origin}/cgi-bin/callback.cgi/fedi/${host}', 'c', NULL, 'none', 253402300799, 0)`]);

test('a server that a person types is reached under a policy that names no server', async () => {
  const place = await startSite({ providers: fedi + record('other', '') });
  const { page, context, troubles } = await person({}, place);
  const reached = [];
  await context.route((url) => url.protocol === 'https:', (route) => {
    reached.push(new URL(route.request().url()));
    return route.fulfill({ contentType: 'text/html', body: '<h1>Your server</h1>' });
  });
  const answer = await page.goto(`${place.origin}/cgi-bin/login.cgi?return_to=/members.html`);
  assert.match(answer.headers()['content-security-policy'], /form-action 'self'$/);
  const field = page.getByLabel('Your Fediverse server');
  const button = page.getByRole('button', { name: 'Continue with Fediverse' });
  await button.click();
  assert.equal(await field.evaluate((input) => input.validity.valueMissing), true, 'the browser asks for it first');

  await field.fill('not a server');
  await field.press('Enter');
  await page.getByRole('alert').waitFor();
  assert.equal(await field.inputValue(), 'not a server');
  assert.equal(await field.evaluate((input) => document.getElementById(input.getAttribute('aria-describedby')).getAttribute('role')), 'alert');
  await picture(page, 'instance-wrong');

  await field.fill('mastodon.example'); // which this machine cannot find
  await button.click();
  await page.getByText(/cannot sign you in with that server/).waitFor();
  await picture(page, 'instance-unreachable');

  registered(place, 'mastodon.example');
  await field.fill('@ada@Mastodon.Example');
  await button.click();
  await page.waitForURL((url) => url.host === 'mastodon.example');
  assert.equal(await page.textContent('h1'), 'Your server');
  const [url] = reached;
  assert.equal(url.pathname, '/oauth/authorize');
  assert.equal(url.searchParams.get('redirect_uri'), `${place.origin}/cgi-bin/callback.cgi/fedi/mastodon.example`);
  assert.ok((await context.cookies(place.origin)).some(({ name }) => name.startsWith('latchkey-login-')));
  assert.deepEqual(troubles, []);
  // What the page in between is for: a redirect that follows a form is held to the form's policy.
  await page.goto(`${place.origin}/cgi-bin/login.cgi`);
  await field.fill('mastodon.example');
  await page.locator('[name=via]').evaluate((input) => input.remove());
  await button.click();
  await page.waitForTimeout(1000);
  assert.equal(reached.length, 1);
  assert.match(troubles.join(), /form-action/);
  await context.close();
  await place.stop();
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
