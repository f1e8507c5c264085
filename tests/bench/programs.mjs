// Each program from start to end, beside an empty one: time and memory, page faults, system calls, shared libraries,
// instructions.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build, workFolder } from '../e2e/support/place.mjs';
import { cgi, json } from '../e2e/support/cgi.mjs';
import { alone, exists, origin, say, signInAlone, tool } from './stage.mjs';
import { median, ratios, summary } from './statistics.mjs';

const page = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** The meta-variables of a GET, as a server sets them. */
export const variables = (program, conf, { query = '', headers = {}, ...more } = {}) => ({
  PATH: '/usr/bin:/bin',
  LATCHKEY_CONF: conf,
  GATEWAY_INTERFACE: 'CGI/1.1',
  SERVER_SOFTWARE: 'bench',
  SERVER_NAME: 'localhost',
  SERVER_PORT: '8080',
  SERVER_PROTOCOL: 'HTTP/1.1',
  REQUEST_METHOD: 'GET',
  REQUEST_URI: `/cgi-bin/${program}`,
  SCRIPT_NAME: `/cgi-bin/${program}`,
  QUERY_STRING: query,
  REMOTE_ADDR: '127.0.0.1',
  HTTP_HOST: 'localhost:8080',
  HTTP_USER_AGENT: 'Mozilla/5.0 (X11; Linux x86_64) bench',
  ...Object.fromEntries(Object.entries({ accept: 'application/json', ...headers })
    .map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value])),
  ...more,
});

/** The interpreter of a script's first line, as the kernel starts it; what it becomes is the empty program. */
function signedInScript(folder, asked) {
  const file = path.join(build, 'bin/signed-in');
  const script = path.join(folder, 'script');
  fs.writeFileSync(script, `#!${file} ${tool('empty')}\n`, { mode: 0o755 });
  return { id: 'signed-in', what: 'signed-in, then the empty program', program: 'signed-in', expects: 200, file, args: [tool('empty'), script], asked: { ...asked, SCRIPT_FILENAME: script } };
}

/**
 * What is measured: each a program, what it is asked, and the status that it must answer with. Those that are not built
 * are left out; a program that is built and stands nowhere here is told of (unmeasured()).
 */
function cases({ conf, folder }, cookie, token) {
  const signedIn = { cookie };
  const of = (id, what, program, expects, asked = {}) => ({ id, what, program, expects, file: path.join(build, 'cgi-bin', program), asked: variables(program, conf, asked) });
  const post = (headers) => ({ headers: { ...headers, origin }, REQUEST_METHOD: 'POST', CONTENT_LENGTH: '0', CONTENT_TYPE: 'application/x-www-form-urlencoded' });
  const all = [
    { ...of('empty', 'an empty static program', 'empty', 200), file: tool('empty') },
    of('me', 'me.cgi, signed in', 'me.cgi', 200, { headers: signedIn }),
    of('me-nobody', 'me.cgi, nobody is', 'me.cgi', 401),
    of('me-page', 'me.cgi, the account page', 'me.cgi', 200, { headers: { ...signedIn, accept: page } }),
    of('check', 'check.cgi, signed in', 'check.cgi', 204, { headers: signedIn }),
    of('check-nobody', 'check.cgi, nobody is', 'check.cgi', 401),
    of('login', 'login.cgi, starting a login', 'login.cgi', 303, { query: 'provider=one' }),
    of('login-page', 'login.cgi, the sign-in page', 'login.cgi', 200, { headers: { accept: page } }),
    of('logout-page', 'logout.cgi, its page', 'logout.cgi', 200, { headers: { ...signedIn, accept: page } }),
    of('logout', 'logout.cgi, a sign-out again', 'logout.cgi', 303, post({})),
    of('callback-refused', 'callback.cgi, refusing', 'callback.cgi', 400, { query: 'code=x&state=x', PATH_INFO: '/one' }),
    of('account-refused', 'account.cgi, refusing', 'account.cgi', 405),
    of('jwks', 'jwks.cgi', 'jwks.cgi', 200),
    of('files', 'files.cgi, a small file', 'files.cgi', 200, { PATH_INFO: '/small.txt', headers: signedIn }),
    of('api', 'api.cgi, a kept answer', 'api.cgi', 200, { PATH_INFO: '/kept/jwks' }),
    signedInScript(folder, variables('script', conf, { headers: signedIn })),
    of('token', 'token.cgi', 'token.cgi', 200, post({ ...signedIn, 'x-csrf-token': token })),
  ];
  return all.filter(({ id, program }) => id === 'empty' || exists(program));
}

/** Programs of the web server's that no case is for; fetch.cgi serves nobody. */
const unmeasured = (list) => fs.readdirSync(path.join(build, 'cgi-bin')).filter((name) => name !== 'fetch.cgi' && !list.some(({ program }) => program === name));

