// One login as a sample tells it: the browser's part, and the provider's, who checks every request to the last parameter.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { isDeepStrictEqual as isSame } from 'node:util';
import { json } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { Browser } from '../hostile/browser.mjs';
import { base64url, claims, halfHash, header, jws, key, kindOf, sha256, verifies } from '../hostile/jose.mjs';
import { oauth1Mistake } from './oauth1.mjs';
import { fill, lay, layAnswer, present, settingsOf, write } from './sample.mjs';

const origin = 'https://www.example.org';
const returnTo = '/members/page.html?a=1&b=2';
const seconds = () => Math.floor(Date.now() / 1000);
const random = () => base64url(crypto.randomBytes(12));
const halfAYear = 15777000; // seconds; the most that a provider with such secrets takes
const show = (value) => JSON.stringify(value);

export const rules = (log) => events(log).filter(({ event }) => event === 'failed').map(({ rule }) => rule);

/** The sample with a variant's or failure's changes. */
export function changed(sample, { at = {}, authorization, callback, id_token: idToken, discovery, settings, person }) {
  const exchange = sample.exchange.map((step, i) => {
    const change = at[i];
    if (!change) return step;
    return change.request || change.answer
      ? { request: change.request ?? step.request, answer: layAnswer(step.answer, change.answer ?? {}) }
      : { ...step, answer: layAnswer(step.answer, change) };
  });
  return {
    ...sample,
    exchange,
    person: person ?? sample.person,
    settings: lay(sample.settings ?? {}, settings),
    authorization: lay(sample.authorization, authorization),
    discovery: lay(sample.discovery, discovery),
    callback: lay(sample.callback, callback),
    id_token: lay(sample.id_token, idToken),
  };
}

export class Login {
  constructor(sample, stage) {
    const { id, discovery } = sample;
    Object.assign(this, { sample, settings: settingsOf(sample), complaints: [], secrets: new Map(), log: '', steps: [], done: 0 });
    this.names = this.makeNames();
    this.discoveryUrl = discovery &&
      (sample.discovery_endpoint ?? `${discovery.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    this.jwksUri = discovery?.jwks_uri ?? sample.jwks_uri;
    this.place = stage.site(id, this.settings, this.hosts(), this.makeFiles());
    this.browser = new Browser(this.place, origin);
    stage.answer = (call) => this.answer(call);
  }

  /** What the sample's placeholders stand for. */
  makeNames() {
    const { id, instance, callback, id_token: idToken } = this.sample;
    const { client_id: clientId = 'registered', client_secret: clientSecret = `secret-${random()}` } = this.settings;
    const literal = callback?.parameters.code;
    const names = {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: `${origin}/cgi-bin/callback.cgi/${id}${instance ? `/${instance}` : ''}`,
      code: literal && literal !== '$code' ? literal : `code/of+${id}-${random()}`,
      access_token: `access-token.of.${id}-${random()}`,
      refresh_token: `refresh-token.of.${id}-${random()}`,
    };
    for (const name of ['client_secret', 'code', 'access_token', 'refresh_token']) this.secret(name, names[name]);
    return {
      ...names,
      id_token: () => this.idToken(),
      at_hash: () => halfHash(idToken.alg, names.access_token),
      appsecret_proof: () => crypto.createHmac('sha256', clientSecret).update(names.access_token).digest('hex'),
    };
  }

  /** A client that signs something itself gets a key to do it with. */
  makeFiles() {
    if (!this.settings.private_key_file) return {};
    this.clientKey = key('P-256', 'client');
    return { [this.settings.private_key_file]: this.clientKey.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  }

  hosts() {
    const urls = [...(this.sample.before ?? []), ...this.sample.exchange].map(({ request }) => request.url);
    return [...new Set([...urls, this.discoveryUrl, this.jwksUri].filter(Boolean).map((url) => new URL(url).hostname))];
  }

  secret(what, value) { if (value) this.secrets.set(String(value), what); }
  complain(what) { this.complaints.push(what); }

  // ---- the browser's part

  /** login.cgi, and what the browser is sent to the provider with. */
  async begin() {
    const { id, instance, before = [] } = this.sample;
    this.expect(before);
    const typed = instance ? `&instance=${encodeURIComponent(instance)}` : '';
    const answer = await this.get(`login.cgi?provider=${id}${typed}&return_to=${encodeURIComponent(returnTo)}`);
    assert.deepEqual([answer.status, rules(answer.log)], [303, []], `login.cgi: ${answer.log}`);
    this.checkSteps();
    this.checkAuthorization(new URL(answer.headers.location));
  }

  checkAuthorization(uri) {
    const { url, fragment, parameters, absent = [] } = this.sample.authorization;
    const sent = single(uri.searchParams);
    assert.equal(`${uri.origin}${uri.pathname}`, url, 'where the browser is sent');
    assert.equal(uri.hash, fragment ? `#${fragment}` : '', 'the fragment');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      if (!(name in sent)) continue;
      assert.match(sent[name], /^[\w-]{43}$/, name);
      this.secret(name, sent[name]);
      this.names[name] = sent[name];
    }
    const expected = { response_type: 'code', state: '$state', ...parameters };
    if (expected.code_challenge_method) expected.code_challenge = '$code_challenge';
    for (const name of absent) delete expected[name];
    assert.deepEqual(sent, fill(present(expected), this.names), 'the authorization request');
  }

