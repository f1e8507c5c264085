// Servers that visitors name, all of them played by this process: https on loopback under one certificate, behind names and
// addresses that the test chooses (tests/preload/resolve.c). Each is a strict Mastodon server (docs.joinmastodon.org/methods/apps and
// oauth), wrong where a hook says so.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { build, cgiBin, giveBack, templates, workFolder } from '../e2e/support/place.mjs';
import { makeCertificate } from '../providers/stage.mjs';
import { Browser } from './browser.mjs';
import { Scene, origin, program, returnTo } from './scene.mjs';

/** Somewhere on the Internet, as far as the programs can see. */
export const somewhere = '93.184.216.34';

const certificate = makeCertificate(['mastodon.example', 'other.example', 'evil.example', '*.many.example']);
const random = () => crypto.randomBytes(24).toString('base64url');

export class Fediverse extends Scene {
  /**
   * `names` is what RESOLVE_FILE says; `login` stands in the [login] section, `more` behind [provider mastodon], both as text.
   * `hooks` by endpoint (apps, token, profile, discovery): each gets the right answer and the call { host, ... }, and returns what
   * is said instead: a body, or { status, headers, body }.
   */
  static async open({ names = `* ${somewhere}\n`, login = 'new_instances_per_hour = 9999', more = '', hooks = {} } = {}) {
    const scene = new Fediverse();
    Object.assign(scene, { hooks, work: workFolder('fediverse'), calls: [], apps: new Map(), codes: new Map(), tokens: new Map(),
      secrets: new Set(), log: '', person: { id: '108', username: 'ada', display_name: 'Ada Lovelace' } });
    scene.server = https.createServer(certificate, (request, response) => scene.serve(request, response));
    await new Promise((resolve) => scene.server.listen(0, '127.0.0.1', resolve));
    giveBack(() => scene.close());
    scene.resolve(names);
    scene.makePlace(login, more);
    scene.browser = new Browser(scene.place, origin);
    return scene;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  makePlace(login, more) {
    const state = path.join(this.work, 'state');
    const programs = path.join(this.work, 'cgi-bin');
    fs.mkdirSync(state, { mode: 0o700 });
    fs.mkdirSync(programs);
    for (const name of ['login.cgi', 'me.cgi', 'logout.cgi']) fs.copyFileSync(path.join(cgiBin, name), path.join(programs, name));
    for (const name of ['callback.cgi', 'fetch.cgi'])
      fs.writeFileSync(path.join(programs, name), `#!/bin/sh
export LD_PRELOAD='${path.join(build, 'tests/preload/resolve.so')}' RESOLVE_FILE='${this.file('names')}' \\
  CONNECT_PORT=${this.server.address().port} CONNECT_LOG='${this.file('connections')}' \\
  ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"
exec '${path.join(cgiBin, name)}'
`, { mode: 0o755 });
    this.place = { conf: this.file('latchkey.conf'), state, programs };
    fs.writeFileSync(this.place.conf, `[site]
base_url = ${origin}
state_dir = ${state}
templates = ${templates}
ca_file = ${certificate.file}
[login]
${login}
[provider mastodon]
${more}
`, { mode: 0o600 });
  }

  file(name) { return path.join(this.work, name); }

  /** From now on, names mean this. */
  resolve(names) { fs.writeFileSync(this.file('names'), names); }

  /** Every attempt to connect since the last time it was asked for: "passed 93.184.216.34 443". */
  connections() {
    const file = this.file('connections');
    const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    fs.rmSync(file, { force: true });
    return lines;
  }

  sql(text) {
    return execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(this.place.state, 'latchkey.db'), text], { encoding: 'utf8' }).trim();
  }

  // ---- the browser's part

  /** login.cgi, at the server as it was typed. */
  async begin(typed = 'mastodon.example', { provider = 'mastodon', browser = this.browser, ...options } = {}) {
    const query = new URLSearchParams({ provider, return_to: returnTo });
    if (typed !== null) query.set('instance', typed);
    const answer = await browser.get(program(`login.cgi?${query}`), options);
    this.log += answer.log;
    assert.equal(answer.code, 0, answer.log);
    return { ...answer, url: answer.headers.location && new URL(answer.headers.location) };
  }

  /** What the person does there: says yes; returns the response's parameters. */
  consent(url) {
    assert.equal(`${url.protocol}${url.pathname}`, 'https:/oauth/authorize');
    const { client_id: id, redirect_uri: redirectUri, response_type: type, scope, state, code_challenge: challenge, ...rest } =
      Object.fromEntries(url.searchParams);
    const app = this.apps.get(`${url.host} ${id}`);
    assert.ok(app, 'a client of this server');
    assert.deepEqual([type, scope, redirectUri, rest.code_challenge_method], ['code', 'read:accounts', app.redirectUri, 'S256']);
    const code = this.secret(random());
    this.codes.set(code, { host: url.host, id, redirectUri, challenge, person: this.person });
    for (const secret of [state, challenge]) this.secret(secret);
    return { code, state };
  }

  /** callback.cgi of that server. */
  async comeBack(parameters, { host = 'mastodon.example', provider = 'mastodon', browser = this.browser } = {}) {
    this.connections();
    const answer = await browser.get(program(`callback.cgi/${provider}/${host}?${new URLSearchParams(parameters)}`), { crossSite: true });
    this.log += answer.log;
    assert.equal(answer.code, 0, answer.log);
    return answer;
  }

  async signIn(host = 'mastodon.example', { browser = this.browser } = {}) {
    const { status, url, log } = await this.begin(host, { browser });
    assert.equal(status, 303, log);
    return this.comeBack(this.consent(url), { host, browser });
  }

  secret(text) {
    this.secrets.add(text);
    return text;
  }

  checkNoSecretInLog() { for (const secret of this.secrets) assert.ok(!this.log.includes(secret), 'a secret is in the log'); }

  // ---- the servers' part

  async serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = {
      host: request.headers.host, method: request.method, path: request.url, headers: request.headers,
      form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    };
    const endpoint = { '/api/v1/apps': 'apps', '/oauth/token': 'token', '/api/v1/accounts/verify_credentials': 'profile',
      '/.well-known/openid-configuration': 'discovery' }[call.path] ?? call.path;
    this.calls.push(`${endpoint} ${call.host}`);
    let answer = this[`answer_${endpoint}`]?.(call) ?? { status: 404, body: {} };
    if (this.hooks[endpoint]) answer = this.hooks[endpoint](answer, call);
    const { status = 200, headers = {}, body } = 'body' in answer ? answer : { body: answer };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }

  /** What was asked since the last time: "apps mastodon.example". */
  asked() { return this.calls.splice(0); }

  answer_apps({ host, method, form }) {
    const { client_name: name, redirect_uris: redirectUri, scopes, website, ...rest } = form;
    assert.deepEqual([method, name, scopes, website, rest], ['POST', 'www.example.org', 'read:accounts', origin, {}]);
    const id = random();
    const app = { id, secret: this.secret(random()), redirectUri };
    this.apps.set(`${host} ${id}`, app);
    return { id: String(this.apps.size), name, website, scopes: [scopes], redirect_uri: redirectUri, client_id: id,
      client_secret: app.secret, client_secret_expires_at: 0 };
  }

  answer_token({ host, method, headers, form }) {
    const app = this.apps.get(`${host} ${form.client_id}`);
    if (method !== 'POST' || headers.authorization || !app || app.secret !== form.client_secret)
      return { status: 401, body: { error: 'invalid_client' } };
    const login = this.codes.get(form.code);
    this.codes.delete(form.code);
    const challenge = crypto.createHash('sha256').update(form.code_verifier).digest('base64url');
    if (form.grant_type !== 'authorization_code' || !login || login.host !== host || login.id !== app.id ||
        form.redirect_uri !== login.redirectUri || challenge !== login.challenge)
      return { status: 400, body: { error: 'invalid_grant' } };
    const token = this.secret(random());
    this.secret(form.code_verifier);
    this.tokens.set(token, login);
    return { access_token: token, token_type: 'Bearer', scope: 'read:accounts', created_at: 1795210996 };
  }

  answer_profile({ host, headers }) {
    const login = this.tokens.get((headers.authorization ?? '').replace(/^Bearer /, ''));
    if (login?.host !== host) return { status: 401, body: { error: 'The access token is invalid' } };
    const { id, username, display_name: name } = login.person;
    return { id, username, acct: username, display_name: name, avatar: `https://${host}/a.png`, source: { language: 'en' } };
  }
}
