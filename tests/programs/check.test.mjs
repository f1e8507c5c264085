// check.cgi: what a web server is told in a sub-request, and as an authorizer; and that nothing but its own word opens the gate.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test, { after } from 'node:test';
import { cgi, json, page } from '../e2e/support/cgi.mjs';
import * as fastcgi from '../e2e/support/fastcgi.mjs';
import { Browser } from '../hostile/browser.mjs';
import { origin, program, rules, Scene } from '../hostile/scene.mjs';

const script = { accept: 'application/json' };
const scene = await Scene.open({
  more: () => '[rule staff]\ngroups = staff\n[rule lately]\nrecent = 15m\n[rule wrong]\ngroup = staff\n[rule none]\n',
});
after(() => scene.close());

const people = {
  ada: { sub: 'ada-1', name: '김하늘, 100% "x"', email: 'ada@example.org', email_verified: true, groups: ['staff', 'IT, admins', ' staff', '관리자', 'board', 'board'] },
  bob: { sub: 'bob-1', name: 'Bob', email: 'bob@example.org', email_verified: false },
};
const cookies = {};
const subs = {};
for (const [name, person] of Object.entries(people)) {
  scene.browser = new Browser(scene.place, origin);
  scene.provider.person = person;
  await scene.signIn();
  cookies[name] = scene.browser.cookieField();
  subs[name] = (await scene.whoAmI()).sub;
}

const sql = (text) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(scene.place.state, 'latchkey.db'), text], { encoding: 'utf8' }).trim();

/** The answer to a sub-request of a web server, for a request to /members/x?a=1. `who`: ada, bob, or nobody. */
function ask({ who, headers = script, variables = {}, ...options } = {}) {
  return cgi('check.cgi', scene.place, {
    ...options,
    headers: { ...headers, ...(who ? { cookie: cookies[who] } : {}) },
    variables: { REQUEST_URI: '/members/x?a=1', ...variables },
  });
}

function isShut(answer, status, rule) {
  assert.equal(answer.status, status, answer.log);
  assert.deepEqual(rules(answer.log), rule ? [rule] : []);
  for (const name of Object.keys(answer.headers)) assert.ok(!/^(x-auth-request-(?!login)|variable-)/.test(name), name);
}

const location = (url) => {
  const { origin: site, pathname, searchParams } = new URL(url);
  assert.equal(`${site}${pathname}`, program('login.cgi'));
  return Object.fromEntries(searchParams);
};

// ---- sub-requests

test('204, and who it is, in what may stand in any field', async () => {
  const { status, headers, body, cookies: set, log } = await ask({ who: 'ada' });
  assert.equal(status, 204);
  assert.equal(body, '');
  assert.equal(log, '');
  assert.deepEqual(set, [], 'no cookie is renewed');
  assert.equal(headers['x-auth-request-user'], subs.ada);
  assert.equal(headers['x-auth-request-name'], '%EA%B9%80%ED%95%98%EB%8A%98, 100%25 "x"');
  assert.equal(headers['x-auth-request-email'], 'ada@example.org');
  assert.equal(headers['x-auth-request-provider'], 'op');
  assert.equal(headers['x-auth-request-groups'], 'staff,IT%2C admins,%EA%B4%80%EB%A6%AC%EC%9E%90,board');
  assert.equal(headers['cache-control'], 'no-store');
  assert.ok(!('content-length' in headers));
});

test('what is not known is there, and empty, so that it replaces what a client says', async () => {
  const { headers } = await ask({ who: 'bob' });
  assert.equal(headers['x-auth-request-user'], subs.bob);
  assert.equal(headers['x-auth-request-email'], '', 'nobody has verified it');
  assert.equal(headers['x-auth-request-groups'], '');
});

