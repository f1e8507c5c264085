// A site with gates: files and a script behind them, two people, one of them of the staff; and requests that no browser sends.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Provider } from '../../hostile/provider.mjs';
import { giveBack, top, workFolder } from './place.mjs';
import { startSite } from './site.mjs';
import { Visitor } from './visitor.mjs';

// Not one byte of it may get out; no path, log line or page has it by accident.
export const secret = 'what-is-behind-the-gate-5f0c9d';

// It tells the environment as it was started with, a variable that is there twice included: /bin/sh shows but one.
const script = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "$REQUEST_METHOD" >>"\${0%/*}/../hits/hits"
echo '${secret}'
base64 -w0 "/proc/$$/environ"
echo
[ "\${CONTENT_LENGTH:-0}" -eq 0 ] || head -c "$CONTENT_LENGTH" | base64 -w0
echo
`;

/** The folder of a site: /members/ and /staff/ behind gates, /open.txt not. */
export function content() {
  const folder = workFolder('www');
  for (const part of ['members', 'members/inner', 'staff', 'public', 'hits']) fs.mkdirSync(path.join(folder, part), { mode: 0o755 });
  for (const file of ['members/secret.txt', 'members/index.html', 'members/inner/secret.txt', 'members/한글.txt', 'staff/secret.txt'])
    fs.writeFileSync(path.join(folder, file), `${secret}\n`);
  for (const file of ['open.txt', 'public/open.txt', 'index.html']) fs.writeFileSync(path.join(folder, file), 'open\n');
  for (const file of ['members/env.cgi']) fs.writeFileSync(path.join(folder, file), script, { mode: 0o755 });
  fs.chmodSync(path.join(folder, 'hits'), 0o777);
  return folder;
}

/** How often the script was started. */
export function hits(site) {
  const file = path.join(site.www, 'hits/hits');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

/** What the script was told: { environment, body }. */
export function told(answer) {
  const [first, environment, body] = answer.body.split('\n');
  assert.equal(first, secret, `${answer.status} ${answer.body}`);
  const pairs = Buffer.from(environment, 'base64').toString().split('\0').filter(Boolean).map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return { environment: Object.fromEntries(pairs), pairs, body: Buffer.from(body, 'base64').toString() };
}

export const ada = { sub: 'ada-1', name: '김하늘, 100% "x"\\', email: 'ada@example.org', email_verified: true, groups: ['staff', 'IT, admins', '관리자'] };
export const bob = { sub: 'bob-1', name: 'Bob', email: 'bob@example.org', email_verified: false, groups: [] };

const rules = `
[rule staff]
groups = staff
`;

const gate = (server) => fs.readFileSync(path.join(top, `www/examples/gate-${server}.conf`), 'utf8');

/**
 * A server with the snippet of the gate, and people. `change` may rewrite the snippet; `more` is a function of the folder, for
 * what else the server needs. Returns startSite()'s, and
 * { provider, signIn(person) → a visitor who is that person }.
 */
export async function startGates({ server, fastcgi = false, change = (text) => text, more = () => '', ...options }) {
  const provider = await Provider.start();
  giveBack(() => provider.stop());
  const www = content();
  const site = await startSite({
    server, fastcgi, www, extra: `${change(gate(server))}\n${more(www)}`,
    providers: (origin) => {
      provider.client.redirectUri = `${origin}/cgi-bin/callback.cgi/op`;
      return `[provider op]\nissuer = ${provider.issuer}\nclient_id = ${provider.client.id}\nclient_secret = ${provider.client.secret}\n${rules}`;
    },
    ...options,
  });
  return Object.assign(site, {
    provider, www,
    async signIn(person, visitor = new Visitor()) {
      provider.person = person;
      const begun = await visitor.get(`${site.origin}/cgi-bin/login.cgi?provider=op`);
      assert.equal(begun.status, 303, `${begun.body}\n${site.log()}`);
      const answer = provider.authorize(begun.headers.location);
      const back = await visitor.get(`${provider.client.redirectUri}?${new URLSearchParams(answer)}`);
      assert.equal(back.status, 303, `${back.body}\n${site.log()}`);
      const me = await visitor.get(`${site.origin}/cgi-bin/me.cgi`, { headers: { accept: 'application/json' } });
      visitor.sub = JSON.parse(me.body).sub;
      return visitor;
    },
  });
}

/** Bytes to the server, and all that comes back until it closes, or says nothing for a while. */
export function raw(site, text, { patience = 1500 } = {}) {
  return new Promise((resolve) => {
    const chunks = [];
    const end = () => { socket.destroy(); resolve(Buffer.concat(chunks).toString('latin1')); };
    const socket = net.connect(site.port, '127.0.0.1', () => socket.write(Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1')));
    socket.setTimeout(patience, end);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', end);
    socket.on('close', end);
  });
}

export const rawGet = (site, target, { method = 'GET', headers = [], version = 'HTTP/1.1', ...options } = {}) =>
  raw(site, [`${method} ${target} ${version}`, `Host: localhost:${site.port}`, ...headers, 'Connection: close', '', ''].join('\r\n'), options);
