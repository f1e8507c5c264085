// `make install` into a folder of its own: what is where, what is left alone; and the installed programs at work under the
// servers, by the snippets and the sample configuration that were installed with them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { signIn, whoAmI } from './support/login.mjs';
import { build, top, workFolder } from './support/place.mjs';
import { startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const root = workFolder('install');
const stage = path.join(root, 'stage');
const prefix = path.join(root, 'prefix');

// In a build folder of its own, since other paths are compiled in; and not as a part of the make that may run this.
const { MAKEFLAGS, MAKELEVEL, MFLAGS, ...environment } = process.env;
const make = (...args) => execFileSync('make', ['--no-print-directory', '-C', top, `BUILD=${path.relative(top, build)}/install`, ...args],
  { encoding: 'utf8', env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
const list = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const file = path.join(folder, entry.name);
  return entry.isDirectory() ? list(file) : [file];
}).sort();
const mode = (file) => (fs.statSync(file).mode & 0o777).toString(8);

test('DESTDIR holds everything, each where its variable says', () => {
  make('install', `DESTDIR=${stage}`);
  const at = (file) => path.join(stage, file);
  for (const program of ['login', 'callback', 'me', 'logout', 'fetch']) assert.equal(mode(at(`usr/local/lib/cgi-bin/${program}.cgi`)), '755');
  assert.equal(mode(at('usr/local/bin/latchkey')), '755');
  assert.equal(mode(at('usr/local/bin/signed-in')), '755');
  for (const page of ['latchkey.1', 'signed-in.1']) assert.equal(mode(at(`usr/local/share/man/man1/${page}`)), '644');
  for (const file of ['lib/liblatchkey.a', 'lib/pkgconfig/latchkey.pc', 'include/latchkey.h', 'share/doc/latchkey/who.c'])
    assert.equal(mode(at(`usr/local/${file}`)), '644');
  for (const template of fs.readdirSync(path.join(top, 'www/templates'))) assert.equal(mode(at(`usr/local/share/latchkey/templates/${template}`)), '644');
  assert.ok(fs.existsSync(at('usr/local/share/latchkey/www/index.html')));
  for (const script of ['latchkey.js', 'latchkey.module.js', 'latchkey.d.ts', 'latchkey.module.d.ts']) {
    const file = at(`usr/local/share/latchkey/www/${script}`);
    assert.deepEqual([fs.lstatSync(file).isFile(), mode(file)], [true, '644'], 'a file of its own, and no link into the sources');
  }
  for (const server of ['apache', 'lighttpd', 'nginx', 'caddy', 'gate-apache', 'gate-lighttpd', 'gate-nginx', 'gate-caddy']) {
    const snippet = fs.readFileSync(at(`usr/local/share/doc/latchkey/${server}.conf`), 'utf8');
    assert.ok(snippet.includes('/usr/local/lib/cgi-bin') && snippet.includes('/etc/latchkey.conf'));
    assert.ok(!/@[A-Z]+@/.test(snippet), 'no placeholder is left');
  }
  const closed = at('usr/local/share/doc/latchkey/signed-in');
  for (const script of fs.readdirSync(closed).filter((name) => name.endsWith('.cgi')))
    assert.match(fs.readFileSync(path.join(closed, script), 'utf8'), /^#!\/usr\/local\/bin\/signed-in \//);
  assert.match(fs.readFileSync(at('etc/latchkey.conf.sample'), 'utf8'), /^state_dir = \/var\/lib\/latchkey$/m);
  assert.equal(mode(at('var/lib/latchkey')), '700');
  assert.ok(!fs.existsSync(at('etc/latchkey.conf')), 'the configuration is for the operator to write');
});

/** What pkg-config says of the library below a folder. */
const flags = (folder, root = folder) => execFileSync('pkg-config', ['--cflags', '--libs', '--static', 'latchkey'], { encoding: 'utf8',
  env: { ...environment, PKG_CONFIG_PATH: path.join(folder, 'lib/pkgconfig'), ...(root === folder ? {} : { PKG_CONFIG_SYSROOT_DIR: root }) },
}).trim().split(/\s+/);
const compile = (program, source, options) => execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', program, source, ...options],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('a program in C is built with the installed library, whatever its own names are', () => {
  const usr = path.join(stage, 'usr/local');
  const options = flags(usr, stage);
  compile(path.join(root, 'who'), path.join(usr, 'share/doc/latchkey/who.c'), options);
  const symbols = execFileSync('nm', ['--defined-only', '--extern-only', '-P', path.join(usr, 'lib/liblatchkey.a')], { encoding: 'utf8' })
    .split('\n').filter((line) => /^\S+ [A-Z] /.test(line)).map((line) => line.split(' ')[0]);
  assert.ok(symbols.length > 5, symbols.join(' '));
  assert.deepEqual(symbols.filter((name) => !name.startsWith('latchkey_')), [], 'it has no other name that could meet one of a program');
  const declared = fs.readFileSync(path.join(usr, 'include/latchkey.h'), 'utf8').match(/\blatchkey_[a-z_]+(?=\()/g);
  assert.deepEqual([...symbols].sort(), [...new Set(declared)].sort(), 'the header has them all');
  // Names that our own objects have too.
  const clash = path.join(root, 'clash.c');
  fs.writeFileSync(clash, `#include <latchkey.h>
#include <stdio.h>
int arena_alloc = 1, request_read = 2, session_load = 3, json_parse = 4, serve = 5, fail = 6, gate_open = 7, error_set = 8;
int main(void) {
    char *environment[] = {NULL};
    struct latchkey *latchkey = latchkey_open(environment);
    printf("%d %d\\n", latchkey_user(latchkey) == NULL,
           arena_alloc + request_read + session_load + json_parse + serve + fail + gate_open + error_set);
    latchkey_close(latchkey);
    return 0;
}
`);
  compile(path.join(root, 'clash'), clash, options);
  assert.equal(execFileSync(path.join(root, 'clash'), { encoding: 'utf8', env: {}, stdio: ['ignore', 'pipe', 'ignore'] }), '1 36\n');
  const needed = execFileSync('objdump', ['-p', path.join(root, 'who')], { encoding: 'utf8' });
  assert.ok(!/NEEDED.*(curl|fcgi)/.test(needed), needed);
});

test('installing again leaves configuration and state alone; uninstalling too', () => {
  const kept = { 'etc/latchkey.conf': 'mine', 'var/lib/latchkey/latchkey.db': 'precious' };
  for (const [file, text] of Object.entries(kept)) fs.writeFileSync(path.join(stage, file), text);
  make('install', `DESTDIR=${stage}`);
  make('uninstall', `DESTDIR=${stage}`);
  assert.deepEqual(list(stage), Object.keys(kept).map((file) => path.join(stage, file)).sort());
  for (const [file, text] of Object.entries(kept)) assert.equal(fs.readFileSync(path.join(stage, file), 'utf8'), text);
});

test('another prefix, and the sample configuration as it is, but for who may read it', async () => {
  make('install', `PREFIX=${prefix}`, `SYSCONFDIR=${prefix}/etc`, `STATEDIR=${prefix}/state`);
  const conf = path.join(prefix, 'etc/latchkey.conf');
  fs.copyFileSync(`${conf}.sample`, conf);
  fs.chmodSync(conf, 0o600);
  const run = (environment) => execFileSync(`${prefix}/lib/cgi-bin/me.cgi`, { encoding: 'utf8',
    env: { REQUEST_METHOD: 'GET', GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1', ...environment } });
  assert.match(run({ LATCHKEY_CONF: conf }), /^Status: 401 /);
  assert.match(run({}), /^Status: 401 /, 'it is found without being told');
  const latchkey = (...args) => execFileSync(`${prefix}/bin/latchkey`, args, { encoding: 'utf8', env: {} });
  assert.match(latchkey('check', '--offline'), /^ok +configuration .*, 1 provider$/m);
});

/** The example in C, built with what is installed below the prefix, as who.cgi among the programs; and a script closed by a line. */
function addGuests() {
  const cgi = path.join(prefix, 'lib/cgi-bin');
  compile(path.join(cgi, 'who.cgi'), path.join(prefix, 'share/doc/latchkey/who.c'), flags(prefix));
  fs.copyFileSync(path.join(prefix, 'share/doc/latchkey/signed-in/shell.cgi'), path.join(cgi, 'shell.cgi'));
}

async function checkGuests(site, visitor, { sub, name }) {
  for (const [program, text] of [['who.cgi', `You are ${sub}.\n`], ['shell.cgi', `Hello, ${name}.\n`]]) {
    const url = `${site.origin}/cgi-bin/${program}`;
    const answer = await visitor.get(url);
    assert.deepEqual([answer.status, answer.body], [200, text], site.log());
    const stranger = await new Visitor().get(url);
    assert.equal(stranger.status, 303, site.log());
    assert.equal(stranger.headers.location, `${site.origin}/cgi-bin/login.cgi?return_to=%2Fcgi-bin%2F${program}`);
  }
}

for (const server of ['apache', 'lighttpd', 'nginx']) {
  test(`the installed programs work under ${server} by the installed snippet`, async () => {
    let op;
    addGuests();
    const site = await startSite({
      server,
      cgi: `${prefix}/lib/cgi-bin`,
      www: `${prefix}/share/latchkey/www`,
      snippets: `${prefix}/share/doc/latchkey`,
      templates: null, // those compiled in
      conf: `${prefix}/etc/latchkey.conf`,
      providers: async (origin) => { op = await startProvider(origin); return op.sections; },
    });
    const visitor = new Visitor();
    const page = await visitor.get(`${site.origin}/cgi-bin/login.cgi`);
    assert.equal(page.status, 200, site.log());
    assert.match(page.body, /OP rs256-basic/);
    assert.equal((await signIn(visitor, site, 'rs256-basic', 'ada')).status, 303, site.log());
    const me = await whoAmI(visitor, site);
    assert.equal(me.name, 'Ada Lovelace');
    await checkGuests(site, visitor, me);
    await Promise.all([site.stop(), op.stop()]);
  });
}
