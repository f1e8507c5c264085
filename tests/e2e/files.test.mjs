// A private folder behind real web servers, as CGI and as FastCGI: whole files and parts of them, conditions, tricks of
// paths byte for byte, files that shrink; and files that the web server sends itself, by what README.md says.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { signIn } from './support/login.mjs';
import { top, workFolder } from './support/place.mjs';
import { events, startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const secret = 'ONLY FOR MEMBERS';
const work = workFolder('files');
const at = (...names) => path.join(work, ...names);

// Every byte there is, and more than any buffer on the way.
const bytes = Buffer.from(Array.from({ length: 256 * 1024 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const files = {
  'members/index.html': `<title>${secret}</title>`,
  'members/deep/index.html': `<title>deep: ${secret}</title>`,
  'members/page.html': `<title>${secret}</title>`,
  'members/bytes.png': bytes,
  'members/empty.txt': '',
  'members/사진/a b%25+&;=#?.txt': secret,
  'members/.htpasswd': secret,
  'members/.git/config': secret,
  'outside/secret.txt': secret,
  'secret.txt': secret,
};
for (const [name, content] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), content);
}
fs.symlinkSync('../outside', at('members/to_outside'));
fs.symlinkSync(at('secret.txt'), at('members/to_secret.txt'));
const large = 5 * 2 ** 30 + 7;
fs.writeFileSync(at('members/large.bin'), '');
fs.truncateSync(at('members/large.bin'), large - 7);
fs.appendFileSync(at('members/large.bin'), 'the end');

const sections = (handOver = '') => `
[files]
folder = ${at('members')}
${handOver && `hand_over = ${handOver}`}
`;

// ---- one request, and its target as it stands: nothing is repaired on the way

function ask(site, target, { method = 'GET', headers = {}, cookie, agent, body, stopAfter } = {}) {
  const { port } = new URL(site.origin);
  return new Promise((resolve, reject) => {
    const sent = { accept: 'application/json', ...(cookie ? { cookie } : {}), ...headers };
    const request = http.request({ host: '127.0.0.1', port, path: target, method, headers: sent, agent }, (response) => {
      const chunks = [];
      let length = 0;
      const done = (broken) => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks), broken });
      response.on('data', (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > stopAfter) response.destroy();
      });
      response.on('end', () => done(false));
      response.on('close', () => done(true)); // if it did not end before
      response.on('error', () => {});
    });
    request.on('error', reject);
    request.end(body);
  });
}

// One sign-in is enough: the sites share a state folder, and a browser's cookies do not look at ports.
let provider;
const entrance = await startSite({
  environment: { PROGRAMS: 'login callback me logout files' },
  providers: async (origin) => {
    provider = await startProvider(origin);
    return provider.sections + sections();
  },
});
const visitor = new Visitor();
const arrived = await signIn(visitor, entrance, 'es256-post', 'ada', `&return_to=${encodeURIComponent('/cgi-bin/files.cgi/page.html')}`);
assert.equal(arrived.headers.location, `${entrance.origin}/cgi-bin/files.cgi/page.html`);
const cookie = visitor.cookiesFor(arrived.headers.location);
await entrance.stop();

const start = (kind, { handOver, extra } = {}) => startSite({
  ...kind, extra, state: entrance.state, environment: { PROGRAMS: 'login callback me logout files' },
  providers: provider.sections + sections(handOver),
});

const isPrivate = ({ status, headers, body }) => !body.includes(secret) && !JSON.stringify(headers).includes(work) && status >= 300;