test('a stranger: 401, to a script as JSON', async () => {
  const answer = await ask();
  isShut(answer, 401);
  assert.equal(json(answer).error, 'unauthenticated');
  assert.equal(json(answer).login_url, '/cgi-bin/login.cgi?return_to=%2Fmembers%2Fx%3Fa%3D1');
  assert.match(answer.headers['www-authenticate'], /^Bearer realm="/);
  assert.ok(!('x-auth-request-login' in answer.headers), 'a script goes nowhere');
});

test('to a browser as a page, and where to sign in and come back; a form cannot come back', async () => {
  const answer = await ask({ headers: page });
  isShut(answer, 401);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.ok(Buffer.byteLength(answer.body) < 4096, 'it is short');
  assert.match(answer.body, /href="https:\/\/www\.example\.org\/cgi-bin\/login\.cgi\?return_to=%2Fmembers%2Fx%3Fa%3D1"/);
  assert.deepEqual(location(answer.headers['x-auth-request-login']), { return_to: '/members/x?a=1' });
  const form = await ask({ headers: page, method: 'POST' });
  isShut(form, 401);
  assert.ok(!('x-auth-request-login' in form.headers));
});

test('redirect=yes sends a browser there, and nobody else', async () => {
  const answer = await ask({ headers: page, query: 'redirect=yes' });
  isShut(answer, 303);
  assert.deepEqual(location(answer.headers.location), { return_to: '/members/x?a=1' });
  isShut(await ask({ headers: page, query: 'redirect=yes', method: 'HEAD' }), 303);
  isShut(await ask({ query: 'redirect=yes' }), 401);
  isShut(await ask({ headers: page, query: 'redirect=yes', method: 'POST' }), 401);
  assert.equal((await ask({ who: 'ada', headers: page, query: 'redirect=yes' })).status, 204);
  isShut(await ask({ who: 'bob', headers: page, query: 'redirect=yes&require=staff' }), 403, 'rule');
});

test('nobody is sent to another site, nor back to check.cgi', async () => {
  for (const uri of ['//evil.example/', '/\\evil.example', 'https://evil.example/', '/%2e%2e//evil.example', '/\t/evil.example', '/a/../../x', '', undefined,
    '/cgi-bin/check.cgi?redirect=yes', `/${'a'.repeat(600)}`]) {
    const answer = await ask({ headers: page, query: 'redirect=yes', variables: { REQUEST_URI: uri } });
    isShut(answer, 303);
    assert.deepEqual(location(answer.headers.location), {}, String(uri));
  }
});

test('X-Forwarded-Uri is believed where the web server says so, and judged all the same', async () => {
  const headers = { ...page, 'x-forwarded-uri': '/staff/y?b=2', 'x-original-uri': '/evil' };
  assert.deepEqual(location((await ask({ headers, query: 'redirect=yes' })).headers.location), { return_to: '/members/x?a=1' });
  assert.deepEqual(location((await ask({ headers, query: 'redirect=yes&forwarded=yes' })).headers.location), { return_to: '/staff/y?b=2' });
  for (const uri of ['//evil.example/', 'https://evil.example/', '/\\x', ''])
    assert.deepEqual(location((await ask({ headers: { ...page, 'x-forwarded-uri': uri }, query: 'redirect=yes&forwarded=yes' })).headers.location), {});
});

// ---- rules

test('require: a rule, by the query or by the web server’s variable, which goes first', async () => {
  const required = (value) => ({ variables: { LATCHKEY_REQUIRE: value } });
  assert.equal((await ask({ who: 'ada', query: 'require=staff' })).status, 204);
  assert.equal((await ask({ who: 'ada', query: 'require=staff%20lately' })).status, 204);
  assert.equal((await ask({ who: 'ada', ...required('staff lately') })).status, 204);
  isShut(await ask({ who: 'bob', query: 'require=staff' }), 403, 'rule');
  isShut(await ask({ who: 'bob', ...required('staff') }), 403, 'rule');
  isShut(await ask({ who: 'bob', ...required('lately staff') }), 403, 'rule');
  for (const query of ['require=lately', 'require=', 'require=nosuch', 'a=b', '%zz', 'require=lately&require=lately'])
    isShut(await ask({ who: 'bob', query, ...required('staff') }), 403, 'rule');
  isShut(await ask({ query: 'require=staff' }), 401);
  const page_ = await ask({ who: 'bob', headers: page, query: 'require=staff' });
  assert.match(page_.body, /You tried to sign in as <bdi>Bob<\/bdi>/);
});

test('a rule that is not there, or wrong, lets nobody pass', async () => {
  for (const who of ['ada', undefined]) {
    for (const name of ['nosuch', 'Staff', 'staff,lately', 'wrong', 'none', 'staff nosuch', '', ' ', '*', 'staff/'])
      isShut(await ask({ who, variables: { LATCHKEY_REQUIRE: name } }), 500, 'config');
    for (const query of ['require=nosuch', 'require=', 'require', 'require=wrong', 'require=%00'])
      isShut(await ask({ who, query }), query.includes('%00') ? 400 : 500, query.includes('%00') ? 'percent_encoding' : 'config');
  }
});

test('a parameter that is not known, or twice, lets nobody pass: it may be a rule misspelt', async () => {
  for (const query of ['requires=staff', 'Require=staff', 'require[]=staff', 'rule=staff', 'x', 'redirect=no', 'redirect=', 'forwarded=1', '&require%3Dstaff'])
    isShut(await ask({ who: 'ada', query }), 400, 'parameter_wrong');
  isShut(await ask({ who: 'ada', query: 'require=staff&require=lately' }), 400, 'parameter_repeated');
  isShut(await ask({ who: 'ada', pathInfo: '/staff' }), 404, 'request_path');
});

test('recent: who signed in too long ago signs in once more, and is asked again', async () => {
  const created = sql("SELECT min(created_at) FROM sessions");
  sql('UPDATE sessions SET created_at = created_at - 901; UPDATE identities SET last_login_at = last_login_at - 901');
  const answer = await ask({ who: 'ada', headers: page, query: 'require=lately' });
  isShut(answer, 401);
  assert.deepEqual(location(answer.headers['x-auth-request-login']), { return_to: '/members/x?a=1', prompt: 'login' });
  assert.equal((await ask({ who: 'ada', query: 'require=staff' })).status, 204, 'other rules do not ask that');
  isShut(await ask({ who: 'bob', query: 'require=lately%20staff' }), 403, 'rule');
  sql('UPDATE sessions SET created_at = created_at + 901; UPDATE identities SET last_login_at = last_login_at + 901');
  assert.equal(sql("SELECT min(created_at) FROM sessions"), created);
  assert.equal((await ask({ who: 'ada', query: 'require=lately' })).status, 204);
});

test('of an identity by which nobody signed in to the session, nothing is told', async () => {
  sql('UPDATE identities SET last_login_at = last_login_at - 100');
  const { status, headers } = await ask({ who: 'ada' });
  assert.equal(status, 204);
  assert.equal(headers['x-auth-request-provider'], '');
  assert.equal(headers['x-auth-request-groups'], '');
  isShut(await ask({ who: 'ada', query: 'require=staff' }), 403, 'rule');
  sql('UPDATE identities SET last_login_at = last_login_at + 100');
  assert.equal((await ask({ who: 'ada', query: 'require=staff' })).status, 204);
});

// ---- every method

test('every method is judged alike, and no body is touched', async () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'FOO', 'get', 'X'.repeat(100)]) {
    const body = { variables: { CONTENT_LENGTH: '99999999999999999999', CONTENT_TYPE: 'text/plain' }, body: 'a=b' };
    const { status, headers } = await ask({ who: 'ada', method, query: 'require=staff', ...body });
    assert.equal(status, 204, method);
    assert.equal(headers['x-auth-request-user'], subs.ada);
    isShut(await ask({ who: 'bob', method, query: 'require=staff', ...body }), 403, 'rule');
    isShut(await ask({ method, ...body }), 401);
  }
  isShut(await ask({ who: 'ada', method: 'G\u00cbT' }), 400, 'request_malformed');
});

