// The demo provider's API: by whose token, for what scope, and what is no note.
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertError, go, issuer, main, post, provide, redeem, refusal, signIn, tokens } from './client.mjs';

const scope = { scope: 'openid notes' };
const notes = (token, options = {}, path = '/api/notes') => go(path, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });
const write = (token, body, type = 'application/json') => notes(token, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } });
const texts = async (token) => (await (await notes(token)).json()).notes.map(({ text }) => text);

test('a person’s notes: added, listed, taken away, and nobody else’s', async () => {
  const { access_token: ada } = await tokens('ada', '', scope);
  const { access_token: haneul } = await tokens('haneul', '', scope);
  assert.deepEqual(await texts(ada), []);
  const added = await write(ada, { text: 'a first <b>note</b> ✓' });
  assert.equal(added.status, 201);
  const { id, text } = await added.json();
  assert.equal(text, 'a first <b>note</b> ✓');
  assert.equal((await write(ada, { text: 'a second' })).status, 201);
  assert.equal((await write(haneul, { text: '셋째' })).status, 201);
  assert.deepEqual(await texts(ada), ['a second', 'a first <b>note</b> ✓']);
  assert.deepEqual(await texts(haneul), ['셋째']);
  const listed = await (await notes(ada)).json();
  assert.ok(Math.abs(listed.notes[0].created_at - Date.now() / 1000) < 60);

  await assertError(await notes(haneul, { method: 'DELETE' }, `/api/notes/${id}`), 404, 'not_found');
  for (const wrong of ['0', '-1', 'x', '99', '1x', '9999999999', '']) {
    const answer = await notes(ada, { method: 'DELETE' }, `/api/notes/${wrong}`);
    assert.equal(answer.status, 404, wrong);
  }
  const gone = await notes(ada, { method: 'DELETE' }, `/api/notes/${id}`);
  assert.deepEqual([gone.status, await gone.text(), gone.headers.get('content-length')], [204, '', null]);
  assert.deepEqual(await texts(ada), ['a second']);
});

test('what is no note', async () => {
  const { access_token: token } = await tokens('fox', '', scope);
  for (const wrong of ['', '{', '[]', '{}', '{"text":1}', '{"text":""}', '{"text":"a","text":"b"}', '{"text":"\\u0000"}', JSON.stringify({ text: 'x'.repeat(501) })])
    await assertError(await write(token, wrong), 400, 'invalid_request');
  assert.equal((await write(token, 'text=x', 'text/plain')).status, 415);
  assert.equal((await write(token, '{"text":"a\u0000b"}')).status, 400);
  assert.equal((await write(token, `{"text":"${'x'.repeat(70000)}"}`)).status, 413);
  assert.deepEqual(await texts(token), []);
  assert.equal((await write(token, { text: 'x'.repeat(500) })).status, 201);
});

test('without the right token there is nothing', async () => {
  const none = await go('/api/notes');
  assert.equal(none.status, 401);
  assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="demo provider"');
  const wrong = await notes('nonsense');
  assert.match(wrong.headers.get('www-authenticate'), /error="invalid_token"/);
  await assertError(wrong, 401, 'invalid_token');
  const { access_token: other, id_token: idToken } = await tokens('ada');
  const missing = await notes(other);
  assert.match(missing.headers.get('www-authenticate'), /error="insufficient_scope".*scope="notes"/);
  await assertError(missing, 403, 'insufficient_scope');
  await assertError(await write(other, { text: 'x' }), 403, 'insufficient_scope');
  await assertError(await notes(other, { method: 'DELETE' }, '/api/notes/1'), 403, 'insufficient_scope');
  assert.equal((await notes(idToken)).status, 401);

  // One whose code was sent twice is revoked (RFC 6749 4.1.2).
  const { code } = await signIn('ada', '', scope);
  const { access_token: token } = await (await redeem(code)).json();
  assert.equal((await notes(token)).status, 200);
  await redeem(code);
  await assertError(await notes(token), 401, 'invalid_token');
});

test('the oldest notes make room', async () => {
  const { access_token: token } = await tokens('maryam', '', scope);
  for (let i = 0; i < 205; i++) assert.equal((await write(token, { text: String(i) })).status, 201);
  const list = await texts(token);
  assert.equal(list.length, 200);
  assert.equal(list[0], '204');
  assert.deepEqual(await texts((await tokens('ada', '', scope)).access_token), [], 'nobody’s are kept longer');
});

test('other methods', async () => {
  for (const [method, path, allow] of [['PUT', '/api/notes', 'GET, HEAD, POST'], ['DELETE', '/api/notes', 'GET, HEAD, POST'], ['GET', '/api/notes/1', 'DELETE'], ['POST', '/api/time', 'GET, HEAD']]) {
    const answer = await go(path, { method });
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allow], `${method} ${path}`);
  }
});

test('what time it is, to those who have the key', async () => {
  const answer = await go('/api/time');
  const { time } = await answer.json();
  assert.ok(Math.abs(new Date(time) - Date.now()) < 60_000, time);
  assert.equal(main.issuer, issuer);

  const locked = await provide('--api-key', 'the key');
  for (const headers of [{}, { 'x-api-key': 'another' }, { 'x-api-key': 'the key ' + 'x' }])
    await assertError(await fetch(`${locked.issuer}/api/time`, { headers }), 401, 'invalid_key');
  assert.equal((await fetch(`${locked.issuer}/api/time`, { headers: { 'x-api-key': 'the key' } })).status, 200);
  assert.equal(refusal('--api-key').status, 64);
});

test('a document is for the API alone', async () => {
  assert.equal((await go('/token', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status, 415);
  assert.equal((await post('/api/notes', { text: 'x' })).status, 401, 'and a form is no note');
});
