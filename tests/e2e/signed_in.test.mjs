// The examples of www/examples/signed-in, in each language, and other closed scripts, under each web server: strangers see nothing
// of them, whatever they send, and who is signed in is greeted.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { signIn } from './support/login.mjs';
import { build, cgiBin, top, workFolder } from './support/place.mjs';
import { events, startSite } from './support/site.mjs';
import { Visitor } from './support/visitor.mjs';
import { startProvider } from './op.mjs';

const examples = path.join(top, 'www/examples/signed-in');
const languages = fs.readdirSync(examples).filter((name) => name.endsWith('.cgi'));
const secret = 'what-is-behind-the-gate';
const json = { accept: 'application/json' };
const rules = '\n[rule ada]\nallowed_emails = ada@example.org\n';

/** The programs, signed-in, the examples as they are installed, and scripts of the test's own. */
function programs() {
  const folder = path.join(workFolder('closed'), 'cgi-bin');
  fs.cpSync(cgiBin, folder, { recursive: true });
  const bin = workFolder('bin');
  fs.copyFileSync(path.join(build, 'bin/signed-in'), path.join(bin, 'signed-in'));
  fs.chmodSync(path.join(bin, 'signed-in'), 0o755);
  const put = (name, text) => fs.writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  for (const name of languages) put(name, fs.readFileSync(path.join(examples, name), 'utf8').replaceAll('@BINDIR@', bin));
  const closed = path.join(folder, '../closed');
  fs.mkdirSync(closed, { mode: 0o755 });
  execFileSync('cc', ['-o', path.join(closed, 'program'), path.join(examples, 'program.c')]);
  const first = (options) => `#!${bin}/signed-in ${options}/bin/sh\n`;
  // The body first: between a server that writes all of it and a program that answers meanwhile, both may wait for ever.
  const tell = `body=$(base64 -w0)
printf 'Content-Type: text/plain\\n\\n'
echo ${secret}
env -0 | base64 -w0; echo
printf '%s\\n' "$body"
printf '%s\\0' "$@" | base64 -w0; echo
`;
  put('tell.cgi', first('') + tell);
  put('ada.cgi', first('--require=ada ') + tell);
  put('any.cgi', first('--any-origin ') + tell);
  return folder;
}

/** What tell.cgi was handed: { environment, body, words }. */
function told(answer) {
  const [first, environment, body, words] = answer.body.split('\n');
  assert.equal(first, secret, `${answer.status} ${answer.body}`);
  const list = (text) => Buffer.from(text, 'base64').toString().split('\0').slice(0, -1);
  return { environment: Object.fromEntries(list(environment).map((pair) => pair.split(/=(.*)/s).slice(0, 2))), pairs: list(environment),
    body: Buffer.from(body, 'base64'), words: list(words).filter((word) => word !== '') };
}

const forged = Object.fromEntries(['X-Auth-Request-User', 'X_Auth_Request_User', 'X-Auth-Request-Email', 'X-Auth-Request-Groups', 'Remote-User',
  'X-Remote-User', 'X_Remote_User', 'X-Forwarded-User', 'X-Forwarded-Email', 'Proxy', 'Latchkey-User', 'X-Latchkey-User', 'REMOTE_USER',
  'Remote.User', 'Auth-Type', 'LATCHKEY_USER'].map((name) => [name, 'evil']));

