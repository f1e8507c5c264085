// The programs as FastCGI 1.0 starts them: one process, many requests, and a web server's side that breaks off, lies and dawdles.
// Whatever one connection does, the next is served.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, setup, twoProviders } from '../e2e/support/cgi.mjs';
import * as fastcgi from '../e2e/support/fastcgi.mjs';
import { cgiBin, workFolder } from '../e2e/support/place.mjs';
import { Scene } from '../hostile/scene.mjs';

const { ABORT, AUTHORIZER, BEGIN, END, FILTER, GET_VALUES, GET_VALUES_RESULT, PARAMS, STDIN, UNKNOWN_TYPE } = fastcgi;
const place = setup(twoProviders);
const without = ['request_id', 'date'];
const form = (length) => fastcgi.usual('logout.cgi',
  { REQUEST_METHOD: 'POST', CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: String(length) });
const comparable = (answer) => JSON.parse(answer.body, (name, value) => (without.includes(name) ? undefined : value));

/** The program still answers as if nothing had happened. */
async function lives(program) {
  const answer = await program.ask();
  assert.equal(answer.status, 401, program.log());
  assert.equal(JSON.parse(answer.body).error, 'unauthenticated');
}

test('the same answers as by CGI, many from one process', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const once = await cgi('me.cgi', place, { headers: { accept: 'application/json' } });
  for (let round = 0; round < 300; round++) {
    const answer = await program.ask();
    assert.equal(answer.status, once.status);
    assert.deepEqual(comparable(answer), comparable(once));
    assert.deepEqual(answer.end, { status: 0, protocol: 0 });
  }
  assert.equal(program.process.exitCode, null);
});

const keepOpen = async (program, connection, id) => {
  connection.send(fastcgi.request(fastcgi.usual('me.cgi'), { id, keep: true }));
  assert.equal((await connection.answer(id)).status, 401, program.log());
};

test('a connection that is kept serves one request after the other, beside others', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const kept = await Promise.all(Array.from({ length: 20 }, () => program.connect()));
  for (let round = 0; round < 3; round++) {
    for (const [index, connection] of kept.entries()) await keepOpen(program, connection, index + 1);
    await lives(program);
  }
  for (const connection of kept) connection.close();
});

test('of many that are idle, the one that is idle longest is closed', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const kept = [];
  for (let index = 0; index < 33; index++) {
    kept.push(await program.connect());
    await keepOpen(program, kept[index], index + 1);
  }
  assert.ok(await kept[0].isClosed());
  for (const [index, connection] of kept.slice(1).entries()) await keepOpen(program, connection, index + 1);
});

test('two requests that come at once over one connection are answered in turn', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const connection = await program.connect();
  const one = fastcgi.request(fastcgi.usual('me.cgi'), { id: 1, keep: true });
  const two = fastcgi.request(fastcgi.usual('me.cgi', { REQUEST_METHOD: 'DELETE' }), { id: 2 });
  connection.send(Buffer.concat([one, two]));
  assert.equal((await connection.answer(1)).status, 401);
  assert.equal((await connection.answer(2)).status, 405);
  assert.ok(await connection.isClosed(), 'which was not to be kept');
});

