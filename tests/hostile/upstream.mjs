// A third-party API on loopback, in this process, that answers byte by byte as a test says.
import net from 'node:net';

/** An answer as it stands on the wire: a head of these lines, then the body. */
export const raw = (status, lines = [], body = '') =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\nConnection: close\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'), Buffer.from(body)]);

/** A proper one, with its length. */
export const answer = (status, body = '', headers = {}) => {
  const fields = { 'Content-Type': 'application/json', ...headers };
  return raw(`${status} Any`, [...Object.entries(fields).map(([name, value]) => `${name}: ${value}`), `Content-Length: ${Buffer.byteLength(body)}`], body);
};

/** Pieces of an answer, with pauses (milliseconds, or promises) between them; the last may be HANG: nothing more comes, and nobody hangs up. */
export const HANG = Symbol('hang');

export class Upstream {
  /** `script(call, socket)` gives the bytes, an array of pieces, pauses and HANG, or null if it has done all itself. */
  static async start(script = () => answer(200, '{}')) {
    const upstream = new this();
    Object.assign(upstream, { script, calls: [], sockets: new Set() });
    upstream.server = net.createServer((socket) => upstream.serve(socket));
    await new Promise((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    upstream.port = upstream.server.address().port;
    upstream.origin = `http://127.0.0.1:${upstream.port}`;
    return upstream;
  }

  stop() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  async serve(socket) {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    const call = await read(socket);
    if (call === null) return;
    this.calls.push(call);
    await this.send(socket, await this.script(call, socket));
  }

  async send(socket, what) {
    if (what === null) return;
    for (const piece of Array.isArray(what) ? what : [what]) {
      if (piece === HANG || socket.destroyed) return;
      if (piece instanceof Promise) await piece;
      else if (typeof piece === 'number') await new Promise((resolve) => setTimeout(resolve, piece));
      else if (!socket.write(piece)) await new Promise((resolve) => { socket.once('drain', resolve); socket.once('close', resolve); });
    }
    socket.end();
  }
}

/** { method, target, lines, headers, body } of one request; null if it was none. */
async function read(socket) {
  let bytes = Buffer.alloc(0);
  for await (const piece of readable(socket)) {
    bytes = Buffer.concat([bytes, piece]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s)).map(([name, value]) => [name.toLowerCase(), value]));
    const body = bytes.subarray(end + 4);
    if (body.length < Number(headers['content-length'] ?? 0)) continue;
    const [method, target] = first.split(' ');
    return { method, target, lines, headers, body: body.toString('latin1') };
  }
  return null;
}

/** The pieces that come, without ending the socket when nobody wants more. */
async function* readable(socket) {
  const pieces = [];
  let wake = () => {};
  let over = false;
  socket.on('data', (piece) => { pieces.push(piece); wake(); });
  socket.on('close', () => { over = true; wake(); });
  for (;;) {
    while (pieces.length > 0) yield pieces.shift();
    if (over) return;
    await new Promise((resolve) => { wake = resolve; });
  }
}
