// An OpenID provider on loopback, in this process: right by default and strict with its client, wrong where a test says so.
//
// A test changes one thing by a hook: it gets what the provider would have said and returns what it says instead (or a Reply,
// for what no JSON can express). Every request is recorded; what the client did wrong stands in `complaints`.
import crypto from 'node:crypto';
import http from 'node:http';
import { base64url, claims, halfHash, jws, key, kindOf, sha256, verifies } from './jose.mjs';

/** An HTTP answer as it is: any status, type and bytes; not to its end if it is to `hang`, or be `cut`: 'at once', or 'within' it. */
export class Reply {
  constructor(status, body = '', { type = 'application/json', headers = {}, hang = null, cut = null } = {}) {
    Object.assign(this, { status, body, type, headers, hang, cut });
  }
}

const keep = (value) => value;
const none = {
  discovery: keep, jwks: keep, parameters: keep, header: keep, claims: keep, idToken: keep, token: keep, userinfo: keep,
  par: keep, registration: keep,
};
const random = () => base64url(crypto.randomBytes(24));
const seconds = () => Math.floor(Date.now() / 1000);
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The characters that client authentication has to encode (RFC 6749 2.3.1).
const awkwardSecret = 'a:secret/with+%, =&? and ~* längst ✓';

export class Provider {
  /** `path` is the issuer's; the hooks are those of `none` above. */
  static async start({ path = '', alg = 'RS256', client = {}, hooks = {} } = {}) {
    const provider = new this();
    Object.assign(provider, { path, alg, hooks: { ...none, ...hooks }, requests: [], complaints: [], secrets: new Map(),
      logins: [], told: null });
    provider.client = {
      id: 'latchkey', secret: awkwardSecret, method: 'client_secret_basic', redirectUri: null, pushes: false, ...client,
    };
    provider.key = kindOf(alg) ? key(kindOf(alg)) : { secret: provider.client.secret };
    provider.keys = kindOf(alg) ? [provider.key] : [];
    provider.person = { sub: '248289761001', name: 'Jane Doe', email: 'jane@example.com', email_verified: true };
    provider.secret('client_secret', provider.client.secret);
    await provider.listen();
    return provider;
  }

