// Where a login is played: the providers' real host names, all of them on loopback behind one certificate that only this test's
// configurations trust, and programs that look names up and connect there (tests/preload/resolve.c).
//
// A stage serves one login at a time; several stages stand side by side.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, cgiBin, giveBack, templates, workFolder } from '../e2e/support/place.mjs';

const preload = path.join(build, 'tests/preload/resolve.so');
/** Somewhere on the public Internet, as far as the programs can see. */
export const address = '93.184.216.34';

/** A certificate for these hosts, made with the openssl command: { key, cert, file }. */
export function makeCertificate(hosts) {
  const work = workFolder('certificate');
  const file = path.join(work, 'cert.pem');
  const keyFile = path.join(work, 'key.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=providers', '-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
    '-keyout', keyFile, '-out', file], { stdio: 'ignore' });
  fs.chmodSync(file, 0o644);
  return { key: fs.readFileSync(keyFile), cert: fs.readFileSync(file), file };
}

export class Stage {
  static async open(certificate) {
    const stage = new Stage();
    Object.assign(stage, { certificate, work: workFolder('stage'), count: 0, answer: null });
    stage.server = https.createServer({ key: certificate.key, cert: certificate.cert },
      (request, response) => stage.serve(request, response));
    await new Promise((resolve) => stage.server.listen(0, '127.0.0.1', resolve));
    giveBack(() => {
      stage.server.close();
      stage.server.closeAllConnections();
    });
    stage.names = path.join(stage.work, 'names');
    stage.log = path.join(stage.work, 'connections');
    stage.programs = stage.makePrograms();
    return stage;
  }

  /**
   * The programs. Those that call out get this stage's names and port by their environment, from a wrapper: login.cgi starts
   * fetch.cgi with none.
   */
  makePrograms() {
    const folder = path.join(this.work, 'cgi-bin');
    fs.mkdirSync(folder);
    for (const name of ['login.cgi', 'me.cgi', 'logout.cgi']) fs.copyFileSync(path.join(cgiBin, name), path.join(folder, name));
    const environment = {
      LD_PRELOAD: preload, RESOLVE_FILE: this.names, CONNECT_PORT: this.server.address().port,
      CONNECT_LOG: this.log,
    };
    const settings = Object.entries(environment).map(([name, value]) => `${name}='${value}'`).join(' ');
    for (const name of ['callback.cgi', 'fetch.cgi'])
      fs.writeFileSync(path.join(folder, name), `#!/bin/sh
ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" ${settings} exec '${path.join(cgiBin, name)}'
`, { mode: 0o755 });
    return folder;
  }

  /**
   * A site with this one provider: { conf, state, programs }, for the programs to run in. `hosts` alone exist; `files` are
   * secrets that lie beside the configuration: name to text.
   */
  site(id, settings, hosts, files = {}) {
    const work = path.join(this.work, `site-${this.count++}`);
    const place = { conf: path.join(work, 'latchkey.conf'), state: path.join(work, 'state'), programs: this.programs };
    fs.mkdirSync(work);
    fs.mkdirSync(place.state, { mode: 0o700 });
    fs.writeFileSync(this.names, hosts.map((host) => `${host} ${address}\n`).join(''));
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(work, name), text, { mode: 0o600 });
    fs.writeFileSync(place.conf, `[site]
base_url = https://www.example.org
state_dir = ${place.state}
templates = ${templates}
ca_file = ${this.certificate.file}

[provider ${id}]
${Object.entries(settings).map(([name, value]) => `${name} = ${value}`).join('\n')}
`, { mode: 0o600 });
    return place;
  }

  /** Where the programs connected to, a line each (tests/preload/resolve.c). */
  connections() { return fs.readFileSync(this.log, 'utf8').trim().split('\n'); }

  /** Everything that is asked of any host: `answer` gets { method, url, headers, body }, returns { status, headers, body }. */
  async serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = {
      method: request.method, url: new URL(`https://${request.headers.host}${request.url}`), headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    const { status, headers, body } = this.answer(call);
    const bytes = headers['content-encoding'] === 'gzip' ? gzipSync(body) : Buffer.from(body);
    response.writeHead(status, { ...headers, 'content-length': bytes.length });
    response.end(bytes);
  }
}

/** Plays jobs on a few stages, each as soon as one is free. */
export class Theatre {
  static async open(certificate, count) {
    const theatre = new Theatre();
    theatre.stages = await Promise.all(Array.from({ length: count }, () => Stage.open(certificate)));
    theatre.free = [...theatre.stages];
    theatre.waiting = [];
    return theatre;
  }

  /** The promise of what `job`, a function of a stage, returns. */
  async play(job) {
    const stage = await (this.free.pop() ?? new Promise((resolve) => this.waiting.push(resolve)));
    try {
      return await job(stage);
    } finally {
      const next = this.waiting.shift();
      if (next) next(stage);
      else this.free.push(stage);
    }
  }
}
