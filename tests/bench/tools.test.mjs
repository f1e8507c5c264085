// What measures must count exactly: a failure that is missed is a bar that is met by mistake.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { build, giveBack, workFolder } from '../e2e/support/place.mjs';
import { compare } from './figures.mjs';
import { load, requestFile } from './servers.mjs';
import { ratios, summary } from './statistics.mjs';

const whole = (body, status = '200 OK') => `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What a server says to a path, and whether it hangs up then. */
const answers = {
  '/right': { text: whole('Ada') },
  '/empty': { text: 'HTTP/1.1 204 No Content\r\n\r\n' },
  '/chunks': { text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nAd\r\n1\r\na\r\n0\r\n\r\n' },
  '/to-the-end': { text: 'HTTP/1.0 200 OK\r\n\r\nAda', ends: true },
  '/close': { text: whole('Ada').replace('\r\n', '\r\nConnection: close\r\n'), ends: true },
  '/hangs-up': { text: whole('Ada'), ends: true }, // without a word, as if it had been idle
  '/busy': { text: whole('later', '503 Service Unavailable') },
  '/another': { text: whole('Bob') },
  '/cut': { text: whole('Ada').slice(0, -1), ends: true },
  '/cut-chunks': { text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nAda\r\n', ends: true },
  '/cut-head': { text: 'HTTP/1.1 200 OK\r\nContent-', ends: true },
  '/nothing': { text: '', ends: true },
};

/** A server of `say(path, head)`, byte by byte as it is told: { port, origin, asked (paths) }. */
async function serve(say) {
  const asked = [];
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        asked.push(head.split(' ')[1]);
        const { text: answer, ends = false } = say(head.split(' ')[1], head);
        if (ends) socket.end(answer);
        else socket.write(answer);
      }
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  giveBack(() => server.close());
  const { port } = server.address();
  return { port, origin: `http://localhost:${port}`, asked };
}

const ask = async (paths, options) => {
  const site = await serve((target) => answers[target]);
  const counted = await load(site, paths.map((target) => requestFile(site, target)), { requests: 60, connections: 4, contains: 'Ada', ...options });
  return { ...counted, asked: site.asked.length };
};

for (const target of ['/right', '/to-the-end', '/close', '/chunks'])
  test(`load: ${target} is an answer`, async () => {
    const { answers: count, failed, reconnects, asked } = await ask([target], target === '/chunks' ? { contains: undefined } : {});
    assert.deepEqual({ count, failed, reconnects, asked }, { count: 60, failed: 0, reconnects: 0, asked: 60 });
  });

test('load: an answer without a body is one', async () => {
  const { answers: count, failed } = await ask(['/empty'], { status: 204, contains: undefined });
  assert.deepEqual({ count, failed }, { count: 60, failed: 0 });
});

for (const [target, what] of Object.entries({ '/busy': 'status 503', '/another': 'another answer', '/cut': 'cut off', '/cut-chunks': 'cut off', '/cut-head': 'cut off', '/nothing': 'no answer' }))
  test(`load: ${target} is a failure`, async () => {
    const { answers: count, failed, failures } = await ask([target]);
    assert.deepEqual({ count, failed, failures }, { count: 0, failed: 60, failures: { [what]: 60 } });
  });

test('load: asks in turn, and counts each kind', async () => {
  const { answers: count, failures, failed } = await ask(['/right', '/busy', '/right', '/cut', '/right', '/another']);
  assert.deepEqual({ count, failed, failures: Object.fromEntries(Object.entries(failures).sort()) },
    { count: 30, failed: 30, failures: { 'another answer': 10, 'cut off': 10, 'status 503': 10 } });
});

test('load: a connection that was closed meanwhile is opened again, and that is told', async () => {
  const { answers: count, failed, reconnects } = await ask(['/hangs-up']);
  assert.deepEqual({ count, failed, reconnects }, { count: 60, failed: 0, reconnects: 56 }, 'all but the first of each visitor');
});

test('load: nobody there', async () => {
  const site = await serve(() => answers['/right']);
  const { failed, answers: count } = await load({ ...site, port: 1 }, [requestFile(site, '/right')], { requests: 10 });
  assert.deepEqual({ failed, count }, { failed: 10, count: 0 });
});

// ---- whole logins

async function logins(say, seconds = 0.3) {
  const site = await serve(say);
  const { stdout } = await promisify(execFile)(path.join(build, 'tests/bench/logins'),
    ['--port', String(site.port), '--path', '/login', '--connections', '3', '--seconds', String(seconds), '--contains', 'Ada']);
  return { ...JSON.parse(stdout), site };
}

const to = (location, ...cookies) => ({ text: `HTTP/1.1 303 See Other\r\nLocation: ${location}\r\n${cookies.map((text) => `Set-Cookie: ${text}\r\n`).join('')}Content-Length: 0\r\n\r\n` });
const cookiesOf = (head) => head.match(/^Cookie: (.*)$/m)?.[1] ?? '';

