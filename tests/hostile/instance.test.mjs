// Servers that visitors name: a login at one of them, and what must not come of a name: a way into our own network, a flood of calls, an
// answer of one server taken for another's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { events } from '../e2e/support/site.mjs';
import { Browser } from './browser.mjs';
import { Fediverse, somewhere } from './fediverse.mjs';
import { jws, key } from './jose.mjs';
import { checkNobody, origin, program, returnTo, rules } from './scene.mjs';

/** A test with a fediverse of its own. */
function fediverse(name, options, body) {
  test(name, async () => {
    const scene = await Fediverse.open(options);
    await body(scene);
    scene.checkNoSecretInLog();
    scene.close();
  });
}

async function checkSignedIn(scene, answer, browser = scene.browser) {
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, origin + returnTo);
  const me = await scene.whoAmI(browser);
  assert.equal(me.status, 200);
  return me;
}

async function checkRefused(scene, answer, { rule, status, code }) {
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status);
  assert.match(answer.body, new RegExp(`<code>${code}</code>`));
  assert.ok(!('location' in answer.headers));
  await checkNobody(scene);
}

/** The sign-in page again, with the reason beside the field: another server can be named. */
async function checkAsksAgain(scene, answer, typed, { rule, status }) {
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  assert.equal(answer.status, status);
  assert.match(answer.body, /role="alert">[^<]{20}/);
  assert.ok(answer.body.includes(`name="instance" type="text" value="${typed}"`), 'what was typed can be put right');
  assert.deepEqual([answer.cookies, 'location' in answer.headers], [[], false]);
  await checkNobody(scene);
}

const notPublic = { rule: 'address_not_public', status: 400, code: 'invalid_instance' };
const tooMany = { rule: 'instance_limit', status: 503 };

// ---- a login that goes well

fediverse('a person signs in at the server that he names', {}, async (scene) => {
  const page = await scene.begin(null);
  assert.equal(page.status, 200);
  const { url, cookies, log } = await scene.begin(' @Ada@Mastodon.Example ');
  assert.equal(cookies.length, 1, log);
  assert.equal(`${url.origin}${url.pathname}`, 'https://mastodon.example/oauth/authorize');
  assert.equal(url.searchParams.get('redirect_uri'), program('callback.cgi/mastodon/mastodon.example'));
  const me = await checkSignedIn(scene, await scene.comeBack(scene.consent(url)));
  assert.deepEqual(scene.connections(), [`passed ${somewhere} 443`, `passed ${somewhere} 443`], 'of callback.cgi');
  assert.equal(me.name, 'Ada Lovelace');
  assert.equal(me.picture, 'https://mastodon.example/a.png');
  assert.deepEqual(me.identities.map(({ provider, sub }) => [provider, sub]), [['mastodon', '108']]);
  assert.equal(scene.sql('SELECT issuer FROM identities'), 'https://mastodon.example');
  assert.deepEqual(scene.asked(), ['apps mastodon.example', 'token mastodon.example', 'profile mastodon.example']);
  assert.deepEqual(events(scene.log).map(({ event }) => event), ['registered', 'login_begun', 'signed_in']);
});

fediverse('a registration is kept, sealed, and used again', {}, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  const [app] = scene.apps.values();
  for (let i = 0; i < 3; i++) {
    const browser = scene.newBrowser();
    await checkSignedIn(scene, await scene.signIn('mastodon.example', { browser }), browser);
  }
  assert.deepEqual(scene.asked().filter((call) => call.startsWith('apps')), ['apps mastodon.example']);
  assert.equal(scene.rows().accounts, 1);
  const [issuer, uri, id, sealed] = scene.sql('SELECT issuer, redirect_uri, client_id, client_secret FROM registrations').split('|');
  assert.deepEqual([issuer, uri, id], ['https://mastodon.example', app.redirectUri, app.id]);
  assert.ok(sealed.length > 40 && !sealed.includes(app.secret));
});

fediverse('each server has its own registration and its own people', {}, async (scene) => {
  const one = await checkSignedIn(scene, await scene.signIn('mastodon.example'));
  scene.browser = scene.newBrowser();
  const two = await checkSignedIn(scene, await scene.signIn('other.example'));
  assert.equal(one.identities[0].sub, two.identities[0].sub, 'the same number at both');
  assert.notEqual(one.sub, two.sub, 'and not the same person');
  assert.equal(scene.apps.size, 2);
  assert.equal(scene.rows().accounts, 2);
});

