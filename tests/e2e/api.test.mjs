// api.cgi behind real web servers: where paths lead that servers decode each in their own way, and what a browser sees of answers that
// are long, break off, or come bit by bit.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import test, { after } from 'node:test';
import { Upstream, answer, raw } from '../hostile/upstream.mjs';
import { events, startSite } from './support/site.mjs';

const long = 'x'.repeat(200_000);
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
// The API waits with the second event until somebody has read the first.
let secondIsDue = null;
const scripts = {
  long: () => raw('200 OK', ['Content-Type: text/plain', `Content-Length: ${long.length}`], long),
  unknown: () => raw('200 OK', ['Content-Type: text/plain', 'Transfer-Encoding: chunked'], `${chunk(long)}0\r\n\r\n`),
  cut: () => raw('200 OK', ['Content-Type: text/plain', 'Content-Length: 300000'], long),
  'cut-unknown': () => raw('200 OK', ['Content-Type: text/plain', 'Transfer-Encoding: chunked'], chunk(long)),
  'cut-early': () => raw('200 OK', ['Content-Type: text/plain', 'Content-Length: 1000'], 'x'),
  events: () => [raw('200 OK', ['Content-Type: text/event-stream']), 'data: 1\n\n', secondIsDue, 'data: 2\n\n'],
  gone: () => answer(404, '{"error":"no such thing"}'),
  hostile: () => answer(200, '<script>1</script>', { 'Content-Type': 'text/html', 'Set-Cookie': 'a=b', 'X-Accel-Redirect': '/index.html', 'X-Sendfile': '/etc/passwd', Location: '/' }),
  html: () => answer(204, '', {}),
};
const upstream = await Upstream.start((call) => {
  const name = call.target.match(/^\/v1\/([a-z-]+)/)?.[1];
  return scripts[name]?.() ?? answer(200, JSON.stringify({ method: call.method, target: call.target, body: call.body, type: call.headers['content-type'] }));
});
after(() => upstream.stop());

const providers = `
[api it]
base_url = ${upstream.origin}/v1/
access = anyone
methods = GET HEAD POST PUT PATCH DELETE
`;

