// npm's oidc-provider, a certified OpenID provider, on loopback: the other side of the end-to-end tests.
// Its own development pages ask for a name (any) and consent. It also remembers, for the test of the log,
// every secret that passed through it.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';
import { freePort, giveBack } from './support/place.mjs';

// Characters that client authentication must encode (RFC 6749 2.3.1).
const secret = (name) => `${name}:s3cr3t/+%&= ~${'x'.repeat(24)}`;

export const clients = [
  { id: 'rs256-basic', id_token_signed_response_alg: 'RS256', token_endpoint_auth_method: 'client_secret_basic' },
  { id: 'rs256-post', id_token_signed_response_alg: 'RS256', token_endpoint_auth_method: 'client_secret_post' },
  { id: 'es256-basic', id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_basic' },
  { id: 'es256-post', id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_post' },
];

const people = {
  ada: { name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true, locale: 'en-GB' },
  rosa: { name: 'Rosa Luz', email: 'rosa@example.org', email_verified: true },
  rosie: { name: 'Rosie at work', email: 'rosie@example.com', email_verified: true },
  haneul: { name: '김하늘', email: 'haneul@example.org', email_verified: false },
  layla: { name: 'ليلى الأحمد', email: 'layla@example.org', email_verified: true },
  script: { name: '<script>alert(1)</script> & "quotes"', email: 'script@example.org', email_verified: true },
  nobody: {},
};

/** Starts the provider for a site at `origin`; `change` gets its configuration. Returns { issuer, sections, secrets, stop }. */
export async function startProvider(origin, { port: wanted, change = (configuration) => configuration } = {}) {
  const port = wanted ?? (await freePort());
  const issuer = `http://localhost:${port}`;
  const secrets = new Map(); // secret → what it is
  const provider = new Provider(issuer, change({
    clients: clients.map(({ id, ...metadata }) => ({
      client_id: id,
      client_secret: secret(id),
      redirect_uris: [`${origin}/cgi-bin/callback.cgi/${id}`],
      post_logout_redirect_uris: [`${origin}/`, `${origin}/cgi-bin/logout.cgi`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      ...metadata,
    })),
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
    jwks: { keys: keys() },
    claims: { openid: ['sub'], profile: ['name', 'locale'], email: ['email', 'email_verified'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...(people[id] ?? { name: id }) }) }),
    pkce: { required: () => true, methods: ['S256'] },
    cookies: { keys: ['a key of a test'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true }, userinfo: { enabled: true } },
  }));
  const note = (what, value) => { if (value && !secrets.has(String(value))) secrets.set(String(value), what); };
  for (const { id } of clients) {
    note('client_secret', secret(id));
    note('client_secret', encodeURIComponent(secret(id)));
  }
  provider.use(async (context, next) => {
    await next();
    const params = context.oidc?.params ?? {};
    for (const name of ['code', 'state', 'nonce', 'code_challenge', 'code_verifier', 'id_token_hint']) note(name, params[name]);
    for (const name of ['access_token', 'id_token', 'refresh_token']) note(name, context.body?.[name]);
    note('Authorization', context.get('authorization').replace(/^\w+ /, ''));
  });
  provider.on('server_error', (_context, error) => console.error('oidc-provider:', error));

  const servers = [];
  for (const host of ['127.0.0.1', '::1']) {
    const server = http.createServer(provider.callback());
    server.keepAliveTimeout = 1000;
    await new Promise((resolve) => server.once('error', resolve).listen(port, host, resolve));
    servers.push(server);
  }
  const stop = () => Promise.all(servers.map((server) => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
  })));
  giveBack(stop);
  return { issuer, port, secrets, stop, sections: sections(issuer), provider };
}

/** What a latchkey.conf says of these clients. */
export function sections(issuer) {
  return clients.map((client) => `
[provider ${client.id}]
type = oidc
label = OP ${client.id}
issuer = ${issuer}
client_id = ${client.id}
client_secret = ${secret(client.id)}
token_endpoint_auth_method = ${client.token_endpoint_auth_method}
id_token_signed_response_alg = ${client.id_token_signed_response_alg}
`).join('');
}

function keys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return [
    { ...rsa.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'an-rsa-key' },
    { ...ec.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'an-ec-key' },
  ];
}