  /** callback.cgi, with what the provider gives the browser to bring. */
  async comeBack({ parameters, post = this.sample.callback.post }) {
    const text = new URLSearchParams(present(fill(parameters, this.names))).toString();
    const { redirect_uri: uri } = this.names;
    this.expect(this.sample.exchange);
    const answer = post ? await this.browser.post(uri, text, { crossSite: true })
      : await this.browser.get(`${uri}?${text}`, { crossSite: true });
    assert.equal(answer.code, 0, answer.log);
    this.log += answer.log;
    return answer;
  }

  async get(program, options) {
    const answer = await this.browser.get(`/cgi-bin/${program}`, options);
    assert.equal(answer.code, 0, answer.log);
    this.log += answer.log;
    return answer;
  }

  // ---- the provider's part

  expect(steps) { Object.assign(this, { steps, done: 0 }); }

  /** A mistake in here, or in the sample, must not leave the program waiting. */
  answer(call) {
    try {
      return this.answerTo(call);
    } catch (error) {
      this.complain(error.message);
      return { status: 500, headers: {}, body: '' };
    }
  }

  answerTo(call) {
    const where = `${call.url.origin}${call.url.pathname}`;
    if (where === this.discoveryUrl) return this.document(call, this.sample.discovery);
    if (where === this.jwksUri) return this.document(call, { keys: this.keys() });
    const step = this.steps[this.done++];
    if (!step) {
      this.complain(`nobody was to ask for ${call.method} ${where}`);
      return { status: 404, headers: {}, body: '' };
    }
    this.check(call, step.request, `request ${this.done}`);
    return this.reply(step.answer);
  }

  document(call, content) {
    if (call.method !== 'GET') this.complain(`${call.method} ${call.url}`);
    return this.reply({ json: content });
  }

  reply({ status = 200, headers = {}, json: content, body = '' }) {
    const type = content === undefined ? {} : { 'content-type': 'application/json' };
    return {
      status, headers: { ...type, ...headers },
      body: content === undefined ? fill(body, this.names) : write(fill(content, this.names)),
    };
  }

  /** Is this the request that the sample says? */
  check({ method, url, headers, body }, request, what) {
    const expected = new URL(request.url);
    const compare = (sent, right, part) => {
      if (!isSame(sent, right)) this.complain(`${what}, ${part}: ${show(sent)} and not ${show(right)}`);
    };
    compare(method, request.method, 'method');
    compare(`${url.origin}${url.pathname}`, `${expected.origin}${expected.pathname}`, 'address');
    const query = single(url.searchParams);
    const form = request.form ? single(new URLSearchParams(body)) : {};
    this.checkVerifier({ ...query, ...form });
    this.checkClientSecret(request, { ...query, ...form });
    compare(query, fill({ ...single(expected.searchParams), ...request.query }, this.names), 'query');
    compare(form, fill(request.form ?? {}, this.names), 'form');
    if (request.json !== undefined) compare(parseOr(body), fill(request.json, this.names), 'JSON');
    if (!request.form && request.json === undefined) compare(body, '', 'body');
    this.checkHeaders(headers, request, compare);
    if (request.oauth1) this.checkSignature({ method, url, headers, body }, request.oauth1, what);
    for (const name of request.absent ?? [])
      if (name in query || name in form || name in headers) this.complain(`${what}: ${name} is sent`);
  }

  checkHeaders(headers, request, compare) {
    const { basic: inside, ...listed } = request.headers ?? {};
    const type = request.form ? 'application/x-www-form-urlencoded' : request.json !== undefined && 'application/json';
    if (type) compare(headers['content-type'], type, 'content-type');
    if (!headers['user-agent']) compare(headers['user-agent'], 'any', 'user-agent');
    for (const [name, value] of Object.entries(listed))
      if (value !== '*') compare(headers[name], fill(value, this.names), name);
      else if (!headers[name]) compare(headers[name], '*', name);
    const { client_id: id, client_secret: secret } = this.names;
    if (request.basic || inside) compare(basic(headers.authorization), [id, secret], 'client_secret_basic');
    else if (!('authorization' in listed) && !request.oauth1) compare(headers.authorization, undefined, 'authorization');
  }

  checkSignature(call, { token_secret: secret = '', ...parameters }, what) {
    const expected = fill({ oauth_consumer_key: '$client_id', ...parameters }, this.names);
    const mistake = oauth1Mistake(call, [this.names.client_secret, secret], expected);
    if (mistake) this.complain(`${what}: ${mistake}`);
    this.secret('token secret', secret);
  }