/** Once the file is old enough to have validators. */
async function settled(site, target) {
  for (;;) {
    const answer = await ask(site, target, { cookie });
    assert.equal(answer.status, 200, `${answer.body}\n${site.log()}`);
    if (answer.headers.etag) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const base = '/cgi-bin/files.cgi';

// As an attacker sends them. None is a file that a member may have.
const tricks = [
  '/../secret.txt', '/%2e%2e/secret.txt', '/%2E%2E/secret.txt', '/.%2e/secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/..%5csecret.txt',
  '/..\\secret.txt', '/%252e%252e/secret.txt', '/..%252fsecret.txt', '/..;/secret.txt', '/..;a=b/secret.txt', '/deep/../../secret.txt',
  '/deep/%2e%2e/%2e%2e/secret.txt', '/../../../../../../../../etc/passwd', '//etc/passwd', '/%2fetc%2fpasswd', '//..//secret.txt',
  '/..%00/secret.txt', '/..%00secret.txt', '/page.html%00', '/page.html%00.txt', '/%00', '/page.html%0a', '/page.html%0d%0aX:%20y', '/page.html%20',
  '/page.html%2f', '/page.html/', '/page.html/..', '/page.html/x', '/PAGE.HTML', '/page.html%3bx', '/page.html;x', '/page.html%23x', '/page.html%3fx',
  '/%c0%ae%c0%ae/secret.txt', '/%c0%af..%c0%afsecret.txt', '/%e0%80%ae%e0%80%ae/secret.txt', '/%ff', '/page.html%ff', '/%ed%a0%80',
  '/%uff0e%uff0e/secret.txt', '/.htpasswd', '/%2ehtpasswd', '/.git/config', '/.git', '/%2egit/config', '/deep/.', '/./page.htmlx',
  '/to_outside/secret.txt', '/to_outside', '/to_secret.txt', '/nothing', `/${'a'.repeat(300)}`, `/${'a/'.repeat(1000)}`, '/%', '/%zz', '/%2',
  '/deep//..//..//secret.txt', '/deep/%2e%2e%2f%2e%2e%2fsecret.txt', '/?../secret.txt', '/nothing?/page.html', '/nothing#/page.html',
];
// Those that a web server may well tidy up into the path of a page, for a member.
const tidied = new Set(['/?../secret.txt', '/page.html;x', '/page.html%20', '/page.html#x', '/deep/.', '/page.html/..', '/page.html%2f', '/page.html/', '/page.html%0a']);

const same = (answer, content) => assert.ok(answer.body.equals(Buffer.from(content)), `${answer.status}, ${answer.body.length} bytes`);

// Else lighttpd stores an answer as a whole before it sends any of it.
const streams = { lighttpd: 'server.stream-response-body = 2\n' };

const kinds = [];
for (const server of ['apache', 'lighttpd', 'nginx']) for (const fastcgi of [false, true]) kinds.push({ server, fastcgi });

for (const kind of kinds) {
  test(`${kind.server}${kind.fastcgi ? ' (FastCGI)' : ''}: a private folder`, async (t) => {
    const site = await start(kind, { extra: streams[kind.server] });
    t.after(site.stop);
    const get = (target, options = {}) => ask(site, base + target, { cookie, ...options });
    // Apache believes no program the length of what it says (2.4.59), and sends chunks.
    const tellsLength = kind.server !== 'apache';

    await t.test('a stranger gets not one byte, and is sent to sign in', async () => {
      for (const target of ['', '/', '/page.html', '/nothing', '/bytes.png', '/deep', '/.htpasswd', '/large.bin']) {
        const answer = await get(target, { cookie: '' });
        assert.equal(answer.status, 401, `${target}: ${site.log()}`);
        assert.ok(isPrivate(answer), target);
        const led = await get(target, { cookie: '', headers: { accept: 'text/html' } });
        assert.equal(led.status, 303);
        assert.equal(led.headers.location, `${site.origin}/cgi-bin/login.cgi?return_to=${encodeURIComponent(target === '/.htpasswd' ? `${base}/.htpasswd` : base + target)}`);
        assert.ok(isPrivate(led));
      }
      for (const trick of tricks) assert.ok(isPrivate(await get(trick, { cookie: '' })), trick);
    });

    await t.test('a member gets it, byte for byte', async () => {
      for (const [target, name, type] of [
        ['/', 'index.html', 'text/html; charset=utf-8'], ['/deep/', 'deep/index.html', 'text/html; charset=utf-8'],
        ['/page.html?a=1&a=2', 'page.html', 'text/html; charset=utf-8'], ['/bytes.png', 'bytes.png', 'image/png'],
        ['/empty.txt', 'empty.txt', 'text/plain; charset=utf-8'],
        [`/${encodeURIComponent('사진')}/${encodeURIComponent('a b%25+&;=#?.txt')}`, '사진/a b%25+&;=#?.txt', 'text/plain; charset=utf-8'],
      ]) {
        const answer = await get(target);
        assert.equal(answer.status, 200, `${target}: ${site.log()}`);
        same(answer, files[`members/${name}`]);
        assert.equal(answer.headers['content-type'], type);
        assert.equal(answer.headers['cache-control'], 'private, no-cache');
        assert.match(answer.headers.vary, /^Cookie, ?Authorization$/);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        const head = await get(target, { method: 'HEAD' });
        assert.equal(head.status, 200);
        for (const { headers } of tellsLength ? [answer, head] : []) assert.equal(headers['content-length'], String(answer.body.length));
        assert.equal(head.body.length, 0);
      }
      const folder = await get('/deep?a=b');
      assert.equal(folder.status, 303);
      assert.equal(folder.headers.location, `${site.origin}${base}/deep/?a=b`);
    });

    await t.test('no trick of a path leads out, or to what is hidden', async () => {
      for (const trick of tricks) {
        const answer = await get(trick);
        if (tidied.has(trick) && answer.status === 200) {
          assert.ok([files['members/page.html'], files['members/index.html'], files['members/deep/index.html']].includes(answer.body.toString()), trick);
          continue;
        }
        assert.ok(isPrivate(answer), `${trick}: ${answer.status}`);
        assert.ok(answer.status >= 300 && answer.status < 500, `${trick}: ${answer.status}`);
      }
    });

    await t.test('conditions and ranges', async () => {
      const { headers: { etag, 'last-modified': modified } } = await settled(site, `${base}/bytes.png`);
      for (const headers of [{ 'if-none-match': etag }, { 'if-modified-since': modified }]) {
        const answer = await get('/bytes.png', { headers });
        assert.equal(answer.status, 304);
        assert.equal(answer.body.length, 0);
        assert.equal(answer.headers.etag, etag);
      }
      assert.equal((await get('/bytes.png', { headers: { 'if-none-match': '"other"' } })).status, 200);
      assert.equal((await get('/bytes.png', { headers: { 'if-match': '"other"' } })).status, 412);
      for (const [range, first, last] of [['bytes=0-0', 0, 0], ['bytes=1000-99999', 1000, 99999], ['bytes=-5', bytes.length - 5, bytes.length - 1]]) {
        const answer = await get('/bytes.png', { headers: { range, 'if-range': etag } });
        assert.equal(answer.status, 206, site.log());
        assert.equal(answer.headers['content-range'], `bytes ${first}-${last}/${bytes.length}`);
        same(answer, bytes.subarray(first, last + 1));
      }
      same(await get('/bytes.png', { headers: { range: 'bytes=0-5', 'if-range': '"other"' } }), bytes);
      const beyond = await get('/bytes.png', { headers: { range: `bytes=${bytes.length}-` } });
      assert.equal(beyond.status, 416);
      assert.equal(beyond.headers['content-range'], `bytes */${bytes.length}`);
    });

    await t.test('a file of more than 4 GiB', async () => {
      const head = await get('/large.bin', { method: 'HEAD' });
      if (tellsLength) assert.equal(head.headers['content-length'], String(large));
      const end = await get('/large.bin', { headers: { range: `bytes=${large - 10}-` } });
      assert.equal(end.status, 206);
      assert.equal(end.headers['content-range'], `bytes ${large - 10}-${large - 1}/${large}`);
      same(end, '\0\0\0the end');
    });

    await t.test('a file of 20 MB, and a client that goes away in the midst of it', async () => {
      const content = Buffer.alloc(20_000_000, 'latchkey ');
      fs.writeFileSync(at('members/film.webm'), content);
      const answer = await get('/film.webm');
      const digest = (buffer) => createHash('sha256').update(buffer).digest('hex');
      assert.equal(digest(answer.body), digest(content));
      await get('/film.webm', { stopAfter: 100_000 });
      same(await get('/page.html'), files['members/page.html']);
    });

    await t.test('a file that shrinks while it is sent: no byte is made up, and no other answer taken for it', async () => {
      const name = at('members/shrinking.txt');
      fs.writeFileSync(name, 'x'.repeat(60_000_000));
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const answer = await shrinking(site, { agent, name, length: 1_000_000 });
      assert.ok(answer.body.length < 60_000_000);
      // Under Apache's CGI there is no way to say so.
      if (tellsLength || kind.fastcgi) assert.ok(answer.broken, 'the connection ends, so that nobody takes it for the whole');
      assert.match(answer.body.toString('latin1'), /^x*$/);
      agent.destroy();
      same(await get('/page.html'), files['members/page.html']);
      await logged(site, 'file_cut');
    });

    await t.test('only GET and HEAD', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])
        for (const who of [cookie, '']) {
          const answer = await get('/page.html', { method, cookie: who, body: method === 'POST' ? 'a=b' : undefined });
          assert.ok([405, 501].includes(answer.status), `${method}: ${answer.status}`);
          assert.ok(isPrivate(answer));
        }
    });
  });
}