fediverse('a registration that the server has forgotten is made anew', {}, async (scene) => {
  const { url } = await scene.begin();
  scene.apps.clear();
  const answer = await scene.comeBack({ code: 'x', state: url.searchParams.get('state') });
  await checkRefused(scene, answer, { rule: 'client_refused', status: 502, code: 'provider_error' });
  scene.sql('DELETE FROM instance_attempts'); // a minute has passed
  await checkSignedIn(scene, await scene.signIn());
});

// ---- the page that asks

fediverse('the page that asks which server carries everything along', {}, async (scene) => {
  const answer = await scene.browser.get(program(`login.cgi?provider=mastodon&return_to=${encodeURIComponent(returnTo)}&login_hint=a%22b&prompt=login`));
  assert.equal(answer.status, 200, answer.log);
  const fields = [...answer.body.matchAll(/<input type="hidden" name="([a-z_]+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]);
  assert.deepEqual(fields, [['provider', 'mastodon'], ['via', 'form'], ['return_to', returnTo.replace('&', '&amp;')], ['login_hint', 'a&quot;b'],
    ['prompt', 'login']]);
  assert.match(answer.body, /<form class="instance" method="get" action="https:\/\/www\.example\.org\/cgi-bin\/login\.cgi">/);
  assert.match(answer.body, /name="instance" type="text" value=""/);
  assert.match(answer.headers['content-security-policy'], /form-action 'self'$/);
  assert.ok(!answer.body.includes('role="alert"'), 'nothing is wrong yet');
  assert.deepEqual([answer.log, scene.connections()], ['', []]);
});

// A redirect that follows a form is held to the form-action of its page, which cannot name servers that nobody has typed yet.
fediverse('the form is answered by a page that leads on, and a link by a redirect', {}, async (scene) => {
  const answer = await scene.browser.get(program(`login.cgi?provider=mastodon&via=form&instance=mastodon.example&return_to=${encodeURIComponent(returnTo)}`));
  assert.equal(answer.status, 200, answer.log);
  assert.ok(!('location' in answer.headers));
  assert.equal(answer.cookies.length, 1, 'the login has begun');
  const [, refresh] = answer.body.match(/<meta http-equiv="refresh" content="0; url=([^"]*)">/);
  const [, link] = answer.body.match(/<a class="button primary" href="([^"]*)">/);
  assert.equal(refresh, link);
  const url = new URL(link.replaceAll('&amp;', '&'));
  assert.equal(`${url.origin}${url.pathname}`, 'https://mastodon.example/oauth/authorize');
  await checkSignedIn(scene, await scene.comeBack(scene.consent(url)));
});

// Whoever runs a server is anybody he likes there: a link to it would sign people in as him, and lead them wherever he wants.
for (const site of ['cross-site', 'same-site'])
  fediverse(`a link of another site (${site}) does not choose the server: the person is asked`, {}, async (scene) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
    for (const query of ['', '&via=form']) {
      const answer = await scene.browser.get(program(`login.cgi?provider=mastodon&instance=evil.example${query}`), { crossSite: true, headers });
      assert.deepEqual([answer.status, answer.cookies, 'location' in answer.headers], [200, [], false], answer.log);
      assert.ok(!answer.body.includes('http-equiv'));
      assert.match(answer.body, /name="instance" type="text" value="evil\.example"/);
      assert.ok(!answer.body.includes('role="alert"'), 'nothing is wrong');
    }
    assert.deepEqual([scene.connections(), scene.asked()], [[], []]);
  });

