// A site with one provider and one browser, made anew for each test; and the two ways a login can end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { json, setup } from '../e2e/support/cgi.mjs';
import { templates } from '../e2e/support/place.mjs';
import { events } from '../e2e/support/site.mjs';
import { Browser } from './browser.mjs';
import { Provider } from './provider.mjs';

export const origin = 'https://www.example.org';
export const program = (name) => `${origin}/cgi-bin/${name}`;
export const returnTo = '/members/page.html?a=1&b=2';
const json_ = { accept: 'application/json' };
export const now = () => Math.floor(Date.now() / 1000);

const section = (id, provider, settings) => {
  const all = {
    type: 'oidc', label: id, issuer: provider.issuer, client_id: provider.client.id, client_secret: provider.client.secret,
    token_endpoint_auth_method: provider.client.method, ...settings,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name} = ${value}`);
  return `[provider ${id}]\n${lines.join('\n')}\n`;
};

export class Scene {
  /**
   * `provider` is for Provider.start(), or for that of a `kind` of Provider; `settings`, which can be a function of the provider,
   * go into the [provider op] section (undefined leaves one out); `site` and `more` are further text of the configuration, `more`
   * as a function of the scene.
   */
  static async open({ provider = {}, kind = Provider, settings: given = {}, site = '', more = () => '' } = {}) {
    const scene = new Scene();
    scene.provider = await kind.start(provider);
    const settings = typeof given === 'function' ? given(scene.provider) : given;
    scene.provider.client.redirectUri ??= program('callback.cgi/op');
    scene.place = setup('', {
      conf: (state) => `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${templates}\n${site}\n` +
        `${section('op', scene.provider, settings)}\n${more(scene)}`,
    });
    scene.browser = new Browser(scene.place, origin);
    scene.formPost = settings.response_mode === 'form_post';
    scene.log = '';
    return scene;
  }

  close() { this.provider.stop(); }

  newBrowser() { return new Browser(this.place, origin); }
  section(id, provider, settings) { return section(id, provider, settings); }

  /** login.cgi: { answer, url, parameters }, the latter two once the provider has been asked by the browser. */
  async begin(query = `provider=op&return_to=${encodeURIComponent(returnTo)}`) {
    const answer = await this.browser.get(program(`login.cgi?${query}`));
    this.log += answer.log;
    if (answer.status !== 303) return { answer };
    assert.equal(answer.code, 0, answer.log);
    const url = answer.headers.location;
    return { answer, url, parameters: this.provider.authorize(url) };
  }

  /** callback.cgi, with the response's parameters: an object, or a text as it stands. */
  async comeBack(parameters, { post = this.formPost, browser = this.browser, id = 'op', ...options } = {}) {
    const text = typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString();
    this.seen = this.provider.requests.length;
    const answer = post
      ? await browser.post(program(`callback.cgi/${id}`), text, { crossSite: true, ...options })
      : await browser.get(program(`callback.cgi/${id}?${text}`), { crossSite: true, ...options });
    if (answer === null) return null;
    this.log += answer.log;
    return { ...answer, text, post, id, formPost: this.formPost };
  }

  async signIn({ query } = {}) {
    const { answer, parameters } = await this.begin(query);
    assert.equal(answer.status, 303, `login.cgi: ${answer.log}`);
    return this.comeBack(parameters);
  }

  async whoAmI(browser = this.browser) {
    const answer = await browser.get(program('me.cgi'), { headers: json_ });
    return { status: answer.status, ...json(answer) };
  }

  /** How many rows: { accounts, identities, sessions, used }; none of a database that was never needed. */
  rows() {
    const file = path.join(this.place.state, 'latchkey.db');
    const tables = ['accounts', 'identities', 'sessions', 'used'];
    if (!fs.existsSync(file)) return Object.fromEntries(tables.map((table) => [table, 0]));
    const sql = `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table})`).join(', ')}`;
    const counts = execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, sql], { encoding: 'utf8' }).trim().split('|').map(Number);
    return Object.fromEntries(tables.map((table, i) => [table, counts[i]]));
  }

  checkNoSecretInLog() {
    for (const [secret, what] of this.provider.secrets)
      for (const form of [secret, encodeURIComponent(secret)])
        assert.ok(form.length < 8 || !this.log.includes(form), `${what} is in the log`);
  }
}

/** A test with a scene of its own: `options` as for Scene.open(). */
export function sceneTest(name, options, body) {
  test(name, async (t) => {
    const scene = await Scene.open(options);
    t.after(() => scene.close());
    await body(scene);
  });
}

// ---- how a login ends

export const rules = (log) => events(log).filter(({ event }) => event === 'failed').map(({ rule }) => rule);

