// login.cgi and callback.cgi up to the point where the provider would be asked.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, json, origin, page, setup, twoProviders } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';

const place = setup(twoProviders);
const single = setup(twoProviders.slice(0, twoProviders.indexOf('[provider two]')));

/** Begins a login: the authorization request's parameters, and the Cookie field to come back with. */
async function begin(provider = 'one', { where = place, query = '', cookie } = {}) {
  const answer = await cgi('login.cgi', where, { query: `provider=${provider}${query}`, headers: cookie ? { cookie } : {} });
  assert.equal(answer.status, 303, answer.log);
  const uri = new URL(answer.headers.location);
  return { answer, uri, parameters: Object.fromEntries(uri.searchParams), cookie: answer.cookies[0].split(';')[0] };
}

const callback = (provider, query, cookie, options = {}) =>
  cgi('callback.cgi', place, { pathInfo: `/${provider}`, query, ...options, headers: { ...(cookie ? { cookie } : {}), ...options.headers } });

test('the sign-in page has a link for each provider, and carries return_to along', async () => {
  const answer = await cgi('login.cgi', place, { headers: page, query: 'return_to=/members.html' });
  assert.equal(answer.status, 200, answer.log);
  for (const id of ['one', 'two']) assert.match(answer.body, new RegExp(`href="[^"]*login\\.cgi\\?provider=${id}&amp;return_to=%2Fmembers\\.html"`));
  assert.deepEqual(answer.cookies, [], 'showing the page begins no login');
});

test('a single provider is gone to straight away', async () => {
  const answer = await cgi('login.cgi', single, { headers: page });
  assert.equal(answer.status, 303);
  assert.ok(answer.headers.location.startsWith('http://localhost:9/authorize?'));
});

test('the authorization request is complete, and never twice the same', async () => {
  const first = await begin();
  const second = await begin();
  const { state, nonce, code_challenge: challenge, ...rest } = first.parameters;
  assert.deepEqual(rest, {
    response_type: 'code', client_id: 'latchkey-one', scope: 'openid email profile', code_challenge_method: 'S256',
    redirect_uri: `${origin}/cgi-bin/callback.cgi/one`,
  });
  for (const value of [state, nonce, challenge]) assert.match(value, /^[A-Za-z0-9_-]{43}$/);
  for (const name of ['state', 'nonce', 'code_challenge']) assert.notEqual(first.parameters[name], second.parameters[name]);
});

test('a redirect is one for the browser: status, absolute address, a body', async () => {
  const { answer } = await begin();
  assert.match(answer.headers.status, /^303 /);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.ok(answer.body.length > 0);
});

test('the login cookie is HttpOnly, Lax, for the whole site, and soon gone', async () => {
  const { answer } = await begin();
  assert.equal(answer.cookies.length, 1);
  assert.match(answer.cookies[0], /^latchkey-login-[A-Za-z0-9_-]+=/);
  for (const attribute of [/; *HttpOnly/i, /; *Path=\/(;|$)/i, /; *SameSite=Lax/i, /; *Max-Age=\d+/i]) assert.match(answer.cookies[0], attribute);
  assert.ok(!/secure/i.test(answer.cookies[0]), 'http on loopback: no Secure, or the browser would drop it');
});

test('over https the cookies bear the __Host- prefix and Secure', async () => {
  const where = setup('', { conf: (state) => `[site]\nbase_url = https://www.example.org\nstate_dir = ${state}\n${twoProviders}` });
  const { answer } = await begin('one', { where });
  assert.match(answer.cookies[0], /^__Host-latchkey-login-/);
  assert.match(answer.cookies[0], /; *Secure/i);
});

test('neither state nor nonce nor code_verifier rides in the cookie', async () => {
  const { cookie, parameters } = await begin();
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(!cookie.includes(parameters[name]), name);
});

test('beginning a login writes nothing into the database', async () => {
  const where = setup(twoProviders);
  await begin('one', { where });
  const before = sizes(where.state);
  for (let i = 0; i < 5; i++) await begin('one', { where });
  assert.deepEqual(sizes(where.state), before);
});

function sizes(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    .map(({ name }) => [name, fs.statSync(path.join(folder, name)).size]).sort();
}

test('the state folder is ours alone', async () => {
  const where = setup(twoProviders);
  await begin('one', { where });
  await cgi('me.cgi', where, {});
  const walk = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? [file, ...walk(file)] : [file];
  });
  for (const file of walk(where.state)) assert.equal(fs.statSync(file).mode & 0o077, 0, file);
});

test('ten first requests at once agree on the keys', async () => {
  const where = setup(twoProviders);
  const begun = await Promise.all(Array.from({ length: 10 }, () => begin('one', { where })));
  for (const { cookie, parameters } of begun) {
    const answer = await cgi('callback.cgi', where, { pathInfo: '/one', query: `error=access_denied&state=${parameters.state}`, headers: { cookie } });
    assert.equal(events(answer.log)[0].rule, 'login_denied', answer.log);
  }
});