  async listen() {
    this.server = http.createServer((request, response) => this.serve(request, response));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    this.issuer = `${this.origin}${this.path}`;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  secret(what, value) { if (value) this.secrets.set(String(value), what); }
  complain(what) { this.complaints.push(what); }

  /** The endpoints asked since a place in `requests`, in order. */
  calls(since = 0) { return this.requests.slice(since).map(({ endpoint }) => endpoint); }

  /** OpenID Connect Discovery 3. */
  get metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      userinfo_endpoint: `${this.origin}/userinfo`,
      jwks_uri: `${this.origin}/jwks`,
      end_session_endpoint: `${this.origin}/end_session`,
      pushed_authorization_request_endpoint: `${this.origin}/par`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'none'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  // ---- the authorization endpoint, asked by the browser, which the test plays

  /** Judges the request in a URL, and says yes as this person; returns the response's parameters. */
  authorize(url, person = this.person) {
    const uri = new URL(url);
    const expected = new URL(this.told.authorization_endpoint);
    if (`${uri.origin}${uri.pathname}` !== `${expected.origin}${expected.pathname}`) this.complain(`sent to ${url}`);
    for (const [name, value] of expected.searchParams)
      if (uri.searchParams.get(name) !== value) this.complain('the endpoint’s own query is gone');

    const request = this.client.pushes ? this.pushed(uri.searchParams) : this.single(uri.searchParams);
    this.judge(request);
    const login = { request, code: random(), accessToken: random(), used: false, person: { ...this.person, ...person } };
    this.logins.push(login);
    this.secret('code', login.code);
    for (const name of ['state', 'nonce', 'code_challenge']) this.secret(name, request[name]);
    login.response = { code: login.code, state: request.state, iss: this.issuer };
    return this.hooks.parameters({ ...login.response }, login);
  }

  /** The parameters as an object; a repeated one is a mistake (RFC 6749 3.1), but for resource (RFC 8707 2). */
  single(parameters) {
    for (const name of new Set(parameters.keys()))
      if (name !== 'resource' && parameters.getAll(name).length > 1) this.complain(`${name} is repeated`);
    return { ...Object.fromEntries(parameters), resource: parameters.getAll('resource') };
  }

  pushed(parameters) {
    const names = [...parameters.keys()].sort();
    if (!isSame(names, ['client_id', 'request_uri'])) this.complain(`beside a pushed request: ${names}`);
    if (parameters.get('request_uri') !== this.requestUri) this.complain('another request_uri');
    return this.pushedRequest ?? {};
  }

  judge(request) {
    if (request.response_type !== 'code') this.complain('response_type');
    if (request.client_id !== this.client.id) this.complain('client_id');
    if (request.redirect_uri !== this.client.redirectUri) this.complain(`redirect_uri ${request.redirect_uri}`);
    if (!request.scope?.split(' ').includes('openid')) this.complain('scope');
    for (const name of ['state', 'nonce', 'code_challenge'])
      if (!/^[\w-]{43}$/.test(request[name] ?? '')) this.complain(`${name} is weak`);
    if (request.code_challenge_method !== 'S256') this.complain('code_challenge_method');
  }

  // ---- the endpoints that the client asks

  async serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, search } = new URL(request.url, this.origin);
    const wellKnown = `${this.path.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const endpoint = pathname === wellKnown ? 'discovery' : pathname.slice(1);
    const call = {
      endpoint, method: request.method, query: search.slice(1), headers: request.headers, body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(call);
    const answer = this[`answer_${endpoint}`]?.(call) ?? new Reply(404);
    send(response, answer instanceof Reply ? answer : new Reply(200, JSON.stringify(answer)));
  }

  answer_discovery() {
    const answer = this.hooks.discovery(this.metadata);
    this.told = answer instanceof Reply ? this.told ?? this.metadata : answer;
    return answer;
  }

  answer_jwks() { return this.hooks.jwks({ keys: this.keys.map(({ jwk }) => jwk) }); }
  answer_keys() { return this.answer_jwks(); } // where a jwks_uri can move to

  answer_par(call) {
    const parameters = new URLSearchParams(call.body);
    if (!this.authenticate(call, parameters)) return new Reply(401, '{"error":"invalid_client"}');
    this.pushedRequest = this.single(parameters);
    this.requestUri = `urn:ietf:params:oauth:request_uri:${random()}`;
    return this.hooks.par(new Reply(201, JSON.stringify({ request_uri: this.requestUri, expires_in: 60 })));
  }

  /** RFC 7591 3.2.1. */
  answer_registration(call) {
    const { id, secret } = this.client;
    const { redirect_uris: uris } = JSON.parse(call.body);
    if (!isSame(uris, [this.client.redirectUri])) this.complain('redirect_uris');
    const answer = this.hooks.registration({ client_id: id, client_secret: secret, client_secret_expires_at: 0 }, this);
    return answer instanceof Reply ? answer : new Reply(201, JSON.stringify(answer));
  }

  answer_token(call) {
    const parameters = new URLSearchParams(call.body);
    const sent = this.single(parameters);
    const login = this.logins.find(({ code }) => code === sent.code);
    const error = this.authenticate(call, parameters) ? this.refusal(call, sent, login) : 'invalid_client';
    if (error) {
      this.complain(`the token request: ${error}`);
      return new Reply(400, JSON.stringify({ error }));
    }
    login.used = true;
    this.secret('code_verifier', sent.code_verifier);
    const idToken = this.idToken(login);
    this.secret('access_token', login.accessToken);
    const answer = { access_token: login.accessToken, token_type: 'Bearer', expires_in: 3600, id_token: idToken };
    return this.hooks.token(answer, login);
  }

  /** What RFC 6749 5.2 would call it, or null: a code works once, for its own redirect_uri and code_verifier. */
  refusal({ method, headers }, sent, login) {
    if (method !== 'POST' || headers['content-type'] !== 'application/x-www-form-urlencoded') return 'invalid_request';
    if (sent.grant_type !== 'authorization_code') return 'unsupported_grant_type';
    if (!login || login.used || sent.redirect_uri !== login.request.redirect_uri) return 'invalid_grant';
    if (!/^[\w.~-]{43,128}$/.test(sent.code_verifier ?? '')) return 'invalid_request';
    return base64url(sha256(sent.code_verifier)) === login.request.code_challenge ? null : 'invalid_grant';
  }

  /** One way of authenticating, the registered one, and right. */
  authenticate({ headers }, parameters) {
    const ways = {
      client_secret_basic: Boolean(headers.authorization),
      client_secret_post: parameters.has('client_secret'),
      jwt: parameters.has('client_assertion'),
    };
    const { method, id, secret } = this.client;
    const wanted = method.endsWith('_jwt') ? 'jwt' : method;
    if (Object.entries(ways).some(([way, used]) => used !== (way === wanted))) return false;
    if (wanted === 'client_secret_basic') return isSame(basic(headers.authorization), [id, secret]);
    if (parameters.get('client_id') !== id) return false;
    if (wanted === 'client_secret_post') return parameters.get('client_secret') === secret;
    return wanted === 'jwt' ? this.acceptsAssertion(parameters) : method === 'none';
  }

  /** RFC 7523 3. */
  acceptsAssertion(parameters) {
    const assertion = parameters.get('client_assertion');
    this.secret('client_assertion', assertion);
    const { iss, sub, aud, exp, iat, jti } = claims(assertion);
    const by = this.client.method === 'private_key_jwt' ? this.client.key : { secret: this.client.secret };
    return parameters.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' &&
      verifies(assertion, by) && iss === this.client.id && sub === this.client.id && aud === this.issuer &&
      Math.abs(iat - seconds()) < 10 && exp > seconds() && exp - iat <= 300 && jti?.length > 8;
  }

  answer_userinfo({ method, headers }) {
    const login = this.logins.find(({ accessToken }) => headers.authorization === `Bearer ${accessToken}`);
    if (method !== 'GET' || !login?.used) {
      this.complain('the UserInfo request');
      return new Reply(401, '', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
    }
    return this.hooks.userinfo({ ...login.person }, login);
  }

  // ---- tokens

  idToken(login) {
    const time = seconds();
    const header = this.hooks.header({ alg: this.alg, kid: this.key.kid, typ: 'JWT' }, login);
    const claimed = this.hooks.claims({
      iss: this.issuer, sub: login.person.sub, aud: this.client.id, exp: time + 300, iat: time, auth_time: time,
      nonce: login.request.nonce, at_hash: halfHash(this.alg, login.accessToken), sid: 'the-session-at-the-provider',
    }, login);
    const compact = this.hooks.idToken(jws(header, claimed, this.key, this.alg), login);
    this.secret('id_token', compact);
    return compact;
  }

  /** A logout_token (OpenID Connect Back-Channel Logout 2.4), or one that its hooks spoil. */
  logoutToken({ header = keep, claims: change = keep, signer = this.key, alg = this.alg } = {}) {
    const time = seconds();
    const token = jws(header({ alg, kid: signer.kid, typ: 'logout+jwt' }), change({
      iss: this.issuer, aud: this.client.id, iat: time, exp: time + 120, jti: random(), sub: this.person.sub,
      sid: 'the-session-at-the-provider', events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    }), signer, alg);
    this.secret('logout_token', token);
    return token;
  }
}

/** RFC 6749 2.3.1: both halves form-encoded, then joined, then base64. */
function basic(field) {
  const pair = Buffer.from(field?.match(/^Basic ([\w+/]+=*)$/)?.[1] ?? '', 'base64').toString();
  return pair.split(':').map((half) => decodeURIComponent(half.replaceAll('+', ' ')));
}

function send(response, { status, body, type, headers, hang, cut }) {
  const bytes = Buffer.from(body);
  if (hang === 'at once') return;
  if (cut === 'at once') {
    response.destroy();
    return;
  }
  const length = 'Transfer-Encoding' in headers ? {} : { 'Content-Length': bytes.length };
  response.writeHead(status, { ...(type ? { 'Content-Type': type } : {}), ...length, ...headers });
  if (hang || cut) response.write(bytes.subarray(0, bytes.length / 2), () => { if (cut) response.destroy(); });
  else response.end(bytes);
}