/** Asks for a file, reads a little, cuts the file to `length`, reads on. */
function shrinking(site, { agent, name, length }) {
  const { port } = new URL(site.origin);
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: `${base}/shrinking.txt`, headers: { cookie }, agent }, (response) => {
      const chunks = [];
      response.once('readable', () => {
        fs.truncateSync(name, length);
        response.on('data', (chunk) => chunks.push(chunk));
      });
      const done = (broken) => resolve({ body: Buffer.concat(chunks), broken });
      response.on('end', () => done(false));
      response.on('close', () => done(true));
      response.on('error', () => {});
    });
    request.on('error', reject);
    request.end();
  });
}

async function logged(site, rule) {
  for (let i = 0; i < 100; i++) {
    if (events(site.log()).some((event) => event.rule === rule)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`no ${rule} in ${site.log()}`);
}

// ---- handed over

/** The block of that language in README.md's section, for this folder. */
function readme(language) {
  const text = fs.readFileSync(path.join(top, 'README.md'), 'utf8');
  const section = text.slice(text.indexOf('\n## A private folder\n'));
  const [, block] = section.match(new RegExp(`\n\`\`\`${language}\n([\\s\\S]*?)\`\`\`\n`));
  assert.ok(block.includes('/srv/members'));
  return block.replaceAll('/srv/members', at('members'));
}

const apacheModule = fs.globSync?.('/usr/lib*/*/modules/mod_xsendfile.so')[0] ?? '/usr/lib/apache2/modules/mod_xsendfile.so';
const handOvers = [
  { server: 'nginx', fastcgi: false, handOver: 'x-accel-redirect:/protected/', extra: readme('nginx') },
  { server: 'nginx', fastcgi: true, handOver: 'x-accel-redirect:/protected/', extra: readme('nginx') },
  { server: 'lighttpd', fastcgi: false, handOver: 'x-sendfile', extra: readme('lighttpd') },
  { server: 'apache', fastcgi: false, handOver: 'x-sendfile-plain', extra: `LoadModule xsendfile_module ${apacheModule}\n${readme('apache')}` },
];

for (const { handOver, extra, ...kind } of handOvers) {
  test(`${kind.server}${kind.fastcgi ? ' (FastCGI)' : ''} sends the files that it is told`, async (t) => {
    const site = await start(kind, { handOver, extra });
    t.after(site.stop);
    const get = (target, options = {}) => ask(site, base + target, { cookie, ...options });

    await t.test('whole, with our fields', async () => {
      for (const [target, name, type] of [
        ['/', 'index.html', 'text/html; charset=utf-8'], ['/bytes.png', 'bytes.png', 'image/png'],
        ['/empty.txt', 'empty.txt', 'text/plain; charset=utf-8'],
        [`/${encodeURIComponent('사진')}/${encodeURIComponent('a b%25+&;=#?.txt')}`, '사진/a b%25+&;=#?.txt', 'text/plain; charset=utf-8'],
      ]) {
        const answer = await get(target);
        assert.equal(answer.status, 200, `${target}: ${site.log()}`);
        same(answer, files[`members/${name}`]);
        assert.equal(answer.headers['content-type'], type);
        assert.equal(answer.headers['cache-control'], 'private, no-cache');
        assert.match(answer.headers.vary, /^Cookie, ?Authorization$/);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
        assert.equal(answer.headers['content-security-policy'], "frame-ancestors 'self'");
        assert.equal(answer.headers['referrer-policy'], 'same-origin');
        assert.ok(!('x-sendfile' in answer.headers) && !('x-accel-redirect' in answer.headers), 'where it lies is nobody’s business');
        assert.ok(!JSON.stringify(answer.headers).includes(work));
        const head = await get(target, { method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.equal(head.body.length, 0);
      }
    });

    await t.test('in parts, and only if it changed', async () => {
      const part = await get('/bytes.png', { headers: { range: 'bytes=1000-1999' } });
      assert.equal(part.status, 206, site.log());
      same(part, bytes.subarray(1000, 2000));
      const { headers: { etag, 'last-modified': modified } } = await get('/bytes.png');
      assert.ok(etag && modified);
      assert.equal((await get('/bytes.png', { headers: { 'if-none-match': etag } })).status, 304);
      const end = await get('/large.bin', { headers: { range: `bytes=${large - 10}-` } });
      same(end, '\0\0\0the end');
    });

    await t.test('to nobody else, and nothing else', async () => {
      for (const target of ['/page.html', '/bytes.png', '/nothing', '/large.bin']) {
        const answer = await get(target, { cookie: '', headers: { 'x-accel-redirect': '/protected/page.html', 'x-sendfile': at('members/page.html') } });
        assert.equal(answer.status, 401);
        assert.ok(isPrivate(answer));
      }
      for (const who of [cookie, ''])
        for (const trick of tricks) {
          const answer = await get(trick, { cookie: who });
          if (who && tidied.has(trick) && answer.status === 200) continue;
          assert.ok(isPrivate(answer), trick);
        }
    });

    await t.test('and not at an address of their own', async () => {
      for (const target of ['/protected/page.html', '/protected/', '/protected/%2e%2e/secret.txt', at('members/page.html'), '/members/page.html'])
        for (const who of [cookie, '']) {
          const answer = await ask(site, target, { cookie: who });
          assert.equal(answer.status, 404, target);
          assert.ok(isPrivate(answer), target);
        }
    });
  });
}