test('at most five logins are under way in one browser: the oldest go', async () => {
  const jar = new Map();
  for (let i = 0; i < 8; i++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const { answer } = await begin('one', { cookie });
    for (const field of answer.cookies) {
      const [name, value] = field.split(';')[0].split(/=(.*)/s);
      if (/max-age=0/i.test(field)) jar.delete(name);
      else jar.set(name, value);
    }
    assert.ok(jar.size <= 5, `${jar.size} cookies`);
  }
  assert.equal(jar.size, 5);
});

const refusedLogins = {
  'an unknown provider': ['provider=nobody', 404, 'provider_unknown'],
  'a provider that tries a path': ['provider=../etc/passwd', 404, 'provider_unknown'],
  'two providers': ['provider=one&provider=two', 400, 'parameter_repeated'],
  'an unknown issuer': ['iss=https://evil.example', 404, 'issuer_unknown'],
  'a prompt that is none': ['provider=one&prompt=please', 400, 'parameter_wrong'],
  'a login_hint that is a book': [`provider=one&login_hint=${'x'.repeat(300)}`, 400, 'parameter_wrong'],
  'two return_to': ['provider=one&return_to=/a&return_to=/b', 400, 'parameter_repeated'],
};
for (const [name, [query, status, rule]] of Object.entries(refusedLogins)) {
  test(`login.cgi refuses ${name}`, async () => {
    const answer = await cgi('login.cgi', place, { query });
    assert.equal(answer.status, status, answer.log);
    assert.equal(events(answer.log)[0].rule, rule);
    assert.deepEqual(answer.cookies, []);
  });
}

const elsewhere = ['https://evil.example/', '//evil.example', '/\\evil.example', '\\evil.example', '/%2F/evil.example'.replace('/%2F', '/'),
  'evil.example', 'javascript:alert(1)', '/a\\b', '/%5Cevil.example', '/%2Fevil.example', '/./%2Fevil', '/\t/evil.example', 'http:/evil.example', '/..//evil.example', ''];
for (const target of elsewhere) {
  test(`login.cgi does not take return_to ${JSON.stringify(target)} anywhere else`, async () => {
    const answer = await cgi('login.cgi', place, { query: `provider=one&return_to=${encodeURIComponent(target)}` });
    if (answer.status === 303) {
      assert.equal(target, '', `${target} was taken`);
    } else {
      assert.equal(answer.status, 400, answer.log);
      assert.match(events(answer.log)[0].rule, /^(return_to|percent_encoding|utf8|uri)$/);
    }
  });
}

// ---- the way back

test('a response without state is refused', async () => {
  const { cookie } = await begin();
  const answer = await callback('one', 'code=x', cookie);
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'state_missing');
});

test("a response without this browser's cookie is refused: a state alone is no protection", async () => {
  const { parameters } = await begin();
  const answer = await callback('one', `code=x&state=${parameters.state}`);
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'login_cookie_missing');
});

test("a response with another login's cookie is refused", async () => {
  const mine = await begin();
  const theirs = await begin();
  const answer = await callback('one', `code=x&state=${theirs.parameters.state}`, mine.cookie);
  assert.equal(answer.status, 400);
  assert.match(events(answer.log)[0].rule, /^(login_cookie_missing|state_wrong|login_cookie_wrong)$/);
});

test("a response at another provider's address is refused (mix-up)", async () => {
  const { parameters, cookie } = await begin('one');
  const answer = await callback('two', `code=x&state=${parameters.state}`, cookie);
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'login_provider_wrong');
});

test('a cookie changed in any character is refused', async () => {
  const { parameters, cookie } = await begin();
  const [name, value] = cookie.split(/=(.*)/s);
  for (let i = 0; i < value.length; i += 7) {
    const forged = value.slice(0, i) + (value[i] === 'A' ? 'B' : 'A') + value.slice(i + 1);
    const answer = await callback('one', `code=x&state=${parameters.state}`, `${name}=${forged}`);
    assert.equal(answer.status, 400, `character ${i}: ${answer.log}`);
    assert.match(events(answer.log)[0].rule, /^login_cookie_/);
  }
});

test("one site's cookie is nothing to another site", async () => {
  const { parameters, cookie } = await begin('one', { where: setup(twoProviders) });
  const answer = await callback('one', `code=x&state=${parameters.state}`, cookie);
  assert.match(events(answer.log)[0].rule, /^login_cookie_/);
});

test('the same cookie twice is refused: one of them is not ours', async () => {
  const { parameters, cookie } = await begin();
  const answer = await callback('one', `code=x&state=${parameters.state}`, `${cookie}; ${cookie}`);
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'cookie_repeated');
});

