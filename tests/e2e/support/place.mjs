// Where things are, and what a test takes from the machine: folders, ports, processes. Whatever was taken is
// given back when the test file ends, however it ends; a program that is no test says when itself.
import { spawn } from 'node:child_process';
import { after } from 'node:test';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = path.resolve(top, process.env.BUILD ?? 'build');
// after() inside a test belongs to that test; here it belongs to the file.
const givenBack = [];
export const giveBack = (how) => givenBack.push(how);
export async function giveAllBack() {
  while (givenBack.length > 0) await givenBack.pop()();
}
if (process.argv[1]?.endsWith('.test.mjs')) after(giveAllBack);

const isRoot = process.getuid() === 0;

// The user that a server started by root runs its programs as.
export const serverUser = isRoot ? 'www-data' : null;

export const cgiBin = served(path.join(build, 'cgi-bin'));
export const site = served(path.join(top, 'www/site'));
export const templates = served(path.join(top, 'www/templates'));

/** The folder itself; or a copy, where the servers' user could not reach it (root's own checkout below /root). */
function served(folder) {
  const closed = (place) => (fs.statSync(place).mode & 0o005) !== 0o005 || (place !== '/' && closed(path.dirname(place)));
  if (!isRoot || !fs.existsSync(folder) || !closed(folder)) return folder;
  const copy = path.join(workFolder('copy'), path.basename(folder));
  fs.cpSync(folder, copy, { recursive: true, dereference: true });
  return copy;
}

/** A new folder that the servers' user can write to. */
export function workFolder(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `latchkey-${name}-`));
  fs.chmodSync(folder, 0o755);
  giveBack(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a folder as the state folder must be: the server user's, and nobody else's. */
export function stateFolder(folder) {
  fs.mkdirSync(folder, { mode: 0o700 });
  if (isRoot) {
    const [uid, gid] = userIds(serverUser);
    fs.chownSync(folder, uid, gid);
  }
  return folder;
}

function userIds(name) {
  const line = fs.readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`));
  return line.split(':').slice(2, 4).map(Number);
}

/** Writes a file that holds a secret: readable by us and by the servers' user. */
export function writeSecret(file, text) {
  fs.writeFileSync(file, text, { mode: 0o640 });
  fs.chmodSync(file, 0o640); // it may have been there
  if (isRoot) fs.chownSync(file, 0, userIds(serverUser)[1]);
  return file;
}

/** A port that is free on both loopback addresses. */
export async function freePort() {
  for (;;) {
    const port = await tryPort(0, '127.0.0.1');
    if (port && (await tryPort(port, '::1')) !== false) return port;
  }
}

function tryPort(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    // No IPv6 on this machine is no obstacle.
    server.once('error', (error) => resolve(error.code === 'EADDRINUSE' ? false : null));
    server.listen(port, host, () => {
      const { port: got } = server.address();
      server.close(() => resolve(got));
    });
  });
}

/** Starts a process whose output goes to a file; it is ended after the tests. */
export function start(command, args, { log, env = {} }) {
  const output = fs.openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env } });
  fs.closeSync(output);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  giveBack(stop);
  return { child, ended, stop };
}

/** Waits until somebody listens on the port, or the process has ended. */
export async function listening(port, process_, log) {
  for (let i = 0; i < 200; i++) {
    if (process_.child.exitCode !== null) break;
    const reached = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (reached) return;
    await sleep(50);
  }
  throw new Error(`nobody listens on port ${port}:\n${fs.readFileSync(log, 'utf8')}`);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
