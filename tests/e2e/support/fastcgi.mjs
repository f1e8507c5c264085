// A program that listens, and the web server's side of FastCGI 1.0, byte by byte: also what no web server would say.
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { parse, sanitizers } from './cgi.mjs';
import { cgiBin, giveBack, workFolder } from './place.mjs';

export const BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, GET_VALUES = 9, GET_VALUES_RESULT = 10, UNKNOWN_TYPE = 11;
export const RESPONDER = 1, AUTHORIZER = 2, FILTER = 3;

/** One record; `length` and `padding` may lie, `version` may be another. */
export function record(type, id, content = '', { length, padding = 0, version = 1 } = {}) {
  const body = Buffer.from(content);
  const header = Buffer.from([version, type, id >> 8, id & 255, 0, 0, padding, 0]);
  header.writeUInt16BE(length ?? body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(padding)]);
}

export const begin = (id, { role = RESPONDER, keep = false } = {}) => record(BEGIN, id, [0, role, keep ? 1 : 0, 0, 0, 0, 0, 0]);

const length = (size) => (size < 128 ? Buffer.from([size]) : Buffer.from([(size >>> 24) | 128, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]));
export const pair = (name, value) => Buffer.concat([length(Buffer.byteLength(name)), length(Buffer.byteLength(value)), Buffer.from(name), Buffer.from(value)]);
export const pairs = (variables) => Buffer.concat(Object.entries(variables).filter(([, value]) => value !== undefined).map(([name, value]) => pair(name, value)));

/** A stream in records of at most `size` bytes, and its end. */
export function stream(type, id, content, size = 65535) {
  const bytes = Buffer.from(content);
  const records = [];
  for (let from = 0; from < bytes.length; from += size) records.push(record(type, id, bytes.subarray(from, from + size)));
  return Buffer.concat([...records, record(type, id)]);
}

export const usual = (program, more = {}) => ({
  GATEWAY_INTERFACE: 'CGI/1.1', SERVER_SOFTWARE: 'test', SERVER_NAME: 'localhost', SERVER_PORT: '8080', SERVER_PROTOCOL: 'HTTP/1.1',
  REQUEST_METHOD: 'GET', SCRIPT_NAME: `/cgi-bin/${program}`, QUERY_STRING: '', REMOTE_ADDR: '127.0.0.1', HTTP_ACCEPT: 'application/json', ...more,
});

/** All records of a whole request. */
export const request = (variables, { id = 1, body = '', ...how } = {}) =>
  Buffer.concat([begin(id, how), stream(PARAMS, id, pairs(variables)), stream(STDIN, id, body)]);

/** A connection: send() bytes, next() a record, answer() a whole answer. */
export class Connection {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.closed = false;
    this.wake = () => {};
    socket.on('data', (chunk) => { this.bytes = Buffer.concat([this.bytes, chunk]); this.wake(); });
    socket.on('error', () => {});
    socket.on('close', () => { this.closed = true; this.wake(); });
    socket.on('end', () => { this.closed = true; this.wake(); });
  }

  static open(socketPath) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(socketPath, () => resolve(new Connection(socket)));
      socket.on('error', reject);
    });
  }

  send(bytes) {
    this.socket.write(bytes);
    return this;
  }

  /** The next record, or null once it is closed. */
  async next() {
    for (;;) {
      if (this.bytes.length >= 8) {
        const size = this.bytes.readUInt16BE(4);
        const whole = 8 + size + this.bytes[6];
        if (this.bytes.length >= whole) {
          const read = { version: this.bytes[0], type: this.bytes[1], id: this.bytes.readUInt16BE(2), content: this.bytes.subarray(8, 8 + size) };
          this.bytes = this.bytes.subarray(whole);
          return read;
        }
      }
      if (this.closed) return null;
      await new Promise((resolve) => { this.wake = resolve; });
    }
  }

  /** { status, headers, body …, end } of the request `id`; null if the connection closes before its end. */
  async answer(id = 1) {
    const out = [];
    for (let read = await this.next(); read; read = await this.next()) {
      if (read.id !== id) throw new Error(`a record of request ${read.id}`);
      if (read.type === STDOUT) out.push(read.content);
      if (read.type === END) {
        const end = { status: read.content.readUInt32BE(0), protocol: read.content[4] };
        return out.length === 0 ? { end } : { ...parse(Buffer.concat(out).toString('latin1')), end };
      }
    }
    return null;
  }

  async isClosed() {
    while (!this.closed) await new Promise((resolve) => { this.wake = resolve; });
    return this.bytes.length === 0;
  }

  close() {
    this.socket.destroy();
  }
}

/** Between its making and listen(), a socket is there and refuses. */
async function listening(socketPath) {
  for (let left = 500; ; left--) {
    try {
      return (await Connection.open(socketPath)).close();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The program, listening: { connect(), ask(variables, how), log(), process, ended }. `programs` is where it lies. */
export async function listen(program, place, { programs = cgiBin, environment = {} } = {}) {
  const socketPath = path.join(workFolder('fastcgi'), 'socket');
  const child = spawn('spawn-fcgi', ['-n', '-s', socketPath, '--', path.join(programs, program)], {
    env: { PATH: process.env.PATH, LATCHKEY_CONF: place.conf, ...sanitizers(), ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => { log += chunk; });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  giveBack(async () => { child.kill('SIGKILL'); await ended; });
  await listening(socketPath).catch(() => { throw new Error(`${program} does not listen: ${log}`); });
  const connect = () => Connection.open(socketPath);
  return {
    process: child,
    ended,
    connect,
    log: () => log,
    async ask(variables = {}, how = {}) {
      const connection = await connect();
      connection.send(request(usual(program, variables), how));
      const answer = await connection.answer(how.id);
      connection.close();
      return answer;
    },
  };
}