  /** RFC 7636 4.6: the code_verifier is that of the code_challenge; and there is none if there was no challenge. */
  checkVerifier({ code, code_verifier: verifier }) {
    const { code_challenge: challenge } = this.names;
    this.secret('code_verifier', verifier);
    if (verifier && challenge && base64url(sha256(verifier)) === challenge) this.names.code_verifier = verifier;
    else if (verifier || (challenge && code)) this.complain(`code_verifier ${verifier} for code_challenge ${challenge}`);
  }

  /** A client_secret that the client made itself: a token signed with ES256, good for a while. */
  checkClientSecret(request, { client_secret: secret }) {
    if (!this.clientKey || !secret) return;
    const { client_id: clientId, private_key_id: kid, team_id: team } = this.settings;
    const { iss, aud, sub, iat, exp } = claims(secret);
    const right = { alg: 'ES256', kid, iss: team, aud: this.sample.discovery.issuer, sub: clientId };
    const sent = { alg: header(secret).alg, kid: header(secret).kid, iss, aud, sub };
    if (!isSame(sent, right)) this.complain(`client_secret ${show(sent)} and not ${show(right)}`);
    if (!verifies(secret, this.clientKey)) this.complain('client_secret: the signature');
    if (!(exp > seconds() && exp - iat <= halfAYear && Math.abs(iat - seconds()) < 60))
      this.complain(`client_secret: from ${iat} to ${exp}`);
    this.secret('client_secret', secret);
    this.names.client_secret = secret;
  }

  // ---- tokens

  signer() {
    const kind = kindOf(this.sample.id_token.alg);
    return kind ? key(kind) : { secret: this.settings.client_secret };
  }

  keys() { return [key('RSA'), key('P-256'), key('Ed25519')].map(({ jwk }) => jwk); }

  idToken() {
    const { alg, claims: given } = this.sample.id_token;
    const signer = this.signer();
    const time = seconds();
    const { nonce } = this.names;
    const all = { aud: this.names.client_id, iat: time, exp: time + 3600, ...(nonce ? { nonce } : {}), ...given };
    const head = { alg, ...(signer.kid ? { kid: signer.kid } : {}), typ: 'JWT' };
    const token = jws(head, write(present(fill(all, this.names))), signer, alg);
    this.secret('id_token', token);
    return token;
  }

  // ---- the end

  checkSteps() {
    assert.deepEqual(this.complaints, [], 'what the provider complains about');
    assert.equal(this.done, this.steps.length, `asked: ${this.done} of ${this.steps.map(({ request }) => request.url)}`);
  }

  async whoAmI() { return this.get('me.cgi', { headers: { accept: 'application/json' } }); }

  /** Signed in, as the sample's person and nobody else. */
  async checkSignedIn(answer) {
    assert.deepEqual([answer.status, rules(this.log)], [303, []], `callback.cgi: ${answer.log}${this.complaints.join('\n')}`);
    assert.equal(answer.headers.location, origin + returnTo);
    this.checkSteps();
    const { id, person: { sub, ...person } } = this.sample;
    const { sub: account, provider, identities, session, csrf_token: csrf, ...told } = json(await this.whoAmI());
    for (const ours of [account, session, csrf]) assert.ok(ours);
    assert.equal(provider, id);
    const email = person.email ? { email: person.email } : {};
    assert.deepEqual(identities, [{ provider: id, sub, ...email }]);
    assert.deepEqual(told, { ...(person.email ? { email_verified: false } : {}), ...person }, 'what me.cgi says');
    this.checkLog();
  }

  /** Stopped by this rule, and nobody is signed in; the provider was asked no more than `asked` times. */
  async checkStopped(answer, { rule, status, asked }) {
    assert.deepEqual(rules(answer.log), [rule], answer.log);
    if (status) assert.equal(answer.status, status);
    assert.ok(answer.status >= 400, `${answer.status}`);
    assert.match(answer.headers['content-type'], /^text\/html/);
    assert.deepEqual(this.complaints, [], 'what the provider complains about');
    assert.ok(this.done <= asked, `asked ${this.done} times`);
    assert.ok(!this.browser.isSignedIn(), 'no session cookie');
    assert.equal((await this.whoAmI()).status, 401);
    this.checkLog();
  }

  checkLog() {
    this.secret('email', this.sample.person.email);
    for (const [secret, what] of this.secrets)
      for (const form of [secret, encodeURIComponent(secret)])
        assert.ok(!this.log.includes(form), `${what} is in the log`);
  }
}

function single(parameters) {
  for (const name of parameters.keys()) assert.equal(parameters.getAll(name).length, 1, `${name} is repeated (RFC 6749 3.1)`);
  return Object.fromEntries(parameters);
}

function parseOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return `no JSON: ${text}`;
  }
}

/** RFC 6749 2.3.1: both halves form-encoded, then joined, then base64. */
function basic(field) {
  const pair = Buffer.from(field?.match(/^Basic ([\w+/]+=*)$/)?.[1] ?? '', 'base64').toString();
  return pair.split(':').map((half) => decodeURIComponent(half.replaceAll('+', ' ')));
}
