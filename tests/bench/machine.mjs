// What was measured on: processor, system, versions, and how long its disk takes to keep something for good.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, top } from '../e2e/support/place.mjs';
import { median } from './statistics.mjs';

/** The first match in what a command prints, on either stream; "?" if there is none. */
function said(pattern, command, ...args) {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  return `${stdout ?? ''}\n${stderr ?? ''}`.match(pattern)?.[1] ?? '?';
}

const packageVersion = (name) => said(/^(\S+)/, 'dpkg-query', '-W', '-f', '${Version}', name);

function release() {
  const text = fs.existsSync('/etc/os-release') ? fs.readFileSync('/etc/os-release', 'utf8') : '';
  const value = (name) => text.match(new RegExp(`^${name}="?([^"\n]*)`, 'm'))?.[1] ?? '?';
  return { name: value('PRETTY_NAME'), id: `${value('ID')}-${value('VERSION_ID')}` };
}

/** Whether the programs of the hot path are static. */
export const isStatic = () => said(/(statically linked|not a dynamic executable)/, 'ldd', path.join(build, 'cgi-bin/me.cgi')) !== '?';

/** Milliseconds to write a page and have it kept, in this folder. */
function syncTime(folder) {
  const file = path.join(folder, 'sync');
  const descriptor = fs.openSync(file, 'w');
  const page = Buffer.alloc(4096, 1);
  const times = [];
  for (let i = 0; i < 50; i++) {
    const start = process.hrtime.bigint();
    fs.writeSync(descriptor, page, 0, page.length, i * page.length);
    fs.fdatasyncSync(descriptor);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  fs.closeSync(descriptor);
  fs.rmSync(file);
  return median(times);
}

function revision() {
  const git = (...args) => execFileSync('git', ['-C', top, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'lib', 'cgi-bin', 'Makefile') ? ', with changes' : '');
  } catch {
    return '?'; // no repository: a tarball
  }
}

/** What repeatable figures depend on: only those of the same kind can be compared. */
export function kind() {
  const compiler = fs.readFileSync(path.join(build, 'flags'), 'utf8');
  const options = compiler.match(/-O\S+/g)?.at(-1) ?? '-O0';
  const name = compiler.split(' ').find((word) => /(gcc|clang|cc)$/.test(word)) ?? 'cc';
  const version = said(/^(\d+)/, name, '-dumpversion');
  const vendor = said(/(clang)/, name, '--version') === '?' ? 'gcc' : 'clang';
  return `${release().id} ${os.machine?.() ?? os.arch()} ${vendor}-${version} ${options} ${isStatic() ? 'static' : 'dynamic'}`;
}

/** The kernel's version as far as it changes how memory is counted. */
export const kernel = () => os.release().split('.').slice(0, 2).join('.');

export function machine(folder) {
  const [processor] = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    revision: revision(),
    kind: kind(),
    kernel: kernel(),
    facts: {
      Processor: `${os.cpus().length} × ${processor?.model.trim() ?? '?'}`,
      Memory: `${Math.round(os.totalmem() / 2 ** 30)} GB`,
      System: `${release().name}, Linux ${os.release()}`,
      'Busy with other work': `load ${os.loadavg()[0].toFixed(2)} at the beginning`,
      'State folder': `${said(/^(\S+)/m, 'stat', '-f', '-c', '%T', folder)}, ${syncTime(folder).toFixed(2)} ms to keep a page for good (fdatasync)`,
      Programs: `${isStatic() ? 'linked statically' : 'linked dynamically: no static archives here'}; ${kind()}`,
      Apache: packageVersion('apache2-bin'),
      mod_fcgid: packageVersion('libapache2-mod-fcgid'),
      mod_auth_openidc: packageVersion('libapache2-mod-auth-openidc'),
      nginx: packageVersion('nginx'),
      lighttpd: packageVersion('lighttpd'),
      SQLite: packageVersion('libsqlite3-0'),
      OpenSSL: packageVersion('libssl-dev'),
      'Flask, Authlib, gunicorn, Python': ['python3-flask', 'python3-authlib', 'gunicorn', 'python3'].map(packageVersion).join(', '),
    },
  };
}
