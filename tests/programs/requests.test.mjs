// Every program, whatever it is asked: a clear answer, the right status, one line in the log, nothing changed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, json, page, setup, twoProviders } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';

const allowed = {
  'me.cgi': 'GET, HEAD', 'login.cgi': 'GET, HEAD, POST', 'logout.cgi': 'GET, HEAD, POST', 'callback.cgi': 'GET, POST',
  'token.cgi': 'POST', 'jwks.cgi': 'GET, HEAD',
};
const programs = Object.keys(allowed);
const place = setup(twoProviders);

/** Asked by the first of the methods that it takes. */
const ask = (program, options) => cgi(program, place, { method: allowed[program].split(', ')[0], ...options });

function isRefused(answer, status, rule) {
  assert.equal(answer.status, status, answer.log);
  assert.equal(answer.code, 0);
  const [event, ...more] = events(answer.log);
  assert.equal(event?.rule, rule, answer.log);
  assert.equal(more.length, 0, `one line in the log: ${answer.log}`);
  return event;
}

for (const program of programs) {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'X'.repeat(300)]) {
    test(`${program} answers ${method.slice(0, 10)} with 405 and Allow`, async () => {
      const pathInfo = program === 'callback.cgi' ? '/one' : '';
      const answer = await cgi(program, place, { method, pathInfo });
      isRefused(answer, 405, 'request_method');
      assert.equal(answer.headers.allow, allowed[program]);
    });
  }

  test(`${program} refuses a method that is no token`, async () => {
    for (const method of ['G\u00cbT', 'GET ', 'GET\r\nX: y', '<GET>'])
      isRefused(await cgi(program, place, { method }), 400, 'request_malformed');
  });

  const wrong = {
    'a CONTENT_LENGTH that is no number': [{ CONTENT_LENGTH: 'many' }, 400, 'request_length'],
    'a negative CONTENT_LENGTH': [{ CONTENT_LENGTH: '-1' }, 400, 'request_length'],
    'a CONTENT_LENGTH with a sign': [{ CONTENT_LENGTH: '+3' }, 400, 'request_length'],
    'a CONTENT_LENGTH past 64 bits': [{ CONTENT_LENGTH: '18446744073709551619' }, 413, 'request_too_large'],
    'a CONTENT_LENGTH that promises more than there is': [{ CONTENT_LENGTH: '4' }, 400, 'request_length'],
    'a body over 64 KiB': [{ CONTENT_LENGTH: '65537' }, 413, 'request_too_large'],
  };
  // Where no POST is taken, that is said before its body is looked at.
  const takesPost = allowed[program].includes('POST');
  for (const [name, [variables, status, rule]] of Object.entries(takesPost ? wrong : {})) {
    test(`${program} refuses ${name}`, async () => {
      const answer = await cgi(program, place, { method: 'POST', body: 'a=b', variables });
      isRefused(answer, status, rule);
    });
  }

  if (takesPost) test(`${program} refuses a body of another type`, async () => {
    const answer = await cgi(program, place, { method: 'POST', body: '{"a":1}', variables: { CONTENT_TYPE: 'application/json' } });
    isRefused(answer, 400, 'request_type');
  });

  if (!['logout.cgi', 'callback.cgi'].includes(program)) test(`${program} has nothing below it`, async () => {
    for (const pathInfo of ['/', '/x', '/../me.cgi'])
      isRefused(await ask(program, { pathInfo }), 404, 'request_path');
  });

  for (const query of ['a=%', 'a=%4', 'a=%zz', 'a=%00', 'a=%0d%0aSet-Cookie:x=y', '%0a=b', 'a=%ff', 'a=%c0%af', 'a=%ed%a0%80']) {
    test(`${program} refuses the query ${query}`, async () => {
      const answer = await ask(program, { query });
      assert.equal(answer.status, 400, answer.log);
      assert.match(events(answer.log)[0].rule, /^(percent_encoding|utf8|request_malformed)$/);
      assert.deepEqual(answer.cookies, []);
    });
  }

  test(`${program} refuses a Cookie field of 64 KiB`, async () => {
    const answer = await ask(program, { headers: { cookie: `a=${'x'.repeat(65536)}` } });
    isRefused(answer, 413, 'request_too_large');
  });

  test(`${program} refuses a request without a method`, async () => {
    const answer = await cgi(program, place, { variables: { REQUEST_METHOD: undefined, GATEWAY_INTERFACE: 'CGI/1.1' } });
    assert.ok([400, 405].includes(answer.status), answer.log);
  });

  test(`${program} says who may keep its answer, which is nobody but for public keys, and what its body is`, async () => {
    for (const accept of [page.accept, 'application/json']) {
      const answer = await ask(program, { headers: { accept }, query: 'provider=nobody' });
      assert.equal(answer.headers['cache-control'], program === 'jwks.cgi' ? 'public, max-age=900' : 'no-store');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      assert.ok(answer.headers['content-type']);
    }
  });

  test(`${program} tells an error as a page to a browser, with the request id of the log line`, async () => {
    const answer = await ask(program, { headers: page, query: 'a=%' });
    assert.match(answer.headers['content-type'], /^text\/html; *charset=utf-8$/i);
    assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
    assert.ok(answer.body.includes(events(answer.log)[0].request), 'the request id stands on the page');
  });

  test(`${program} tells an error as JSON to a script, with the request id of the log line`, async () => {
    const answer = await ask(program, { headers: { accept: 'application/json' }, query: 'a=%' });
    const { error, error_description: description, request_id: id } = json(answer);
    assert.equal(error, 'invalid_request');
    assert.ok(description.length > 10);
    assert.equal(id, events(answer.log)[0].request);
  });
}