/** One request as it is written; { status, head, body }. */
function bare(site, target) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(site.port, '127.0.0.1', () => socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost:${site.port}\r\nConnection: close\r\n\r\n`));
    const pieces = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(pieces).toString('latin1');
      resolve({ status: Number(text.slice(9, 12)), text });
    });
  });
}

/** A request of a script: { status, headers, body, whole }; `onPiece` gets the body so far, as it comes. */
function ask(site, path, { method = 'GET', body, headers = {}, onPiece = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${site.origin}/cgi-bin/api.cgi/it/${path}`, {
      method, agent: false, lookup: (_name, options, callback) => (options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)),
      headers: { 'sec-fetch-site': 'same-origin', accept: '*/*', ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
    }, (response) => {
      const pieces = [];
      response.on('data', (piece) => { pieces.push(piece); onPiece(Buffer.concat(pieces).toString()); });
      response.on('error', () => {});
      response.on('close', () => resolve({
        status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces).toString(), whole: response.complete,
      }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function logged(site, seen, rule) {
  for (let i = 0; i < 60; i++) {
    if (events(site.log().slice(seen)).some((event) => event.rule === rule)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`no ${rule} in the log: ${site.log().slice(seen)}`);
}

// `live`: it hands over what comes as it comes. The others gather first, unless they are told otherwise (README).
const kinds = [
  { server: 'apache', fastcgi: false, live: true }, { server: 'apache', fastcgi: true }, { server: 'apache', fastcgi: 'fcgid', extra: 'FcgidOutputBufferSize 0\n', live: true },
  { server: 'lighttpd', fastcgi: false }, { server: 'lighttpd', fastcgi: true, extra: 'server.stream-response-body = 1\n', live: true },
  { server: 'nginx', fastcgi: false, live: true }, { server: 'nginx', fastcgi: true, live: true },
];

for (const { live, ...kind } of kinds) {
  const name = `${kind.server}${kind.fastcgi ? ` (${kind.fastcgi === true ? 'FastCGI' : 'mod_fcgid'})` : ''}`;
  let site;
  test(`${name}: methods, bodies and paths go through`, async () => {
    site = await startSite({ ...kind, providers });
    const body = JSON.stringify({ text: 'ünïcödé \u0000' });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const got = await ask(site, 'echo?a=b%20c', { method, body, headers: { 'content-type': 'application/json' } });
      assert.equal(got.status, 200, `${got.body}\n${site.log()}`);
      const said = JSON.parse(got.body);
      assert.deepEqual([said.method, said.target, said.type, Buffer.from(said.body, 'latin1').toString()], [method, '/v1/echo?a=b%20c', 'application/json', body]);
    }
    assert.equal(JSON.parse((await ask(site, 'a%20b/caf%C3%A9/x:y@z')).body).target, '/v1/a%20b/caf%C3%A9/x:y@z');
    assert.equal(JSON.parse((await ask(site, '100%25')).body).target, '/v1/100%25');
  });

  test(`${name}: no path leads out of the base`, async () => {
    const seen = upstream.calls.length;
    const tricks = ['..', '../', '../secret', '%2e%2e/secret', '.%2e/secret', '%252e%252e/secret', '%25252e%25252e/secret', 'a/../../secret', 'a/%2e%2e/%2e%2e/secret', '..%2fsecret', '%2e%2e%2fsecret',
      '..%252fsecret', '..%5csecret', '..%255csecret', '..;/secret', '..%3b/secret', 'a;x=1/secret', '//evil.example/', '/%2f/evil.example', 'a//b', '%00', 'a%00b', '%0d%0aX-Evil:1', 'a%0ab', '%c0%ae%c0%ae/secret',
      '%ff', `${'a/'.repeat(2000)}`, '.%20/secret', '..%20/secret', '%u002e%u002e/secret', '#/../secret', '..?/../secret', '..\\secret', '.../secret'];
    for (const trick of tricks) {
      const got = await bare(site, `/cgi-bin/api.cgi/it/${trick}`);
      assert.ok((got.status >= 200 && got.status < 300) || (got.status >= 400 && got.status < 500), `${trick}: ${got.text}`);
    }
    // What some server has made a harmless path of, went below the base as that.
    for (const { target } of upstream.calls.slice(seen)) {
      assert.ok(target.startsWith('/v1/'), target);
      assert.doesNotMatch(target, /\.\.|\/\/|%2e|%2f|%5c|%00|;|%25(?!25|u)/i, target);
    }
    for (const target of [`/cgi-bin/api.cgi/it/../../../../v1/secret`, 'http://evil.example/cgi-bin/api.cgi/it/x', '/cgi-bin/api.cgi//it/x']) await bare(site, target);
    for (const { target } of upstream.calls.slice(seen)) assert.ok(!target.includes('secret') || target.startsWith('/v1/'), target);
  });

  test(`${name}: a long answer comes whole`, async () => {
    for (const what of ['long', 'unknown']) {
      const got = await ask(site, what);
      assert.deepEqual([got.status, got.body === long, got.whole], [200, true, true], site.log());
    }
    const head = await ask(site, 'long', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.whole], [200, '', true]);
    assert.equal((await ask(site, 'html')).status, 204);
  });

  test(`${name}: an answer that breaks off is a 502`, async () => {
    for (const what of ['cut', 'cut-unknown', 'cut-early']) {
      const seen = site.log().length;
      const got = await ask(site, what);
      assert.equal(got.status, 502, what);
      assert.equal(JSON.parse(got.body).error, 'api_unavailable');
      await logged(site, seen, 'api_failed');
    }
  });

  test(`${name}: what an API says does not act on the server`, async () => {
    const got = await ask(site, 'hostile');
    assert.deepEqual([got.status, got.body], [200, '<script>1</script>']);
    for (const field of ['set-cookie', 'location', 'x-accel-redirect', 'x-sendfile']) assert.ok(!(field in got.headers), field);
    assert.equal(got.headers['content-security-policy'], "sandbox; default-src 'none'; frame-ancestors 'none'");
    assert.equal(got.headers['cache-control'], 'private, no-store');
    const gone = await ask(site, 'gone');
    assert.deepEqual([gone.status, gone.body], [404, '{"error":"no such thing"}'], 'and no page of the server’s in its place');
  });

  test(`${name}: events come as they are said`, { timeout: 20_000 }, async () => {
    let isDue;
    secondIsDue = new Promise((resolve) => { isDue = resolve; });
    if (!live) isDue();
    const got = await ask(site, 'events', { onPiece: (text) => { if (text === 'data: 1\n\n') isDue(); } });
    assert.equal(got.body, 'data: 1\n\ndata: 2\n\n');
    await site.stop();
  });
}