test('a request in pieces of one byte is one', async () => {
  const program = await fastcgi.listen('logout.cgi', place);
  const connection = await program.connect();
  const body = 'provider=one&return_to=%2Fa&x=y&x=z';
  const variables = form(body.length);
  const bytes = Buffer.concat([fastcgi.begin(7), fastcgi.stream(PARAMS, 7, fastcgi.pairs(variables), 3),
    fastcgi.record(STDIN, 7, body.slice(0, 5), { padding: 9 }), fastcgi.stream(STDIN, 7, body.slice(5), 2)]);
  connection.socket.setNoDelay?.(true);
  for (const byte of bytes) {
    connection.send(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  const answer = await connection.answer(7);
  assert.equal(answer.status, 303, answer.body);
});

test('a page of many records comes whole', async () => {
  const program = await fastcgi.listen('login.cgi', place);
  const byCgi = await cgi('login.cgi', place, { headers: { accept: 'text/html' } });
  const answer = await program.ask({ HTTP_ACCEPT: 'text/html' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.length, byCgi.body.length);
  assert.equal(answer.body.length, Number(answer.headers['content-length']) - (Buffer.byteLength(answer.body) - answer.body.length));
});

test('it says what it can, and what it cannot', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const connection = await program.connect();
  const asked = fastcgi.pairs({ FCGI_MAX_CONNS: '', FCGI_MPXS_CONNS: '', FCGI_OTHER: '' });
  connection.send(fastcgi.record(GET_VALUES, 0, asked));
  const values = await connection.next();
  assert.equal(values.type, GET_VALUES_RESULT);
  assert.deepEqual(values.content, fastcgi.pairs({ FCGI_MAX_CONNS: '1', FCGI_MPXS_CONNS: '0' }));
  connection.send(fastcgi.record(99, 0, 'x'));
  const unknown = await connection.next();
  assert.equal(unknown.type, UNKNOWN_TYPE);
  assert.equal(unknown.content[0], 99);
  connection.send(fastcgi.begin(3, { role: FILTER, keep: true }));
  assert.deepEqual((await connection.answer(3)).end, { status: 0, protocol: 3 });
  connection.send(fastcgi.begin(4, { keep: true })).send(fastcgi.begin(5));
  assert.deepEqual((await connection.answer(5)).end, { status: 0, protocol: 1 });
  connection.send(Buffer.concat([fastcgi.stream(PARAMS, 4, fastcgi.pairs(fastcgi.usual('me.cgi'))), fastcgi.record(STDIN, 4)]));
  assert.equal((await connection.answer(4)).status, 401, 'the first goes on');
  connection.close();
  await lives(program);
});

// What a web server would never say, and then closes.
const variables = fastcgi.usual('me.cgi');
const rubbish = {
  'another version': fastcgi.record(BEGIN, 1, Buffer.alloc(8), { version: 2 }),
  'a beginning that is too short': fastcgi.record(BEGIN, 1, Buffer.alloc(4)),
  'HTTP': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'zeros': Buffer.alloc(4096),
  'noise': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3)) & 255)),
  'an abort instead of parameters': Buffer.concat([fastcgi.begin(1), fastcgi.record(ABORT, 1)]),
};
for (const [what, bytes] of Object.entries(rubbish)) {
  test(`${what} ends that connection alone`, async () => {
    const program = await fastcgi.listen('me.cgi', place);
    const connection = await program.connect();
    connection.send(bytes);
    connection.socket.end();
    await connection.isClosed();
    await lives(program);
  });
}

// Half a request, and then the other side is gone, at every length of it.
test('a request cut anywhere ends that connection alone', async () => {
  const program = await fastcgi.listen('logout.cgi', place);
  const body = 'provider=one';
  const whole = fastcgi.request(form(body.length), { body });
  for (let length = 0; length < whole.length; length += 13) {
    const connection = await program.connect();
    connection.send(whole.subarray(0, length));
    connection.socket.end();
    await connection.isClosed();
  }
  const connection = await program.connect();
  connection.send(whole);
  assert.ok(await connection.answer());
  assert.equal(program.process.exitCode, null);
});

test('a client that is gone before its answer ends nothing', async () => {
  const program = await fastcgi.listen('login.cgi', place);
  for (let round = 0; round < 50; round++) {
    const connection = await program.connect();
    connection.send(fastcgi.request(fastcgi.usual('login.cgi', { HTTP_ACCEPT: 'text/html' })));
    connection.close();
  }
  assert.equal((await program.ask({ HTTP_ACCEPT: 'text/html' })).status, 200);
});

// Parameters that are none: answered as the bad request that it is.
const malformed = {
  'a pair that promises more than there is': Buffer.concat([fastcgi.pairs(variables), Buffer.from([200, 1, 2])]),
  'a name of two gigabytes': Buffer.concat([fastcgi.pairs(variables), Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 65])]),
  'a value that holds a NUL': Buffer.concat([fastcgi.pairs(variables), fastcgi.pair('PATH_INFO', '/a\0b')]),
  'a name that holds a NUL': Buffer.concat([fastcgi.pairs(variables), fastcgi.pair('REQUEST_METHOD\0X', 'GET')]),
  'more than 256 KiB of them': Buffer.concat([fastcgi.pairs(variables), fastcgi.pair('HTTP_X', 'x'.repeat(300000))]),
  'none at all': Buffer.alloc(0),
};
for (const [what, bytes] of Object.entries(malformed)) {
  test(`${what}: 400`, async () => {
    const program = await fastcgi.listen('me.cgi', place);
    const connection = await program.connect();
    connection.send(Buffer.concat([fastcgi.begin(1), fastcgi.stream(PARAMS, 1, bytes), fastcgi.record(STDIN, 1)]));
    const answer = await connection.answer();
    assert.equal(answer.status, 400, program.log());
    await lives(program);
  });
}