for (const [name, query, rule] of [
  ['both code and error', 'code=x&error=access_denied', 'response_ambiguous'],
  ['neither code nor error', '', 'response_ambiguous'],
  ['two codes', 'code=x&code=y', 'parameter_repeated'],
  ['two states', 'code=x&state=x', 'parameter_repeated'],
]) {
  test(`a response with ${name} is refused`, async () => {
    const { parameters, cookie } = await begin();
    const answer = await callback('one', `${query}&state=${parameters.state}`, cookie);
    assert.equal(answer.status, 400, answer.log);
    assert.equal(events(answer.log)[0].rule, rule);
  });
}

test('a refused consent is told as such, once', async () => {
  const { parameters, cookie } = await begin();
  const query = `error=access_denied&state=${parameters.state}`;
  const answer = await callback('one', query, cookie, { headers: page });
  assert.equal(answer.status, 403);
  assert.equal(events(answer.log)[0].rule, 'login_denied');
  assert.match(answer.cookies[0], /max-age=0/i, 'the login cookie is removed');
  const again = await callback('one', query, cookie);
  assert.equal(events(again.log)[0].rule, 'login_used');
});

test('a provider that cannot be reached is said to be so', async () => {
  const { parameters, cookie } = await begin();
  const answer = await callback('one', `code=x&state=${parameters.state}`, cookie);
  assert.equal(answer.status, 502, answer.log);
  assert.equal(events(answer.log)[0].rule, 'http_failed');
});

test('the response mode asked for is the one taken', async () => {
  const { parameters, cookie } = await begin();
  const answer = await cgi('callback.cgi', place, { method: 'POST', pathInfo: '/one', body: `code=x&state=${parameters.state}`, headers: { cookie } });
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'response_mode');
});

for (const pathInfo of ['', '/', '/nobody', '/one/', '/one/two', '/ONE', '/../one', '/one%00']) {
  test(`callback.cgi${pathInfo} is nothing`, async () => {
    const answer = await cgi('callback.cgi', place, { pathInfo, query: 'code=x&state=y' });
    assert.ok([400, 404].includes(answer.status), `${answer.status} ${answer.log}`);
  });
}

// ---- me.cgi and logout.cgi without a session

test('me.cgi tells a script that nobody is signed in, without a line in the log', async () => {
  const answer = await cgi('me.cgi', place, {});
  assert.equal(answer.status, 401);
  assert.equal(json(answer).error, 'unauthenticated');
  assert.equal(answer.log, '');
});

test('me.cgi sends a browser to the sign-in page', async () => {
  const answer = await cgi('me.cgi', place, { headers: page });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, `${origin}/cgi-bin/login.cgi?return_to=%2Fcgi-bin%2Fme.cgi`);
});

test('HEAD is GET without the body', async () => {
  const get = await cgi('me.cgi', place, {});
  const head = await cgi('me.cgi', place, { method: 'HEAD' });
  assert.equal(head.status, get.status);
  assert.equal(head.body, '');
});

test('a forged session cookie is nobody', async () => {
  for (const value of ['x', 'a.b.c', 'AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '%00', '']) {
    const answer = await cgi('me.cgi', place, { headers: { cookie: `latchkey-session=${value}` } });
    assert.equal(answer.status, 401, value);
  }
});

test('other applications’ cookies do not get in the way', async () => {
  const cookie = `theme=dark; ga=GA1.2.3; broken; =nameless; caf\u00e9=\u00e9; json={"a":"b"}; ${'x='.padEnd(4000, 'y')}`;
  const answer = await cgi('me.cgi', place, { headers: { cookie: Buffer.from(cookie, 'utf8').toString('latin1') } });
  assert.equal(answer.status, 401, answer.log);
});

test('the session cookie twice is refused', async () => {
  const answer = await cgi('me.cgi', place, { headers: { cookie: Array(10).fill('latchkey-session=x').join('; ') } });
  assert.equal(answer.status, 400);
  assert.equal(events(answer.log)[0].rule, 'cookie_repeated');
});

test('logout.cgi shows a page and ends nothing on GET', async () => {
  const answer = await cgi('logout.cgi', place, { headers: page });
  assert.equal(answer.status, 200, answer.log);
  assert.deepEqual(answer.cookies, []);
});

test('logout.cgi takes nobody home', async () => {
  const answer = await cgi('logout.cgi', place, { method: 'POST', body: '', headers: { ...page, origin } });
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, `${origin}/`);
});

test('logout.cgi takes nobody back to where he was', async () => {
  const answer = await cgi('logout.cgi', place, { method: 'POST', body: 'return_to=/members.html%3Fa%3D1', headers: { ...page, origin } });
  assert.equal(answer.status, 303, answer.log);
  assert.equal(answer.headers.location, `${origin}/members.html?a=1`);
});

for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
  test(`logout.cgi refuses a form of another site: ${JSON.stringify(headers)}`, async () => {
    const answer = await cgi('logout.cgi', place, { method: 'POST', body: '', headers });
    assert.equal(answer.status, 403, answer.log);
    assert.equal(events(answer.log)[0].rule, 'request_origin');
  });
}