for (const server of ['apache', 'lighttpd', 'nginx']) {
  let site;
  let op;
  const haneul = new Visitor();
  const cgi = programs();
  const at = (name) => `${site.origin}/cgi-bin/${name}`;
  const sees = (answer, text = secret) => answer.body.includes(text) || JSON.stringify(answer.headers).includes(text);

  test(`${server}: somebody signs in`, async () => {
    site = await startSite({ server, cgi, providers: async (origin) => { op = await startProvider(origin); return op.sections + rules; } });
    assert.equal((await signIn(haneul, site, 'es256-post', 'haneul')).status, 303, site.log());
  });

  for (const name of languages) {
    test(`${server}: ${name} greets who is signed in, and nobody else`, async () => {
      for (const query of ['', '?a=b', '/path?word+word']) {
        const answer = await haneul.get(at(name + query));
        assert.equal(answer.status, 200, site.log());
        assert.match(answer.body, /^Hello, 김하늘\.\n$/);
        assert.match(answer.headers['content-type'], /^text\/plain; ?charset=utf-8$/i);
        assert.equal(answer.headers['cache-control'], 'no-store');
      }
      const browser = await new Visitor().get(at(`${name}/path?a=b`));
      assert.equal(browser.status, 303, site.log());
      assert.equal(browser.headers.location, at(`login.cgi?return_to=${encodeURIComponent(`/cgi-bin/${name}/path?a=b`)}`));
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        const answer = await new Visitor().request(method, at(name), { headers: json });
        assert.equal(answer.status, 401, `${method} ${site.log()}`);
        assert.ok(!sees(answer, 'Hello'));
        assert.equal(JSON.parse(answer.body).login_url, `/cgi-bin/login.cgi?return_to=${encodeURIComponent(`/cgi-bin/${name}`)}`);
      }
    });
  }

  test(`${server}: no query makes an option, or shows a script`, async () => {
    const queries = ['-s', '-d+allow_url_include%3d1+-d+auto_prepend_file%3dphp://input', '--', '--any-origin', '--any-origin+/bin/sh+/etc/passwd',
      '-c+id', '/etc/passwd', '-e+print+1', '%2D%73', '+', '%0a', '-h', '--help', '%00'];
    for (const name of [...languages, 'tell.cgi'])
      for (const query of queries)
        for (const visitor of [haneul, new Visitor()]) {
          const answer = await visitor.get(at(`${name}?${query}`), { headers: json });
          assert.ok(!/root:|uid=|signed-in|<\?php|Usage|use strict|#!/.test(answer.body), `${name}?${query}: ${answer.body}`);
          if (visitor !== haneul) assert.ok([401, 404, 400].includes(answer.status), `${name}?${query}: ${answer.status}`);
        }
  });

  test(`${server}: the words of a query are the script's`, async () => {
    const { words } = told(await haneul.get(at('tell.cgi?--any-origin+-c+word')));
    // Not every server makes arguments of them (RFC 3875 4.4: it SHOULD).
    if (words.length > 0) assert.deepEqual(words, ['--any-origin', '-c', 'word']);
    else assert.notEqual(server, 'apache');
  });

  test(`${server}: the body is the script's, to the last byte`, async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
    for (const method of ['POST', 'PUT']) {
      const answer = await haneul.request(method, at('tell.cgi'), { body, headers: { origin: site.origin, 'content-type': 'application/octet-stream' } });
      const { environment, body: got } = told(answer);
      assert.equal(environment.REQUEST_METHOD, method);
      assert.ok(got.equals(body), `${got.length} bytes`);
    }
    // Whoever is refused is told so, however much he sends.
    for (const [visitor, headers, status] of [[new Visitor(), {}, 401], [haneul, { origin: 'https://evil.example' }, 403]]) {
      const answer = await visitor.request('POST', at('tell.cgi'), { body: Buffer.alloc(1_000_000, 'x'), headers: { ...json, ...headers, 'content-type': 'a/b' } });
      assert.equal(answer.status, status, site.log());
      assert.ok(!sees(answer));
    }
  });

  test(`${server}: it is told who it is, and no client can say so`, async () => {
    const answer = await haneul.get(at('tell.cgi'), { headers: { ...forged, authorization: 'Basic ZXZpbDpldmls' } });
    const { environment, pairs } = told(answer);
    assert.ok(!pairs.some((pair) => pair.endsWith('=evil')), pairs.join('\n'));
    assert.equal(environment.LATCHKEY_NAME, '김하늘');
    assert.equal(environment.LATCHKEY_EMAIL, 'haneul@example.org');
    assert.ok(!('LATCHKEY_EMAIL_VERIFIED' in environment));
    assert.equal(environment.REMOTE_USER, environment.LATCHKEY_USER);
    assert.equal(environment.AUTH_TYPE, 'Latchkey');
    const id = haneul.cookie('latchkey-session');
    assert.ok(id.length > 40 && !pairs.join('\n').includes(id), 'the session stays with us');
    const stranger = await new Visitor().get(at('tell.cgi'), { headers: { ...forged, ...json } });
    assert.equal(stranger.status, 401);
    assert.ok(!sees(stranger));
  });

  test(`${server}: other cookies go on`, async () => {
    const { environment } = told(await haneul.get(at('tell.cgi'), { headers: { cookie: `a=1; latchkey-session=${haneul.cookie('latchkey-session')}; b="2"` } }));
    assert.equal(environment.HTTP_COOKIE, 'a=1; b="2"');
  });

  test(`${server}: a rule is kept, and told`, async () => {
    const refused = await haneul.get(at('ada.cgi'));
    assert.equal(refused.status, 403, site.log());
    assert.ok(!sees(refused));
    const ada = new Visitor();
    await signIn(ada, site, 'rs256-basic', 'ada');
    assert.equal(told(await ada.get(at('ada.cgi'))).environment.LATCHKEY_NAME, 'Ada Lovelace');
    assert.ok(events(site.log()).some((event) => event.rule === 'rule' && event.script === '/cgi-bin/ada.cgi'), site.log());
  });

  test(`${server}: paths with tricks reach nothing`, async () => {
    const tricks = ['tell.cgi/..%2f', 'tell.cgi/%2e%2e/tell.cgi', '//tell.cgi', 'tell.cgi;x', 'tell.cgi%00', 'tell.cgi%2f', './tell.cgi', 'tell%2ecgi',
      'x/../tell.cgi', `tell.cgi/${'x'.repeat(5000)}`, 'tell.cgi#x', 'TELL.CGI', 'program', 'closed/program', '../closed/program', '%2e%2e/closed/program', 'tell.cgi.bak'];
    for (const trick of tricks) {
      const answer = await new Visitor().get(at(trick), { headers: json });
      assert.ok(answer.status >= 400, `${trick}: ${answer.status}`);
      assert.ok(!sees(answer) && !sees(answer, 'Hello'), trick);
    }
  });

  test(`${server}: what another site sends is refused where it could change something`, async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await haneul.post(at('tell.cgi'), { a: 'b' }, { headers });
      assert.equal(refused.status, 403, site.log());
      assert.ok(!sees(refused));
      assert.equal(told(await haneul.post(at('any.cgi'), { a: 'b' }, { headers })).body.toString(), 'a=b');
    }
  });

  test(`${server}: signing out closes everything`, async () => {
    await haneul.post(at('logout.cgi'), {}, { headers: { origin: site.origin } });
    for (const name of [...languages, 'tell.cgi']) assert.equal((await haneul.get(at(name), { headers: json })).status, 401);
    await Promise.all([site.stop(), op.stop()]);
  });
}
