// A site with one OAuth 1.0 provider and one browser, made anew for each test; and the two ways a login can end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { json, setup } from '../e2e/support/cgi.mjs';
import { templates } from '../e2e/support/place.mjs';
import { Browser } from '../hostile/browser.mjs';
import { checkPage, origin, program, returnTo, rules } from '../hostile/scene.mjs';
import { Server } from './server.mjs';

export { origin, program, returnTo, rules };

// Characters that the signature has to encode (RFC 5849 3.6).
const client = { key: 'consumer key/with+%&=~ü', secret: 'a secret/with+%, =&? and ~* längst ✓' };
export const person = { id: 777, id_str: '777', name: 'Ada Lovelace', screen_name: 'ada', email: 'ada@example.org' };
const query = 'include_email=true&skip_status=true&name=%C3%BC%20%26';

export class Scene {
  /**
   * `server` are further settings of server.py; `settings` go into the [provider op] section, also as a function of the server's
   * origin (undefined leaves one out); `more` is further text of the configuration, as a function of the scene.
   */
  static async open({ server = {}, settings = {}, more = () => '', rsa = false } = {}) {
    const scene = new Scene();
    const key = rsa ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) : null;
    scene.server = await Server.start({
      client_key: client.key, client_secret: rsa ? 'of no use' : client.secret, profile: person, profile_query: query,
      rsa_key: key?.publicKey.export({ type: 'spki', format: 'pem' }), redirect_uris: [program('callback.cgi/op')],
      credentials: { user_id: '777', screen_name: 'ada' }, ...server,
    });
    const bySignature = rsa ? { signature_method: 'RSA-SHA1', private_key_file: 'client.pem', client_secret: undefined } : {};
    const own = typeof settings === 'function' ? settings(scene.server.origin) : settings;
    scene.place = setup('', {
      conf: (state) => `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${templates}\n` +
        `${scene.section('op', bySignature, own)}\n${more(scene)}`,
    });
    if (rsa) {
      const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
      fs.writeFileSync(path.join(path.dirname(scene.place.conf), 'client.pem'), pem, { mode: 0o600 });
    }
    Object.assign(scene, { browser: scene.newBrowser(), answers: [] });
    return scene;
  }

  section(id, ...settings) {
    const { origin: at } = this.server;
    const all = Object.assign({
      type: 'oauth1', client_id: client.key, client_secret: client.secret, temporary_credential_endpoint: `${at}/initiate`,
      authorization_endpoint: `${at}/authorize?lang=en`, token_endpoint: `${at}/token`, userinfo_endpoint: `${at}/profile?${query}`,
      claim_sub: 'id_str', claim_preferred_username: 'screen_name', email_trust: 'always', denied: 'denied',
      userinfo_error: 'errors',
    }, ...settings);
    const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name} = ${value}`);
    return `[provider ${id}]\n${lines.join('\n')}\n`;
  }

  newBrowser() { return new Browser(this.place, origin); }

  keep(answer) {
    this.answers.push(answer);
    return answer;
  }

  get log() { return this.answers.map(({ log }) => log).join(''); }

  /** login.cgi: { answer, url }, the latter where the browser is sent. */
  async begin({ browser = this.browser, id = 'op' } = {}) {
    const answer = this.keep(await browser.get(program(`login.cgi?provider=${id}&return_to=${encodeURIComponent(returnTo)}`)));
    return { answer, url: answer.headers.location };
  }

  /** The person at the provider: the parameters the browser comes back with. */
  async authorize(url) {
    const at = new URL(url);
    assert.deepEqual([...at.searchParams.keys()], ['lang', 'oauth_token'], 'the endpoint’s own query, and the token alone');
    const back = await this.server.authorize(url);
    assert.equal(`${back.origin}${back.pathname}`, program('callback.cgi/op'));
    return Object.fromEntries(back.searchParams);
  }

  /** callback.cgi, with the response's parameters: an object, or a text as it stands. */
  async comeBack(parameters, { browser = this.browser, id = 'op', ...options } = {}) {
    const text = typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString();
    this.seen = (await this.server.report()).requests.length;
    const answer = await browser.get(program(`callback.cgi/${id}?${text}`), { crossSite: true, ...options });
    return this.keep({ ...answer, text, id });
  }

  /** To the provider and back: the response's parameters. */
  async visit(options) {
    const { answer, url } = await this.begin(options);
    assert.equal(answer.status, 303, answer.log);
    return this.authorize(url);
  }

  async signIn() { return this.comeBack(await this.visit()); }

  async whoAmI(browser = this.browser) {
    const answer = await browser.get(program('me.cgi'), { headers: { accept: 'application/json' } });
    return { status: answer.status, ...json(answer) };
  }

  /** The rows of a query; none of a database that was never needed. */
  sql(text) {
    const file = path.join(this.place.state, 'latchkey.db');
    if (!fs.existsSync(file)) return [];
    return execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, text], { encoding: 'utf8' }).split('\n').filter(Boolean);
  }

  /** How many logins wait for the browser to come back. */
  waiting() { return Number(this.sql('SELECT count(*) FROM temporary_credentials')[0] ?? 0); }

  /** No secret in what the browser got to see, in the log, or in the database. */
  async checkNoSecretTold() {
    const { secrets } = await this.server.report();
    const folder = this.place.state;
    const files = fs.readdirSync(folder).filter((name) => name.startsWith('latchkey.db'))
      .map((name) => fs.readFileSync(path.join(folder, name), 'latin1'));
    for (const [secret, what] of Object.entries(secrets)) {
      assert.ok(!holds(this.log, secret), `the ${what} is in the log`);
      assert.ok(!files.some((file) => holds(file, secret)), `the ${what} is in the database`);
      for (const answer of this.answers) {
        const isTheWay = what === 'temporary token' && answer.headers.location?.startsWith(this.server.origin);
        assert.ok(isTheWay || !told(answer).some((text) => holds(text, secret)), `the browser is told the ${what}`);
      }
    }
  }
}

/** Everything that an answer tells, with what its cookies hold. */
function told({ body, headers, cookies }) {
  const values = cookies.flatMap((field) => field.match(/=([^;]*)/)[1].split('.'));
  return [body, ...Object.values(headers), ...cookies, ...values.map((value) => Buffer.from(value, 'base64url').toString('latin1'))];
}

const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const holds = (text, secret) => [secret, encoded(secret), encoded(encoded(secret)), Buffer.from(secret).toString('latin1')]
  .some((form) => text.includes(form));

/** A test with a scene of its own: `options` as for Scene.open(). */
export function sceneTest(name, options, body) {
  test(name, async () => body(await Scene.open(options)));
}

async function checkNobody(scene) {
  assert.ok(!scene.browser.isSignedIn(), 'no session cookie');
  assert.equal((await scene.whoAmI()).status, 401);
  assert.deepEqual(scene.sql('SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions)').filter((sum) => sum !== '0'), []);
}

/** The login has succeeded; returns me.cgi's claims. */
export async function checkSignedIn(scene, answer, { sub = person.id_str } = {}) {
  const { complaints, requests } = await scene.server.report();
  assert.deepEqual(complaints, [], 'the server has nothing to complain about');
  assert.deepEqual(rules(answer.log), [], answer.log);
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, origin + returnTo);
  assert.ok(scene.browser.isSignedIn(), 'a session cookie');
  assert.deepEqual(scene.browser.names().filter((name) => name.includes('login-')), [], 'the login cookie is gone');
  assert.equal(scene.waiting(), 0, 'nothing is kept of the login');
  await scene.checkNoSecretTold();
  const me = await scene.whoAmI();
  assert.equal(me.status, 200);
  assert.equal(me.identities[0].sub, sub);
  return { me, requests };
}

/**
 * The login has failed: this rule is in the log, the server was asked no more than `calls` since the browser came back, nobody is
 * signed in, and the same response is of no use again. `usable`: this answer was not the login's at all, and `right` can still come.
 */
export async function checkRefused(scene, answer, { status = 502, rule, calls = [], right = null, complaints = [] }) {
  assert.equal(answer.code, 0, answer.log);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status, answer.log);
  checkPage(answer, rule);
  await checkNobody(scene);
  const report = await scene.server.report();
  assert.deepEqual(report.requests.slice(scene.seen), calls, 'what the server was asked');
  assert.deepEqual(report.complaints, complaints, 'what the server complains about');
  await scene.checkNoSecretTold();
  if (right !== null) {
    await checkSignedIn(scene, await scene.comeBack(right));
    return;
  }
  assert.equal(scene.waiting(), 0, 'nothing is kept of the login');
  const again = await scene.comeBack(answer.text, { id: answer.id, cookie: answer.sent });
  assert.equal(again.status, 400, again.log);
  assert.deepEqual(rules(again.log), ['state_wrong']);
  assert.deepEqual((await scene.server.report()).requests.slice(scene.seen), [], 'a used login asks the server nothing');
  await checkNobody(scene);
}

/** login.cgi stops: no login is begun, nothing is kept, the browser goes nowhere. */
export async function checkStopped(scene, { status = 502, rule, calls = ['initiate'], complaints = [] }) {
  const { answer } = await scene.begin();
  assert.equal(answer.code, 0, answer.log);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status, answer.log);
  assert.deepEqual(answer.cookies, [], 'no login was begun');
  assert.ok(!('location' in answer.headers));
  assert.equal(scene.waiting(), 0, 'nothing is kept');
  checkPage(answer, rule);
  const report = await scene.server.report();
  assert.deepEqual(report.requests, calls);
  assert.deepEqual(report.complaints, complaints);
  await scene.checkNoSecretTold();
  await checkNobody(scene);
}