test('logins: follows redirects, with the cookies that are left', async () => {
  const seen = new Set();
  const { logins: count, failed, requests } = await logins((target, head) => {
    seen.add(`${target} ${cookiesOf(head)}`);
    if (target === '/login') return to('/callback?code=1', 'state=s; Path=/; HttpOnly', 'other=o');
    if (target === '/callback?code=1') return to('/me', 'state=; Max-Age=0', 'session=1');
    return { text: whole('Ada') };
  });
  assert.ok(count > 0);
  assert.equal(failed, 0);
  assert.equal(requests, 3);
  assert.deepEqual([...seen].sort(), ['/callback?code=1 state=s; other=o', '/login ', '/me session=1; other=o'], 'each login begins without cookies');
});

for (const [what, say] of Object.entries({
  'another page': () => ({ text: whole('Bob') }),
  'a refusal': () => ({ text: whole('Ada', '403 Forbidden') }),
  'a circle': () => to('/login'),
  'another host': () => to('http://www.example.org/'),
  'no way on': () => ({ text: 'HTTP/1.1 303 See Other\r\nContent-Length: 0\r\n\r\n' }),
  'nobody who answers': () => answers['/nothing'],
}))
  test(`logins: ${what} is a failure`, async () => {
    const { logins: count, failed, first_failure } = await logins(say, 0.1);
    assert.equal(count, 0);
    assert.ok(failed > 0);
    assert.match(first_failure, /at step \d+: GET \/login/);
  });

// ---- processes

test('processes: each case, in turn, with its own environment, arguments and input; the same from memory', () => {
  const folder = workFolder('processes');
  const note = path.join(folder, 'note');
  const input = path.join(folder, 'input');
  fs.writeFileSync(input, 'input\n');
  fs.writeFileSync(path.join(folder, 'plan'), `run /bin/sh\nargument -c\nargument read x; echo "$NAME $x" >>${note}\nset NAME=Ada\ninput ${input}\nrun /bin/sh\nargument -c\nargument echo "$NAME" >>${note}\n`);
  for (const options of [[], ['--from-memory']]) {
    const lines = execFileSync(path.join(build, 'tests/bench/processes'), ['2', path.join(folder, 'plan'), ...options], { encoding: 'utf8' }).trim().split('\n');
    assert.deepEqual(lines.map((line) => line.split(' ')[0]), ['0', '1', '0', '1']);
    assert.ok(lines.every((line) => /^\d( \d+){5}$/.test(line)), lines.join('\n'));
    assert.equal(fs.readFileSync(note, 'utf8'), 'Ada input\n\n'.repeat(2));
    fs.rmSync(note);
  }
});

test('processes: a program that is killed ends the measurement', () => {
  const file = path.join(workFolder('processes'), 'plan');
  fs.writeFileSync(file, 'run /bin/sh\nargument -c\nargument kill -9 $$\n');
  assert.throws(() => execFileSync(path.join(build, 'tests/bench/processes'), ['2', file], { stdio: 'pipe' }), /sh failed/);
});

// ---- what is made of it

test('figures: grown by more than 5 %, or not', () => {
  const figures = (instructions, memory, libraries = 0) => ({ me: { what: 'me.cgi', instructions, calls: 100, memory, libraries } });
  const before = { kernel: '6.1', programs: figures(1000, 1000) };
  const grown = (kernel, now) => compare(before, { kernel }, now).compared.filter((figure) => figure.grown).map(({ name }) => name);
  assert.deepEqual(grown('6.1', figures(1050, 1050)), []);
  assert.deepEqual(grown('6.1', figures(1051, 1051)), ['instructions', 'memory']);
  assert.deepEqual(grown('6.12', figures(1000, 2000)), [], 'another kernel counts memory otherwise');
  assert.match(compare(before, { kernel: '6.12' }, figures(1000, 2000)).remarks[0], /memory: not compared/);
  assert.deepEqual(grown('6.1', figures(1000, 1000, 1)), ['libraries'], 'the first library is more than 5 %');
  assert.deepEqual(compare(before, { kernel: '6.1' }, {}).missing, ['me.cgi']);
  assert.match(compare(before, { kernel: '6.1' }, { ...figures(1, 1), new: figures(1, 1).me }).remarks[0], /new/);
});

test('statistics: the extremes of few, the quartiles of many, ratios of the same round', () => {
  assert.deepEqual(summary([3, 1, 2]), { median: 2, low: 1, high: 3 });
  assert.deepEqual(summary(Array.from({ length: 21 }, (_, i) => i)), { median: 10, low: 5, high: 15 });
  assert.deepEqual(ratios([2, 40, 6], [1, 10, 3]), { median: 2, low: 2, high: 4 });
  assert.equal(ratios([2], [0]), null);
});