fediverse('a link of our own, and what somebody types into the address bar, chooses the server', {}, async (scene) => {
  for (const site of ['same-origin', 'none'])
    assert.equal((await scene.begin('mastodon.example', { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' } })).status, 303);
});

fediverse('the only provider: the page comes at once', {}, async (scene) => {
  const answer = await scene.browser.get(program('login.cgi'));
  assert.deepEqual([answer.status, /name="instance"/.test(answer.body)], [200, true]);
});

const notServers = ['localhost', 'intranet', 'a.localhost', 'printer.local', 'db.internal', 'x.onion', 'instance.invalid', 'router.home.arpa',
  '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '10.0.0.1', '169.254.169.254', '93.184.216.34',
  '[::1]', '::1', '[::ffff:127.0.0.1]', 'https://[fd00:ec2::254]/', 'mastodon.example:443', 'mastodon.example:22',
  'https://mastodon.example:8443/', 'https://ada:secret@mastodon.example/', 'https://mastodon.example@evil.example/',
  'https://mastodon.example%40evil.example/', 'mastodon.example\\@evil.example', 'mastodon.example.', '.mastodon.example',
  'mastodon..example', 'mastodon.example%00.evil.example', 'file:///etc/passwd', 'gopher://mastodon.example/', 'dict://evil.example:11211/',
  '//evil.example/', 'ada', '@ada', 'masto_don.example', 'masto don.example', '"><script>alert(1)</script>', '①②⑦.⓪.⓪.①', '127。0。0。1',
  `${'a'.repeat(64)}.example`, `${'a.'.repeat(127)}example`, 'x'.repeat(513)];
fediverse('what is no server on the Internet is not called', {}, async (scene) => {
  for (const typed of notServers) {
    const answer = await scene.begin(typed);
    assert.deepEqual([typed, answer.status, rules(answer.log)], [typed, 400, ['instance']]);
    assert.match(answer.body, /role="alert"/);
    assert.ok(answer.body.includes('name="instance"'), 'it can be put right');
    assert.ok(!answer.body.includes('<script'), 'what was typed is escaped');
    assert.ok(!answer.log.includes(typed), 'and does not go into the log: it may be a name');
    assert.deepEqual(answer.cookies, []);
  }
  assert.deepEqual([scene.connections(), scene.asked()], [[], []]);
});

fediverse('a name in other letters is told how to be typed', {}, async (scene) => {
  const answer = await scene.begin('mastodön.example');
  assert.deepEqual([answer.status, rules(answer.log)], [400, ['instance']]);
  assert.match(answer.body, /xn--/);
});

fediverse('a script is told as JSON', {}, async (scene) => {
  const answer = await scene.begin('localhost', { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 400);
  assert.equal(JSON.parse(answer.body).error, 'invalid_instance');
});

fediverse('a server is named once, and to a provider that has servers', {
  more: '[provider op]\nissuer = https://op.example\nclient_id = c\nclient_secret = s\n',
}, async (scene) => {
  for (const [query, status, rule] of [
    ['provider=mastodon&instance=mastodon.example&instance=evil.example', 400, 'parameter_repeated'],
    ['provider=op&instance=mastodon.example', 400, 'parameter_wrong'],
    ['instance=mastodon.example', 400, 'parameter_wrong'],
    ['iss=https%3A%2F%2Fmastodon.example&instance=mastodon.example', 400, 'parameter_wrong'],
    ['iss=https%3A%2F%2Fmastodon.example', 404, 'issuer_unknown'],
  ]) {
    const answer = await scene.browser.get(program(`login.cgi?${query}`));
    assert.deepEqual([query, answer.status, rules(answer.log)], [query, status, [rule]]);
  }
  assert.deepEqual(scene.connections(), []);
});

// ---- where a name leads

const privateAddresses = ['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254',
  '100.64.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
  '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1',
  '64:ff9b:1::8.8.8.8', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::1', '2002:a00:1::1', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254',
  'fe80::1', 'fec0::1', 'ff02::1'];
fediverse('a name that leads into a private network is not called', {}, async (scene) => {
  const host = (i) => `h${i}.many.example`;
  scene.resolve(privateAddresses.map((address, i) => `${host(i)} ${address}\n`).join(''));
  for (const [i, address] of privateAddresses.entries()) {
    const answer = await scene.begin(host(i));
    assert.deepEqual([address, scene.connections()], [address, []]);
    await checkAsksAgain(scene, answer, host(i), notPublic);
  }
  assert.deepEqual(scene.asked(), []);
});

fediverse('public addresses of both kinds are called', {}, async (scene) => {
  for (const [i, address] of ['93.184.216.34', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::808:808'].entries()) {
    scene.resolve(`h${i}.many.example ${address}\n`);
    assert.equal((await scene.begin(`h${i}.many.example`)).status, 303);
    assert.equal(scene.connections().length, 1);
  }
});

for (const addresses of [['10.0.0.1', somewhere], [somewhere, '10.0.0.1'], ['::1', 'fd00::1', somewhere], ['127.0.0.1', '2001:4860:4860::8888']])
  fediverse(`of several addresses only public ones are called: ${addresses.join(', ')}`, {}, async (scene) => {
    scene.resolve(addresses.map((address) => `mastodon.example ${address}\n`).join(''));
    await checkSignedIn(scene, await scene.signIn());
    const isPublic = (line) => line === `passed ${somewhere} 443` || line === 'passed 2001:4860:4860::8888 443';
    const lines = scene.connections();
    assert.ok(lines.length === 2 && lines.every(isPublic), lines.join('; '));
  });

fediverse('a name that does not exist', { names: '' }, async (scene) => {
  await checkAsksAgain(scene, await scene.begin(), 'mastodon.example', { rule: 'http_failed', status: 502 });
});

fediverse('a server without a certificate for its name', {}, async (scene) => {
  await checkAsksAgain(scene, await scene.begin('impostor.example'), 'impostor.example', { rule: 'http_failed', status: 502 });
  assert.deepEqual(scene.asked(), []);
});

for (const address of ['127.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1']) {
  fediverse(`the name leads to ${address} once we are registered`, {}, async (scene) => {
    const { url } = await scene.begin();
    scene.resolve(`mastodon.example ${address}\n`);
    await checkRefused(scene, await scene.comeBack(scene.consent(url)), notPublic);
    assert.deepEqual([scene.connections(), scene.asked()], [[], ['apps mastodon.example']]);
  });

  fediverse(`the name leads to ${address} once the token is there`, {}, async (scene) => {
    scene.hooks.token = (right) => {
      scene.resolve(`mastodon.example ${address}\n`);
      return right;
    };
    await checkRefused(scene, await scene.signIn(), notPublic);
    assert.deepEqual(scene.connections(), [`passed ${somewhere} 443`]);
    assert.deepEqual(scene.asked(), ['apps mastodon.example', 'token mastodon.example']);
  });
}

const redirects = ['http://127.0.0.1/', 'http://localhost:9/', 'https://127.0.0.1/', 'https://evil.example/api/v1/apps', '/oauth/token',
  'file:///etc/passwd', 'https://[::1]/'];
for (const [endpoint, rule] of [['apps', 'registration'], ['token', 'http_status'], ['profile', 'http_status']])
  fediverse(`a redirect of the ${endpoint} endpoint is not followed`, {}, async (scene) => {
    for (const [i, location] of redirects.entries())
      for (const status of [301, 302, 303, 307, 308]) {
        const host = `h${i}-${status}.many.example`;
        scene.browser = scene.newBrowser();
        scene.hooks = {};
        scene.hooks[endpoint] = (right) => ({ status, headers: { location }, body: right });
        const answer = endpoint === 'apps' ? await scene.begin(host) : await scene.signIn(host);
        assert.deepEqual(rules(answer.log), [rule], answer.log);
        assert.equal(scene.asked().at(-1), `${endpoint} ${host}`, 'nothing after it');
        await checkNobody(scene);
      }
    assert.ok(scene.connections().every((line) => line === `passed ${somewhere} 443`));
  });

// OpenID Connect, where the server's document names further hosts: those are a stranger's choice, too.
const openid = `[provider fedi]
type = oidc
issuer = https://{instance}
instance = ask
registration = dynamic
email_trust = never
userinfo = no
`;
const document = (host, changes) => ({
  issuer: `https://${host}`, authorization_endpoint: `https://${host}/oauth/authorize`, token_endpoint: `https://${host}/oauth/token`,
  jwks_uri: `https://${host}/jwks`, registration_endpoint: `https://${host}/api/v1/apps`, response_types_supported: ['code'],
  subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], ...changes,
});
const forged = jws({ alg: 'RS256', kid: 'k' }, { iss: 'https://evil.example', sub: '1' }, key('RSA'));
// Each is called only when it is needed, and by which program.
const documented = [['registration_endpoint', ['discovery']], ['token_endpoint', ['discovery', 'apps']], ['jwks_uri', ['discovery', 'apps', 'token']]];
function documentTest(endpoint, url, rule, calls) {
  fediverse(`a server's document has ${url} as its ${endpoint}`, {
    names: `evil.example ${somewhere}\ninside.example 10.0.0.1\n`, more: openid,
    hooks: {
      discovery: () => document('evil.example', { [endpoint]: url }),
      apps: () => ({ client_id: 'c', client_secret: 's' }),
      token: () => ({ access_token: 'a', token_type: 'Bearer', id_token: forged }),
    },
  }, async (scene) => {
    scene.answer_apps = () => ({});
    let answer = await scene.begin('evil.example', { provider: 'fedi' });
    if (answer.status === 303)
      answer = await scene.comeBack({ code: 'x', state: answer.url.searchParams.get('state') }, { provider: 'fedi', host: 'evil.example' });
    assert.deepEqual(rules(answer.log), [rule], answer.log);
    await checkNobody(scene);
    assert.deepEqual(scene.asked(), calls.map((call) => `${call} evil.example`));
    assert.ok(scene.connections().every((line) => line === `passed ${somewhere} 443`));
  });
}
for (const [endpoint, calls] of documented) {
  for (const url of ['https://inside.example/x', 'https://10.0.0.1/x', 'https://[fd00::1]/x', 'https://evil.example:8443/x', 'https://db.internal/x'])
    documentTest(endpoint, url, 'address_not_public', calls);
  // The document itself is refused.
  for (const url of ['https://localhost/x', 'http://127.0.0.1/x', 'http://evil.example/x']) documentTest(endpoint, url, 'url_not_allowed', ['discovery']);
}

// ---- how many

fediverse('so many new servers are called within an hour, and no more', { login: 'new_instances_per_hour = 2' }, async (scene) => {
  assert.equal((await scene.begin('h1.many.example')).status, 303);
  assert.equal((await scene.begin('h2.many.example')).status, 303);
  scene.connections();
  for (const host of ['h3.many.example', 'h4.many.example']) await checkAsksAgain(scene, await scene.begin(host), host, tooMany);
  assert.deepEqual(scene.connections(), []);
  // Where somebody came from before, everybody may come from.
  await checkSignedIn(scene, await scene.signIn('h1.many.example'));
  scene.sql('UPDATE instance_attempts SET tried_at = tried_at - 3600'); // an hour later
  assert.equal((await scene.begin('h3.many.example')).status, 303);
});

fediverse('many visitors at once are counted together', { login: 'new_instances_per_hour = 3' }, async (scene) => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => scene.begin(`h${i}.many.example`, { browser: new Browser(scene.place, origin) })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 303, 303, ...Array(9).fill(503)]);
  assert.equal(scene.asked().length, 3);
});

fediverse('a server that fails is tried once a minute', {}, async (scene) => {
  scene.hooks.apps = () => ({ status: 500, body: {} });
  await checkAsksAgain(scene, await scene.begin(), 'mastodon.example', { rule: 'registration', status: 502 });
  for (let i = 0; i < 3; i++) await checkAsksAgain(scene, await scene.begin(), 'mastodon.example', tooMany);
  assert.deepEqual(scene.asked(), ['apps mastodon.example']);
  scene.sql('UPDATE instance_attempts SET tried_at = tried_at - 60'); // a minute later
  scene.hooks = {};
  await checkSignedIn(scene, await scene.signIn());
});

fediverse('a server that forgets us each time counts, too', { login: 'new_instances_per_hour = 2' }, async (scene) => {
  scene.hooks.token = () => ({ status: 401, body: { error: 'invalid_client' } });
  for (let i = 0; i < 2; i++) {
    const answer = await scene.signIn('evil.example');
    assert.deepEqual(rules(answer.log), ['client_refused']);
    scene.sql('UPDATE instance_attempts SET tried_at = tried_at - 60');
  }
  await checkAsksAgain(scene, await scene.begin('evil.example'), 'evil.example', tooMany);
  assert.equal(scene.apps.size, 2);
});

fediverse('none at all, if the site says so', { login: 'new_instances_per_hour = 0' }, async (scene) => {
  await checkAsksAgain(scene, await scene.begin(), 'mastodon.example', tooMany);
  assert.deepEqual(scene.connections(), []);
});

fediverse('a login that was begun does not register anew', {}, async (scene) => {
  const { url } = await scene.begin();
  const response = scene.consent(url);
  scene.sql('DELETE FROM registrations');
  scene.asked();
  await checkRefused(scene, await scene.comeBack(response), { rule: 'registration', status: 502, code: 'provider_error' });
  assert.deepEqual([scene.connections(), scene.asked()], [[], []]);
});

// ---- one server's answer for another's (RFC 9700 4.4)

fediverse('a response at another server’s redirect URI is refused, and asks nobody', {}, async (scene) => {
  const honest = await scene.begin('mastodon.example');
  const response = scene.consent(honest.url);
  await scene.begin('evil.example'); // so that we are its client
  scene.asked();
  for (const host of ['evil.example', 'other.example', 'h1.many.example']) {
    const answer = await scene.comeBack(response, { host });
    assert.deepEqual([rules(answer.log), answer.status], [['login_provider_wrong'], 400]);
    assert.deepEqual([scene.connections(), scene.asked()], [[], []], 'nobody gets the code');
    await checkNobody(scene);
  }
  await checkSignedIn(scene, await scene.comeBack(response));
});

fediverse('the code of one server is not given to another (mix-up)', {}, async (scene) => {
  const { url } = await scene.begin('evil.example');
  // The attacker's server sends the browser on to the honest one, with the honest one's client_id and its own state.
  await scene.begin('mastodon.example');
  const [[, app]] = [...scene.apps].filter(([name]) => name.startsWith('mastodon.example'));
  const mixed = new URL(url);
  mixed.host = 'mastodon.example';
  mixed.searchParams.set('client_id', app.id);
  assert.throws(() => scene.consent(mixed), 'the honest server sends nobody to a redirect URI that is not its client’s');
  mixed.searchParams.set('redirect_uri', app.redirectUri);
  scene.asked();
  const answer = await scene.comeBack(scene.consent(mixed));
  assert.deepEqual(rules(answer.log), ['login_provider_wrong']);
  assert.deepEqual([scene.connections(), scene.asked()], [[], []]);
  await checkNobody(scene);
});

fediverse('a redirect URI is written in one way', {
  more: '[provider op]\nissuer = https://op.example\nclient_id = c\nclient_secret = s\n',
}, async (scene) => {
  const { url } = await scene.begin();
  const query = new URLSearchParams(scene.consent(url));
  scene.connections();
  for (const pathInfo of ['mastodon', 'mastodon/', 'mastodon/Mastodon.Example', 'mastodon/mastodon.example/', 'mastodon/mastodon.example/x',
    'mastodon//mastodon.example', 'mastodon/@mastodon.example', 'mastodon/mastodon.example.', 'mastodon/mastodon.example:443', 'mastodon/127.0.0.1',
    'mastodon/localhost', 'mastodon/instance.invalid', 'op/mastodon.example', 'op/', 'mastodon/mastodon.example%3Fx', '/mastodon/mastodon.example']) {
    const answer = await scene.browser.get(program(`callback.cgi/${pathInfo}?${query}`), { crossSite: true });
    assert.deepEqual([pathInfo, answer.status], [pathInfo, 404], answer.log);
    assert.deepEqual(rules(answer.log), ['provider_unknown']);
  }
  assert.deepEqual(scene.connections(), []);
  await checkSignedIn(scene, await scene.comeBack(Object.fromEntries(query)));
});

fediverse('one server that the site chose: nobody is asked, and nothing counted', {
  more: 'instance = mastodon.example', login: 'new_instances_per_hour = 0', names: 'mastodon.example 10.0.0.1\n',
}, async (scene) => {
  const { url, log } = await scene.begin(null);
  assert.equal(url?.host, 'mastodon.example', log);
  assert.equal(url.searchParams.get('redirect_uri'), program('callback.cgi/mastodon'));
  const answer = await scene.browser.get(program(`callback.cgi/mastodon?${new URLSearchParams(scene.consent(url))}`), { crossSite: true });
  await checkSignedIn(scene, answer);
  assert.equal(scene.sql('SELECT issuer FROM identities'), 'https://mastodon.example');
  assert.deepEqual(rules((await scene.begin('evil.example')).log), ['parameter_wrong']);
});

fediverse('signing out ends the session here', {}, async (scene) => {
  const me = await checkSignedIn(scene, await scene.signIn());
  scene.connections();
  const answer = await scene.browser.post(program('logout.cgi'), { csrf_token: me.csrf_token }, { headers: { origin } });
  assert.equal(answer.status, 303, answer.log);
  assert.deepEqual(rules(answer.log), [], answer.log);
  assert.deepEqual(scene.connections(), []);
  await scene.whoAmI().then(({ status }) => assert.equal(status, 401));
});