// The page of each answer, less what differs between two requests. Whatever was wrong, it is the same page: it tells nobody
// which check failed.
const pages = new Map();

export function checkPage(answer, rule) {
  assert.match(answer.headers['content-type'], /^text\/html/);
  const [event] = events(answer.log);
  assert.ok(answer.body.includes(event.request), 'the request id leads to the log');
  const page = answer.body.replaceAll(event.request, 'ID')
    .replace(/nonce="[^"]*"/g, 'nonce').replace(/href="[^"]*login\.cgi[^"]*"/g, 'retry');
  const kind = page.match(/<code>([a-z_]+)<\/code>/g)?.at(-1);
  assert.ok(kind, 'the page has a code for machines');
  if (!pages.has(kind)) pages.set(kind, page);
  assert.equal(page, pages.get(kind), `the page of ${rule} is like that of any other ${kind}`);
}

/**
 * The login has failed: this rule is in the log, the provider was asked no more than `calls` since the browser came back, nobody is
 * signed in, nothing but the used login is remembered, and it cannot be used again. `usable`: this answer was not the login's at
 * all, and its own can still come. `complaints`: what the provider found wrong, too.
 */
export async function checkRefused(scene, answer, { status = 502, rule, calls = [], usable = false, complaints = [] }) {
  assert.equal(answer.code, 0, answer.log);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status, answer.log);
  checkPage(answer, rule);
  await checkNobody(scene);
  assert.deepEqual(scene.provider.complaints, complaints, 'what the provider complains about');
  assert.deepEqual(scene.provider.calls(scene.seen), calls, 'what the provider was asked');
  assert.equal(scene.rows().used, usable ? 0 : 1, 'the login is remembered as used');
  scene.checkNoSecretInLog();
  if (usable) {
    scene.log = '';
    await checkSignedIn(scene, await scene.comeBack(scene.provider.logins.at(-1).response, { post: answer.formPost }));
    return;
  }
  const again = await scene.comeBack(answer.text, { post: answer.post, id: answer.id, cookie: answer.sent });
  assert.equal(again.status, 400, again.log);
  assert.deepEqual(rules(again.log), ['login_used']);
  assert.deepEqual(scene.provider.calls(scene.seen), [], 'a used login asks the provider nothing');
  await checkNobody(scene);
}

export async function checkNobody(scene) {
  assert.ok(!scene.browser.isSignedIn(), 'no session cookie');
  assert.equal((await scene.whoAmI()).status, 401);
  const { accounts, identities, sessions } = scene.rows();
  assert.deepEqual({ accounts, identities, sessions }, { accounts: 0, identities: 0, sessions: 0 });
}

/** login.cgi stops: no login is begun, the browser goes nowhere, and the provider was asked no more than `calls`. */
export async function checkStopped(scene, { status = 502, rule, calls = ['discovery'] }) {
  const { answer } = await scene.begin();
  assert.equal(answer.code, 0, answer.log);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status, answer.log);
  assert.deepEqual(answer.cookies, [], 'no login was begun');
  assert.ok(!('location' in answer.headers));
  checkPage(answer, rule);
  assert.deepEqual(scene.provider.calls(), calls);
  await checkNobody(scene);
}

/** The login has succeeded; returns me.cgi's claims. */
export async function checkSignedIn(scene, answer, { location = origin + returnTo, sub = scene.provider.person.sub } = {}) {
  assert.deepEqual(scene.provider.complaints, [], 'the provider has nothing to complain about');
  assert.deepEqual(rules(scene.log), [], scene.log);
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, location);
  assert.ok(scene.browser.isSignedIn(), 'a session cookie');
  assert.deepEqual(scene.browser.names().filter((name) => name.includes('login-')), [], 'the login cookie is gone');
  scene.checkNoSecretInLog();
  const me = await scene.whoAmI();
  assert.equal(me.status, 200);
  assert.equal(me.identities[0].sub, sub);
  return me;
}

/** One mutation, one test: a login in which the provider is wrong by these hooks, and must end like this. */
export function mutation(name, hooks, expected, { provider = {}, ...options } = {}) {
  sceneTest(name, { ...options, provider: { ...provider, hooks } }, async (scene) => {
    await checkRefused(scene, await scene.signIn(), expected);
  });
}

/** One legal variation, one test: the login must succeed. `check` may look at me.cgi's claims and the scene. */
export function variation(name, { hooks = {}, provider = {}, query, check = () => {}, ...options }) {
  sceneTest(name, { ...options, provider: { ...provider, hooks } }, async (scene) => {
    const me = await checkSignedIn(scene, await scene.signIn({ query }));
    await check(me, scene);
  });
}