test('of two parameters of one name the first counts', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const connection = await program.connect();
  const twice = Buffer.concat([fastcgi.pairs(variables), fastcgi.pair('REQUEST_METHOD', 'DELETE')]);
  connection.send(Buffer.concat([fastcgi.begin(1), fastcgi.stream(PARAMS, 1, twice), fastcgi.record(STDIN, 1)]));
  assert.equal((await connection.answer()).status, 401);
});

// CONTENT_LENGTH against what comes.
for (const [what, promised, body, status] of [
  ['more is promised than comes', '100', 'provider=one', 400],
  ['less is promised than comes', '12', `provider=one${'&x=y'.repeat(2000)}`, 303],
  ['far too much comes', '5000000', 'x'.repeat(5000000), 413],
]) {
  test(`a body of which ${what}`, async () => {
    const program = await fastcgi.listen('logout.cgi', place);
    const answer = await program.ask(form(promised), { body });
    assert.equal(answer.status, status, program.log());
    assert.ok(await program.ask());
  });
}

test('a body that stops in the middle is cut by an abort', async () => {
  const program = await fastcgi.listen('logout.cgi', place);
  const connection = await program.connect();
  const posted = form('50');
  connection.send(Buffer.concat([fastcgi.begin(1), fastcgi.stream(PARAMS, 1, fastcgi.pairs(posted)), fastcgi.record(STDIN, 1, 'provider='), fastcgi.record(ABORT, 1)]));
  await connection.isClosed();
  assert.ok((await program.ask()).status);
});

test('an authorizer is sent no body, and is not waited for', async () => {
  const program = await fastcgi.listen('me.cgi', place);
  const connection = await program.connect();
  connection.send(Buffer.concat([fastcgi.begin(1, { role: AUTHORIZER }), fastcgi.stream(PARAMS, 1, fastcgi.pairs(variables))]));
  assert.equal((await connection.answer()).status, 401);
});