/** Runs each once, for its answer: what answers wrongly is not measured. */
function check(list) {
  for (const { what, file, args = [], asked, expects } of list) {
    const { stdout, stderr, status } = spawnSync(file, args, { env: asked, encoding: 'latin1' });
    const answered = Number(stdout.match(/^Status: (\d+)/m)?.[1] ?? 200);
    if (status !== 0 || answered !== expects) throw new Error(`${what}: ended with ${status}, answered ${answered} instead of ${expects}\n${stderr}`);
  }
}

/** Writes the plan of processes.c. */
export function plan(list) {
  const file = path.join(workFolder('plan'), 'plan');
  fs.writeFileSync(file, list.map(({ file: program, args = [], asked }) =>
    [`run ${program}`, ...args.map((text) => `argument ${text}`), ...Object.entries(asked).map(([name, value]) => `set ${name}=${value}`)].map((line) => `${line}\n`).join('')).join(''));
  return file;
}

/** Runs the plan: for each case, in order, the samples { times, processor (ms), memory (KB), faults }. */
export function run(list, rounds, ...options) {
  const { stdout, stderr, status } = spawnSync(tool('processes'), [String(rounds), plan(list), ...options], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`processes: ${stderr}`);
  const samples = list.map(() => ({ times: [], processor: [], memory: [], faults: [] }));
  for (const line of stdout.trim().split('\n')) {
    const [number, time, processor, memory, minor, major] = line.split(' ').map(Number);
    samples[number].times.push(time / 1e6);
    samples[number].processor.push(processor / 1e6);
    samples[number].memory.push(memory);
    samples[number].faults.push(minor + major);
  }
  return samples;
}

/** Of the program itself: what it becomes by execve() is another's. */
export function instructions({ file, args = [], asked }) {
  const profile = path.join(workFolder('callgrind'), 'profile');
  const { stderr } = spawnSync('valgrind', ['--tool=callgrind', '--dump-before=execve', `--callgrind-out-file=${profile}`, file, ...args], { env: asked, encoding: 'utf8' });
  const dump = [`${profile}.1`, profile].find((name) => fs.existsSync(name));
  const count = dump && fs.readFileSync(dump, 'utf8').match(/^(?:totals|summary): (\d+)/m)?.[1];
  if (!count) throw new Error(`callgrind: ${stderr}`);
  return Number(count);
}

export function systemCalls({ file, args = [], asked }) {
  const report = path.join(workFolder('strace'), 'report');
  const { status, stderr } = spawnSync('strace', ['-f', '-c', '--summary-columns=calls,name', '-o', report, file, ...args], { env: asked, encoding: 'utf8' });
  const total = status === 0 && fs.readFileSync(report, 'utf8').match(/^\s*(\d+)\s+total/m)?.[1];
  if (!total) throw new Error(`strace: ${stderr}`);
  return Number(total);
}

function libraries({ file }) {
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('/')).length;
}

/** The place, signed in: { list, conf, cookie }. */
async function prepare(provider) {
  const folder = workFolder('files');
  const more = [`[files]\nfolder = ${folder}`, `[api kept]\nbase_url = ${provider.issuer}/\naccess = anyone\ncache = 1h`]
    .filter((section) => exists(`${section.match(/\w+/)[0]}.cgi`)).join('\n');
  fs.writeFileSync(path.join(folder, 'small.txt'), 'Nothing to see here.\n');
  const place = { ...alone(provider, { more }), folder };
  const cookie = await signInAlone(place);
  const me = json(await cgi('me.cgi', place, { headers: { cookie, accept: 'application/json' } }));
  const list = cases(place, cookie, me.csrf_token);
  check(list);
  return list;
}

/** Those that do not depend on what else the machine does, nor on where its files lie: by case. */
function repeatable(list) {
  const samples = run(list, 7, '--from-memory');
  return Object.fromEntries(list.map((program, i) => [program.id, {
    what: program.what,
    instructions: instructions(program),
    calls: systemCalls(program),
    memory: median(samples[i].memory),
    libraries: libraries(program),
  }]));
}

export async function measureRepeatable(provider) {
  return repeatable(await prepare(provider));
}

/** The whole part: { rows: [{ id, what, ratio, time, processor, memory, faults, calls, libraries, instructions }], unmeasured }. */
export async function measurePrograms(provider, { rounds }) {
  const list = await prepare(provider);
  say(`programs: ${list.length} cases, ${rounds} rounds`);
  run(list, 5); // to have them in memory
  const samples = run(list, rounds);
  say('programs: instructions and system calls');
  const figures = repeatable(list);
  const rows = list.map(({ id, what }, i) => ({
    ...figures[id],
    id,
    what,
    ratio: ratios(samples[i].times, samples[0].times),
    time: summary(samples[i].times),
    processor: median(samples[i].processor),
    memory: median(samples[i].memory),
    faults: median(samples[i].faults),
  }));
  return { rows, figures, unmeasured: unmeasured(list) };
}
