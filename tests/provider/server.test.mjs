// The demo provider as a server: starting and ending, HTTP, metadata.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import test from 'node:test';
import { sleep } from '../e2e/support/place.mjs';
import {
  authorizeUri, go, issuer, main, port, provide, raw, refusal,
} from './client.mjs';

test('it says when it is ready', () => {
  assert.match(fs.readFileSync(main.log, 'utf8'), new RegExp(`^ready ${issuer}$`, 'm'));
});

test('it answers on 127.0.0.1 and on no other address', async () => {
  const reach = (host) => new Promise((resolve) => {
    const socket = net.connect(port, host, () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
  assert.equal(await reach('127.0.0.1'), true);
  const others = Object.values(os.networkInterfaces()).flat()
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80')).map(({ address }) => address);
  for (const address of [...others, '127.0.0.2']) assert.equal(await reach(address), false, address);
});

test('it refuses to start as anything but loopback', () => {
  for (const wrong of [
    'https://op.example.org', 'http://op.example.org', 'http://0.0.0.0:8081', 'http://localhost.example.org', 'localhost',
    'http://localhost:8081/', 'http://user@localhost:8081', 'http://localhost:8081?x=1', 'http://localhost:8081#x',
  ]) {
    const { status, stderr } = refusal('--issuer', wrong);
    assert.equal(status, 64, wrong);
    assert.match(stderr, /--issuer/, wrong);
  }
  for (const name of ['--bind', '--host', '--address']) assert.equal(refusal(name, '0.0.0.0').status, 64, name);
});

test('it refuses a command line that makes no sense, and says what', () => {
  for (const options of [
    ['--port', '0'], ['--port', '65536'], ['--port', '80a'], ['--port'],
    ['--client', 'a:b'], ['--client', ':b:http://localhost/'], ['--client', 'a::http://localhost/'],
    ['--client', 'a:b:http://example.org/'], ['--client', 'a:b:http://localhost/#x'], ['--client', 'a:b:http://localhost/,'],
    ['--post-logout', 'javascript:alert(1)'], ['--id-token-alg', 'none'], ['--id-token-alg', 'HS256'], ['more'],
  ]) {
    const { status, stderr } = refusal(...options);
    assert.equal(status, 64, options.join(' '));
    assert.match(stderr, /^.*provider: /, options.join(' '));
  }
  assert.match(refusal('--pages', '/nowhere').stderr, /--pages FOLDER/);
});

test('a port that is taken is told, with status 69', () => {
  const { status, stderr } = refusal('--port', String(port));
  assert.equal(status, 69);
  assert.match(stderr, new RegExp(`port ${port}: `));
});

test('it ends with status 0 on SIGTERM, with its children', async () => {
  const other = await provide('--quiet');
  const idle = net.connect(other.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  await sleep(100);
  const closed = new Promise((resolve) => { idle.once('close', resolve); idle.on('error', () => {}); });
  other.child.kill('SIGTERM');
  assert.equal(await other.ended, 0);
  idle.resume();
  await closed;
});

test('50 idle connections hold nobody up, and 80 only until they are closed', async () => {
  const idle = Array.from({ length: 50 }, () => net.connect(port, '127.0.0.1'));
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  const started = Date.now();
  assert.equal((await go('/')).status, 200);
  assert.ok(Date.now() - started < 2000);
  const more = Array.from({ length: 30 }, () => net.connect(port, '127.0.0.1'));
  await Promise.all(more.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  for (const socket of [...idle, ...more]) socket.destroy();
  assert.equal((await go('/')).status, 200);
});

test('200 requests at 20 at once are all answered', async () => {
  let left = 200;
  const worker = async () => { while (left-- > 0) assert.equal((await go('/jwks')).status, 200); };
  await Promise.all(Array.from({ length: 20 }, worker));
});

test('malformed requests are refused', async () => {
  const host = `Host: localhost:${port}\r\n`;
  for (const [bytes, status] of [
    [`GET / HTTP/1.1\r\n\r\n`, 400], // no Host
    [`GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n`, 400], // DNS rebinding
    [`GET / HTTP/1.1\r\nHost: localhost@attacker.example\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\n${host}${host}\r\n`, 400],
    [`GET / HTTP/2.0\r\n${host}\r\n`, 400],
    [`GET http://localhost/ HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET /\r\n${host}\r\n`, 400],
    [`GET / HTTP/1.1\r\n${host}no colon\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\n${host}name : value\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\n${host} folded: x\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`, 400],
    [`GET /authorize?x=%zz HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET /authorize?x=%0d%0a HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET /${'a'.repeat(40000)} HTTP/1.1\r\n${host}\r\n`, 431],
    [`POST /token HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 501],
    [`POST /token HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, 400],
    [`POST /token HTTP/1.1\r\n${host}Content-Length: 1x\r\n\r\n`, 400],
    [`POST /token HTTP/1.1\r\n${host}Content-Length: 99999999999999999999999\r\n\r\n`, 413],
    [`POST /token HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 2\r\n\r\na=`, 400],
    [`POST /token HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`, 415],
    [`POST /token HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\na=`, 415],
  ]) assert.match(await raw(bytes), new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 80));
});

test('HEAD is answered without a body, other methods with 405 and Allow, other paths with 404', async () => {
  const head = await go('/jwks', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  for (const [where, method, allow] of [
    ['/token', 'GET', 'POST'], ['/decide', 'GET', 'POST'], ['/jwks', 'POST', 'GET, HEAD'],
    ['/authorize', 'DELETE', 'GET, HEAD, POST'],
  ]) {
    const response = await go(where, { method });
    assert.equal(response.status, 405, where);
    assert.equal(response.headers.get('allow'), allow);
  }
  for (const where of ['/nothing', '/jwks/', '/picture/haneul', '/picture/x', '/picture/../jwks%2f'])
    assert.equal((await go(where)).status, 404, where);
});

test('pages carry a strict Content-Security-Policy, a nonce of their own, and are not stored', async () => {
  const policies = [];
  for (const where of ['/', authorizeUri(), '/nothing']) {
    const { headers } = await go(where);
    policies.push(headers.get('content-security-policy'));
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
  for (const policy of policies) {
    assert.match(policy, /^default-src 'none'; style-src 'nonce-[\w-]{22}'; script-src 'none';.*frame-ancestors 'none'/);
  }
  assert.equal(new Set(policies).size, 3);
});

test('the metadata has the issuer, the endpoints and what is supported', async () => {
  const response = await go('/.well-known/openid-configuration');
  assert.equal(response.headers.get('content-type'), 'application/json');
  const metadata = await response.json();
  assert.equal(metadata.issuer, issuer);
  for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'end_session_endpoint']) {
    assert.ok(metadata[name].startsWith(`${issuer}/`), name);
  }
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post']);
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256', 'ES256']);
});

test('the JWK Set has two public keys and nothing private', async () => {
  const { keys } = await (await go('/jwks')).json();
  assert.deepEqual(keys.map(({ kty, alg, use }) => [kty, alg, use]), [['RSA', 'RS256', 'sig'], ['EC', 'ES256', 'sig']]);
  for (const key of keys) for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(key[name], undefined);
  assert.equal(Buffer.from(keys[0].n, 'base64url').length, 256);
});
