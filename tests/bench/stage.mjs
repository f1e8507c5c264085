// What is measured stands here: the folders, the provider, the configuration, somebody who is signed in.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { build, cgiBin, freePort, giveAllBack, listening, serverUser, start, templates, top, workFolder } from '../e2e/support/place.mjs';
import { cgi } from '../e2e/support/cgi.mjs';

export const origin = 'http://localhost:8080';
export const here = path.join(top, 'tests/bench');
export const tool = (name) => path.join(build, 'tests/bench', name);
export const secret = 'a-secret-of-the-benchmark-of-32-bytes-and-more';

/** Does the work, and gives back whatever it took, also if it is interrupted: a million sessions take some room. */
export async function orderly(work) {
  for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.once(signal, () => giveAllBack().finally(() => process.exit(status)));
  try {
    return await work();
  } finally {
    await giveAllBack();
  }
}

/** A word on what is going on, for the person who waits. */
export const say = (text) => process.stderr.write(`${text}\n`);

/** The provider that says yes at once: { issuer, counts() }. */
export async function startProvider() {
  const port = await freePort();
  const log = path.join(workFolder('provider'), 'log');
  await listening(port, start(tool('instant_provider'), [String(port)], { log }), log);
  const issuer = `http://127.0.0.1:${port}`;
  return {
    issuer,
    /** What it was asked since the last time, by endpoint; and over how many connections. */
    async counts() {
      const { connections, ...asked } = await (await fetch(`${issuer}/counts`, { headers: { connection: 'close' } })).json();
      return { ...asked, connections: connections - 1 };
    },
  };
}

/** The providers of every site: the one that answers, and two presets beside it, as on most sign-in pages. */
export const sections = (provider) => `
[provider one]
type = oidc
label = Provider one
issuer = ${provider.issuer}
client_id = bench
client_secret = ${secret}

[provider google]
client_id = bench
client_secret = ${secret}

[provider github]
client_id = bench
client_secret = ${secret}
`;

/** The programs as they are installed, and what is measured beside them. */
export function programsFolder() {
  const folder = path.join(workFolder('programs'), 'cgi-bin');
  fs.cpSync(cgiBin, folder, { recursive: true });
  fs.copyFileSync(tool('empty'), path.join(folder, 'empty.cgi'));
  fs.copyFileSync(path.join(here, 'flask_app.py'), path.join(folder, 'flask_app.py'));
  fs.writeFileSync(path.join(folder, 'flask.cgi'), `#!/bin/sh\nexec /usr/bin/python3 ${folder}/flask_app.py\n`, { mode: 0o755 });
  return folder;
}

export const exists = (program) => fs.existsSync(path.join(build, 'cgi-bin', program)) || fs.existsSync(path.join(build, 'bin', program));

/** A configuration and a state folder that nobody but us has open: { conf, state }. */
export function alone(provider, { more = '' } = {}) {
  const folder = workFolder('alone');
  const state = path.join(folder, 'state');
  const conf = path.join(folder, 'latchkey.conf');
  fs.mkdirSync(state, { mode: 0o700 });
  fs.writeFileSync(conf, `[site]
base_url = ${origin}
state_dir = ${state}
templates = ${templates}
${sections(provider)}
${more}
`, { mode: 0o600 });
  return { conf, state };
}

/** A whole login by the programs themselves; the session's cookie. */
export async function signInAlone(place) {
  const begun = await cgi('login.cgi', place, { query: 'provider=one' });
  if (begun.status !== 303) throw new Error(`login.cgi: ${begun.status}\n${begun.log}`);
  const back = new URL((await fetch(begun.headers.location, { redirect: 'manual' })).headers.get('location'));
  const cookie = begun.cookies[0].split(';')[0];
  const done = await cgi('callback.cgi', place, { query: back.search.slice(1), pathInfo: '/one', headers: { cookie } });
  const session = done.cookies.find((text) => /^latchkey-session=./.test(text));
  if (!session) throw new Error(`callback.cgi: ${done.status}\n${done.log}`);
  return session.split(';')[0];
}

/** Gives a folder to the user that a server runs its programs as. */
export function handOver(folder) {
  if (serverUser) execFileSync('chown', ['-R', `${serverUser}:`, folder]);
}

/** A process of ours, its output in a file; ended with the rest. */
export function startQuietly(command, args, env) {
  const log = path.join(workFolder('log'), 'log');
  return { ...start(command, args, { log, env }), log };
}