// ---- forgeries

test('forged cookies and fields change nothing', async () => {
  const forged = {
    ...script, 'x-auth-request-user': subs.ada, 'x-forwarded-user': subs.ada, 'remote-user': subs.ada, 'x-original-uri': '/open', 'x-forwarded-uri': '/open',
    'x-original-url': '/open', 'x-forwarded-method': 'OPTIONS', proxy: 'http://evil.example', 'latchkey-require': 'lately', authorization: 'Basic YWRhOng=',
  };
  isShut(await ask({ headers: forged }), 401);
  isShut(await ask({ who: 'bob', headers: forged, query: 'require=staff' }), 403, 'rule');
  assert.equal((await ask({ who: 'bob', headers: forged })).headers['x-auth-request-user'], subs.bob);
  const name = '__Host-latchkey-session';
  const value = cookies.ada.match(/latchkey-session=([^;]*)/)[1];
  for (const cookie of [`${name}=x`, `${name}=${value}x`, `${name}=${value.slice(0, -1)}${value.at(-1) === 'A' ? 'B' : 'A'}`, `latchkey-session=${value}`, `${name.toLowerCase()}=${value}`])
    isShut(await ask({ headers: { ...script, cookie } }), 401);
  isShut(await ask({ headers: { ...script, cookie: `${name}=${value}; ${name}=${value}` } }), 400, 'cookie_repeated');
});

test('groups are those of the last sign-in', async () => {
  const before = scene.browser;
  scene.browser = new Browser(scene.place, origin);
  scene.provider.person = { ...people.bob, groups: 'staff' };
  await scene.signIn();
  assert.equal((await ask({ who: 'bob', query: 'require=staff' })).status, 204, 'of all his sessions by that identity');
  scene.provider.person = { ...people.bob, groups: undefined };
  await scene.signIn();
  isShut(await ask({ who: 'bob', query: 'require=staff' }), 403, 'rule');
  scene.browser = before;
});