for (const signal of ['SIGTERM', 'SIGUSR1']) {
  test(`${signal} ends it, after the request in hand`, async () => {
    const program = await fastcgi.listen('logout.cgi', place);
    const connection = await program.connect();
    const body = 'provider=one';
    const whole = fastcgi.request(form(body.length), { body });
    connection.send(whole.subarray(0, whole.length - 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.process.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(program.process.exitCode, null, 'it waits for the rest');
    connection.send(whole.subarray(whole.length - 10));
    assert.equal((await connection.answer()).status, 303);
    assert.equal(await program.ended, 0, program.log());
  });
}

test('a web server that is not listed is not heard', async () => {
  const program = await fastcgi.listen('me.cgi', place, { environment: { FCGI_WEB_SERVER_ADDRS: '192.0.2.1' } });
  assert.equal((await program.ask()).status, 401, 'a socket in the file system is not an address');
});

test('a new configuration counts from the next request on', async () => {
  const own = setup(twoProviders);
  const program = await fastcgi.listen('login.cgi', own);
  const accept = { HTTP_ACCEPT: 'text/html' };
  assert.match((await program.ask(accept)).body, /Provider two/);
  const text = fs.readFileSync(own.conf, 'utf8');
  fs.writeFileSync(own.conf, text.replace('Provider two', 'Provider three'));
  assert.match((await program.ask(accept)).body, /Provider three/);
  fs.writeFileSync(own.conf, 'nonsense');
  assert.equal((await program.ask(accept)).status, 500);
  fs.writeFileSync(own.conf, text);
  assert.match((await program.ask(accept)).body, /Provider two/);
});

test('a new executable takes over, at the same socket and as the same process', async () => {
  const programs = workFolder('programs');
  const file = path.join(programs, 'me.cgi');
  fs.copyFileSync(path.join(cgiBin, 'me.cgi'), file);
  const program = await fastcgi.listen('me.cgi', place, { programs });
  await lives(program);
  fs.copyFileSync(path.join(cgiBin, 'login.cgi'), path.join(programs, 'new'));
  fs.renameSync(path.join(programs, 'new'), file);
  await program.ask(); // whoever waits already is served by the old one
  const answer = await program.ask({ HTTP_ACCEPT: 'text/html' });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /Provider one/);
  assert.equal(program.process.exitCode, null);
});

test('what cannot be started yet does not replace it', async () => {
  const programs = workFolder('programs');
  const file = path.join(programs, 'me.cgi');
  fs.copyFileSync(path.join(cgiBin, 'me.cgi'), file);
  const program = await fastcgi.listen('me.cgi', place, { programs });
  await lives(program);
  fs.writeFileSync(path.join(programs, 'new'), 'half of a program', { mode: 0o755 });
  fs.renameSync(path.join(programs, 'new'), file);
  for (let round = 0; round < 3; round++) await lives(program);
  fs.rmSync(file);
  await lives(program);
});

test('a session is known, until it is ended; a rotated key is read anew', async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  await scene.signIn();
  const program = await fastcgi.listen('me.cgi', scene.place);
  const cookie = scene.browser.cookieField(false);
  const me = await program.ask({ HTTP_COOKIE: cookie });
  assert.equal(me.status, 200, program.log());
  execFileSync(path.join(path.dirname(cgiBin), 'bin/latchkey'), ['rotate-keys'], { env: { ...process.env, LATCHKEY_CONF: scene.place.conf } });
  assert.equal((await program.ask({ HTTP_COOKIE: cookie })).status, 200);
  fs.rmSync(path.join(scene.place.state, 'keys/session.keys'));
  assert.equal((await program.ask({ HTTP_COOKIE: cookie })).status, 401, 'keys that are gone sign nobody in');
});

// ---- several processes

const childrenOf = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
async function until(what, holds) {
  for (let left = 500; !holds(); left--) {
    assert.ok(left > 0, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('LATCHKEY_PROCESSES: one that is busy holds up nobody, one that dies is replaced, all end together', async () => {
  const program = await fastcgi.listen('me.cgi', place, { environment: { LATCHKEY_PROCESSES: '3' } });
  const { pid } = program.process;
  await until('three work', () => childrenOf(pid).length === 3);
  const busy = await Promise.all([program.connect(), program.connect()]);
  for (const connection of busy) connection.send(fastcgi.begin(1));
  for (let round = 0; round < 5; round++) await lives(program);
  for (const connection of busy) connection.close();
  const before = childrenOf(pid);
  process.kill(before[0], 'SIGKILL');
  await until('there are three again', () => childrenOf(pid).length === 3 && !childrenOf(pid).includes(before[0]));
  await lives(program);
  const workers = childrenOf(pid);
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0);
  for (const worker of workers) assert.ok(!fs.existsSync(`/proc/${worker}`), 'each has ended');
});

test('whoever looks after them may be killed: they end', async () => {
  const program = await fastcgi.listen('me.cgi', place, { environment: { LATCHKEY_PROCESSES: '2' } });
  await until('two work', () => childrenOf(program.process.pid).length === 2);
  const workers = childrenOf(program.process.pid);
  program.process.kill('SIGKILL');
  await until('they end', () => workers.every((worker) => !fs.existsSync(`/proc/${worker}`) ||
    /^State:\s+Z/m.test(fs.readFileSync(`/proc/${worker}/status`, 'utf8'))));
});

test('a number of processes that is none means one', async () => {
  for (const LATCHKEY_PROCESSES of ['0', '-1', 'many', '257', '3x', '']) {
    const program = await fastcgi.listen('me.cgi', place, { environment: { LATCHKEY_PROCESSES } });
    await lives(program);
    assert.deepEqual(childrenOf(program.process.pid), [], LATCHKEY_PROCESSES);
    program.process.kill('SIGTERM');
    await program.ended;
  }
});