// ---- the configuration and the state folder: whose fault it is, is said in the log, not to the visitor

const broken = {
  'no configuration': [{ conf: '/nonexistent/latchkey.conf' }, /latchkey\.conf/],
  'an unknown setting': [setup('[session]\nidle_time = 7d'), /latchkey\.conf:\d+:.*idle_time/],
  'an unknown section': [setup('[sessions]\nidle_timeout = 7d'), /latchkey\.conf:\d+:.*sessions/],
  'a time that is none': [setup('[session]\nidle_timeout = a week'), /latchkey\.conf:\d+:.*idle_timeout/],
  'no base_url': [setup('', { conf: (state) => `[site]\nstate_dir = ${state}\n` }), /base_url/],
  'a base_url without TLS': [setup('', { conf: (state) => `[site]\nbase_url = http://www.example.org\nstate_dir = ${state}\n` }), /base_url/],
  'a line that is none': [setup('nonsense'), /latchkey\.conf:\d+:/],
};
for (const [name, [where, detail]] of Object.entries(broken)) {
  test(`a configuration with ${name} is named in the log, and not to the visitor`, async () => {
    const answer = await cgi('me.cgi', where, { headers: { accept: 'application/json' } });
    const event = isRefused(answer, 500, 'config');
    assert.match(event.detail, detail);
    assert.equal(json(answer).error, 'server_error');
    assert.ok(!answer.body.includes('latchkey.conf'), answer.body);
  });
}

test('a secret that others may read is refused', async () => {
  const where = setup(twoProviders);
  fs.chmodSync(where.conf, 0o644);
  const event = isRefused(await cgi('me.cgi', where), 500, 'config');
  assert.match(event.detail, /chmod/);
});

test('a state folder that is not there is named in the log', async () => {
  const where = setup(twoProviders);
  fs.rmSync(where.state, { recursive: true });
  const event = isRefused(await cgi('login.cgi', where, { query: 'provider=one' }), 500, 'state_dir');
  assert.ok(event.detail.includes(where.state), event.detail);
});

test('templates that are not there cost the page its looks, not its answer', async () => {
  const where = setup(twoProviders, { conf: (state) => `[site]\nbase_url = http://localhost:8080\nstate_dir = ${state}\ntemplates = /nonexistent\n${twoProviders}` });
  const answer = await cgi('login.cgi', where, { headers: page });
  assert.equal(answer.status, 500);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.equal(events(answer.log)[0].rule, 'template');
});

test('a database that is none is a fault of ours, not of the visitor', async () => {
  const where = setup(twoProviders);
  await cgi('login.cgi', where, { query: 'provider=one' });
  fs.writeFileSync(path.join(where.state, 'latchkey.db'), 'not a database at all, '.repeat(100), { mode: 0o600 });
  const begun = await cgi('login.cgi', where, { query: 'provider=one' });
  const cookie = begun.cookies[0]?.split(';')[0];
  const state = new URL(begun.headers.location).searchParams.get('state');
  const answer = await cgi('callback.cgi', where, { pathInfo: '/one', query: `code=x&state=${state}`, headers: { cookie } });
  isRefused(answer, 503, 'database');
});