// ---- the authorizer (FastCGI 1.0, 6.3)

const authorizer = await fastcgi.listen('check.cgi', scene.place);
const authorize = ({ who, headers = script, variables = {} } = {}) => authorizer.ask({
  SCRIPT_NAME: undefined, REQUEST_URI: '/members/x?a=1', QUERY_STRING: 'a=1', HTTP_ACCEPT: headers.accept, HTTP_COOKIE: who && cookies[who], ...variables,
}, { role: fastcgi.AUTHORIZER });

test('an authorizer answers 200 and variables, and no field that would be another’s', async () => {
  const { status, headers, body } = await authorize({ who: 'ada' });
  assert.equal(status, 200);
  assert.equal(body, '');
  const told = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'status').map(([name, value]) => {
    assert.match(name, /^variable-/, 'nothing but variables');
    return [name.slice(9).toUpperCase(), Buffer.from(value, 'latin1').toString()];
  }));
  const { LATCHKEY_SIGNED_IN_AT: at, LATCHKEY_CSRF_TOKEN: token, ...rest } = told;
  assert.match(at, /^\d+$/);
  assert.match(token, /^[\w-]{43}$/);
  assert.deepEqual(rest, {
    REMOTE_USER: subs.ada, AUTH_TYPE: 'Latchkey', LATCHKEY_USER: subs.ada, LATCHKEY_NAME: '김하늘, 100% "x"', LATCHKEY_EMAIL: 'ada@example.org',
    LATCHKEY_EMAIL_VERIFIED: '1', LATCHKEY_PROVIDER: 'op', LATCHKEY_GROUPS: 'staff,IT%2C admins,관리자,board',
    X_AUTH_REQUEST_USER: subs.ada, X_AUTH_REQUEST_NAME: '%EA%B9%80%ED%95%98%EB%8A%98, 100%25 "x"', X_AUTH_REQUEST_EMAIL: 'ada@example.org',
    X_AUTH_REQUEST_PROVIDER: 'op', X_AUTH_REQUEST_GROUPS: 'staff,IT%2C admins,%EA%B4%80%EB%A6%AC%EC%9E%90,board',
  });
});

test('its query and path are the client’s own, and say nothing', async () => {
  for (const query of ['require=nosuch', 'require=staff', 'require=', 'requires=x', '%zz', 'redirect=no', 'a=1&a=2'])
    assert.equal((await authorize({ who: 'bob', variables: { QUERY_STRING: query, PATH_INFO: '/a/b' } })).status, 200, query);
  for (const query of ['', 'require=lately', 'require=', 'redirect=yes'])
    isShut({ log: '', ...await authorize({ who: 'bob', variables: { QUERY_STRING: query, LATCHKEY_REQUIRE: 'staff' } }) }, 403);
  assert.equal((await authorize({ who: 'ada', variables: { LATCHKEY_REQUIRE: 'staff' } })).status, 200);
  for (const required of ['', 'nosuch', 'wrong'])
    isShut({ log: '', ...await authorize({ who: 'ada', variables: { LATCHKEY_REQUIRE: required } }) }, 500);
});

test('what it says to a stranger is shown: 401, or a browser’s way to sign in', async () => {
  const answer = { log: '', ...await authorize() };
  isShut(answer, 401);
  assert.equal(json(answer).login_url, '/cgi-bin/login.cgi?return_to=%2Fmembers%2Fx%3Fa%3D1');
  const browser = { log: '', ...await authorize({ headers: page }) };
  isShut(browser, 303);
  assert.deepEqual(location(browser.headers.location), { return_to: '/members/x?a=1' });
  const form = { log: '', ...await authorize({ headers: page, variables: { REQUEST_METHOD: 'POST' } }) };
  isShut(form, 401);
  assert.ok(Buffer.byteLength(form.body) < 4096, 'Apache passes on no more than 8 KiB with all fields');
});

test('as a responder, the same process answers sub-requests', async () => {
  const ask_ = (who, query) => authorizer.ask({ REQUEST_URI: '/members/x', QUERY_STRING: query, HTTP_COOKIE: cookies[who] });
  assert.equal((await ask_('ada', 'require=staff')).status, 204);
  assert.equal((await ask_('bob', 'require=staff')).status, 403);
  assert.equal((await authorize({ who: 'ada' })).status, 200);
});
