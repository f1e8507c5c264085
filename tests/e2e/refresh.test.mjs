// Tokens of a certified provider that replaces a refresh token whenever it is used, and takes everything back if a used one comes again:
// thirty calls at once when the access token has expired, and the provider is asked exactly once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import test, { before } from 'node:test';
import { atProvider, signIn, whoAmI } from './support/login.mjs';
import { events, startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const id = 'rs256-basic';
let site;
let op;
const refreshes = { granted: 0, refused: 0 };

before(async () => {
  site = await startSite({
    providers: async (origin) => {
      op = await startProvider(origin, {
        change: (configuration) => ({
          ...configuration,
          clients: configuration.clients.map((client) => ({ ...client, grant_types: ['authorization_code', 'refresh_token'] })),
          scopes: ['openid', 'offline_access', 'notes'],
          rotateRefreshToken: true,
          ttl: { ...configuration.ttl, RefreshToken: 3600 },
        }),
      });
      const isRefresh = ({ oidc }) => oidc.params?.grant_type === 'refresh_token';
      op.provider.on('grant.success', (context) => { if (isRefresh(context)) refreshes.granted++; });
      op.provider.on('grant.error', (context) => { if (isRefresh(context)) refreshes.refused++; });
      // The API is the provider's own UserInfo: it knows which of its tokens are good.
      return op.sections.replace(`[provider ${id}]`,
        `$&\noffline_access = yes\noffline_access_scope = offline_access\noffline_access_parameters = prompt=consent`) +
        ['me', 'notes'].map((name) => `[api ${name}]\nprovider = ${id}\nbase_url = ${op.issuer}/me\n`).join('') + 'scope = notes\n';
    },
  });
});

const sql = (text) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', path.join(site.state, 'latchkey.db'), text], { encoding: 'utf8' }).trim();
const expire = () => sql("UPDATE tokens SET updated_at = strftime('%s') - 7200, expires_at = strftime('%s') - 3600");

const call = (visitor, name = 'me') => visitor.get(`${site.origin}/cgi-bin/api.cgi/${name}`,
  { headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' } });

async function works(visitor, name) {
  const answer = await call(visitor, name);
  assert.equal(answer.status, 200, `${answer.body}\n${site.log()}`);
  assert.equal(JSON.parse(answer.body).sub, 'ada');
}

test('thirty calls at once at the expiry: exactly one refresh, again and again', async () => {
  const visitor = new Visitor({ agent: new http.Agent({ keepAlive: true, maxSockets: 30 }) });
  assert.equal((await signIn(visitor, site, id, 'ada')).status, 303);
  await works(visitor);
  assert.equal(refreshes.granted, 0);
  for (let round = 1; round <= 3; round++) {
    expire();
    const answers = await Promise.all(Array.from({ length: 30 }, () => call(visitor)));
    assert.deepEqual(answers.map(({ status }) => status), Array(30).fill(200), `${answers.map(({ body }) => body).join('\n')}\n${site.log()}`);
    assert.deepEqual(refreshes, { granted: round, refused: 0 });
  }
  assert.equal(events(site.log()).filter(({ event }) => event === 'token_refreshed').length, 3);
});

test('more is asked for when it is needed, and the same person goes on', async () => {
  const visitor = new Visitor();
  assert.equal((await signIn(visitor, site, id, 'ada')).status, 303);
  const { sub } = await whoAmI(visitor, site);
  const refused = await call(visitor, 'notes');
  assert.equal(refused.status, 403, refused.body);
  const { error, login_url: url } = JSON.parse(refused.body);
  assert.equal(error, 'insufficient_scope');
  const begun = await visitor.get(`${site.origin}${url}`);
  assert.equal(begun.status, 303, begun.body);
  assert.ok(new URL(begun.headers.location).searchParams.get('scope').split(' ').includes('notes'));
  const arrived = await visitor.follow(begun, { stop: (next) => next.port === String(site.port) });
  const back = await visitor.get(arrived.next ?? await atProvider(visitor, site, arrived, 'ada'));
  assert.equal(back.status, 303, `${back.body}\n${site.log()}`);
  assert.match(sql('SELECT scope FROM tokens'), /\bnotes\b/);
  await works(visitor, 'notes');
  assert.equal((await whoAmI(visitor, site)).sub, sub);
  expire();
  await works(visitor, 'notes');
  assert.equal(refreshes.refused, 0);
});

test('when the provider has taken it back, one is told to sign in again, once', async () => {
  const visitor = new Visitor();
  assert.equal((await signIn(visitor, site, id, 'ada')).status, 303);
  const { granted } = refreshes;
  await works(visitor);
  for (const grant of await grantsOf('ada')) await grant.destroy();
  expire();
  for (const rule of ['grant_over', 'no_tokens', 'no_tokens']) {
    const answer = await call(visitor);
    assert.equal(answer.status, 401, answer.body);
    assert.equal(JSON.parse(answer.body).error, 'sign_in_again');
    assert.equal(events(site.log()).at(-1).rule, rule);
  }
  assert.deepEqual(refreshes, { granted, refused: 1 });
  assert.equal((await signIn(visitor, site, id, 'ada')).status, 303);
  await works(visitor);
});

/** All of a person's grants at the provider, whose default storage is in this process. */
async function grantsOf(person) {
  const tokens = await Promise.all([...op.secrets].filter(([, what]) => what === 'refresh_token')
    .map(([value]) => op.provider.RefreshToken.find(value)));
  const ids = new Set(tokens.filter((token) => token?.accountId === person).map(({ grantId }) => grantId));
  return Promise.all([...ids].map((grantId) => op.provider.Grant.find(grantId)));
}

test('no token is in the log', () => {
  const log = site.log();
  for (const [secret, what] of op.secrets) if (secret.length >= 8) assert.ok(!log.includes(secret), `${what} is in the log`);
});
