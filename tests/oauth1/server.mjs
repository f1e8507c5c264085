// The OAuth 1.0 server of server.py, from Node: one process for a whole test file, made anew for each test by reset().
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import path from 'node:path';
import { giveBack, top } from '../e2e/support/place.mjs';

let process_ = null;

// Debian's own interpreter: its packages are what tests/run/packages installs.
async function launch() {
  const child = spawn('/usr/bin/python3', [path.join(top, 'tests/oauth1/server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  giveBack(() => child.kill());
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the server of tests/oauth1 ended');
    return JSON.parse(value);
  };
  const { port } = await read();
  const ask = async (command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return read();
  };
  return { origin: `http://127.0.0.1:${port}`, ask };
}

export class Server {
  /** `settings` are those of server.py. */
  static async start(settings) {
    process_ ??= await launch();
    const server = new Server();
    Object.assign(server, { origin: process_.origin, settings });
    await server.reset(settings);
    return server;
  }

  /** Forgets all that happened. */
  reset(settings) { return process_.ask({ reset: settings }); }

  /** Changes settings in the middle of a login. */
  change(settings) { return process_.ask({ change: settings }); }

  /** { requests, complaints, secrets } since the test began. */
  report() { return process_.ask({ report: true }); }

  /** The person at the authorization endpoint says yes, or what `deny` has it say; returns where the browser is sent to. */
  async authorize(url) {
    const answer = await fetch(url, { redirect: 'manual' });
    if (answer.status !== 302) throw new Error(`the authorization endpoint: ${answer.status} ${await answer.text()}`);
    return new URL(answer.headers.get('location'));
  }
}
