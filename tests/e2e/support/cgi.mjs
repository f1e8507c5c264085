// A program by itself: meta-variables set as a web server sets them (RFC 3875 4.1), the answer taken apart.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cgiBin, templates, workFolder } from './place.mjs';

export const origin = 'http://localhost:8080';

/** A configuration and an empty state folder: { conf, state }. Secrets of sections make it private. */
export function setup(sections = '', { site = '', conf: whole } = {}) {
  const work = workFolder('cgi');
  const state = path.join(work, 'state');
  fs.mkdirSync(state, { mode: 0o700 });
  const conf = path.join(work, 'latchkey.conf');
  fs.writeFileSync(conf, whole?.(state) ?? `[site]
base_url = ${origin}
state_dir = ${state}
templates = ${templates}
${site}
${sections}
`, { mode: 0o600 });
  return { conf, state };
}

/** Two providers whose endpoints are all given, so that a login begins without a call to anybody. */
export const twoProviders = ['one', 'two'].map((id) => `
[provider ${id}]
type = oidc
label = Provider ${id}
issuer = http://localhost:9
authorization_endpoint = http://localhost:9/authorize
token_endpoint = http://localhost:9/token
jwks_uri = http://localhost:9/jwks
userinfo = no
client_id = latchkey-${id}
client_secret = a-secret-of-${id}
`).join('');

/**
 * Runs a program once: { status, headers, cookies, body, log, code }.
 * The place may say where the `programs` are. `variables` adds meta-variables, or with undefined leaves them out. `args` are
 * those of the command line, as a server makes them of a query without "=".
 * `killAfter` milliseconds: killed then, and what it had said by then is `null` if that is no answer. `filesAtMost` bytes: what a
 * file can grow to.
 */
export function cgi(program, { conf, programs = cgiBin }, { method = 'GET', pathInfo = '', query = '', headers = {}, body, variables = {}, args = [], killAfter, filesAtMost } = {}) {
  const environment = {
    PATH: '/usr/bin:/bin',
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'test',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '8080',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: method,
    SCRIPT_NAME: `/cgi-bin/${program}`,
    PATH_INFO: pathInfo || undefined,
    QUERY_STRING: query,
    REMOTE_ADDR: '127.0.0.1',
    LATCHKEY_CONF: conf,
    ...sanitizers(),
  };
  if (body !== undefined) {
    environment.CONTENT_LENGTH = String(Buffer.byteLength(body));
    environment.CONTENT_TYPE = 'application/x-www-form-urlencoded';
  }
  for (const [name, value] of Object.entries(headers))
    environment[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
  Object.assign(environment, variables);
  for (const name of Object.keys(environment)) if (environment[name] === undefined) delete environment[name];

  return new Promise((resolve, reject) => {
    const file = path.join(programs, program);
    const limited = ['-c', `trap "" XFSZ; ulimit -f ${Math.ceil(filesAtMost / 512)}; exec "$0"`, file];
    const child = spawn(filesAtMost ? '/bin/sh' : file, filesAtMost ? limited : args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    const killing = killAfter === undefined ? null : setTimeout(() => child.kill('SIGKILL'), killAfter);
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.on('error', () => {}); // it need not read what it does not want
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const log = Buffer.concat(err).toString();
      clearTimeout(killing);
      try {
        resolve({ ...parse(Buffer.concat(out).toString('latin1')), log, code: code ?? signal });
      } catch (error) {
        if (killing && signal === 'SIGKILL') resolve(null);
        else reject(new Error(`${program}: ${error.message}, ended with ${code ?? signal}\n${log}`));
      }
    });
    child.stdin.end(body ?? '');
  });
}

export const sanitizers = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(A|UB|L)SAN_OPTIONS$/.test(name)));

// RFC 3875 6.2: fields, an empty line, the body.
export function parse(text) {
  const end = text.search(/\r?\n\r?\n/);
  if (end < 0) throw new Error(`no end of the header: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = {};
  const cookies = [];
  for (const line of text.slice(0, end).split(/\r?\n/)) {
    const [, name, value] = line.match(/^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/) ?? [];
    if (!name) throw new Error(`not a field: ${JSON.stringify(line)}`);
    if (name.toLowerCase() === 'set-cookie') cookies.push(value);
    else if (name.toLowerCase() in headers) throw new Error(`the field ${name} stands twice`);
    else headers[name.toLowerCase()] = value;
  }
  return {
    status: headers.status ? Number(headers.status.slice(0, 3)) : 200,
    headers,
    cookies,
    body: Buffer.from(text.slice(end).replace(/^\r?\n\r?\n/, ''), 'latin1').toString(),
  };
}

/** The answer's JSON, which must be well-formed and called so. */
export function json(answer) {
  if (!/^application\/json\b/.test(answer.headers['content-type'])) throw new Error(`not JSON: ${answer.headers['content-type']}`);
  return JSON.parse(answer.body);
}

export const page = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
