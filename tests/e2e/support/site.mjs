// A web server on loopback with the demo site and the programs: tests/run/server, with a configuration of the test's.
import fs from 'node:fs';
import path from 'node:path';
import { cgiBin, freePort, listening, site, start, stateFolder, templates, top, workFolder, writeSecret } from './place.mjs';

/**
 * Starts a server. `providers` is the text of the [provider …] sections, or a function from the origin to it; `state` a
 * state folder that is there already; `extra` more configuration of the server, or a function from the origin to it;
 * `environment` more for tests/run/server. Returns { origin, port, log(), stop(), state, conf,
 * pid }.
 */
export async function startSite({ server = 'apache', fastcgi = false, providers = '', session = '', cgi = cgiBin,
  www = site, snippets, templates: templatesFolder = templates, conf = null,
  state = null, extra = '', environment = {} } = {}) {
  const work = workFolder(server);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  state ??= stateFolder(path.join(work, 'state'));
  const text = typeof providers === 'function' ? await providers(origin) : providers;
  conf = writeSecret(conf ?? path.join(work, 'latchkey.conf'), `[site]
base_url = ${origin}
state_dir = ${state}
${templatesFolder ? `templates = ${templatesFolder}` : ''}
title = End to end
${session}
${text}
`);
  const log = path.join(work, 'log');
  const env = { CGIDIR: cgi, WWWDIR: www, CONF: conf, WORK: path.join(work, 'server') };
  if (snippets) env.SNIPPETS = snippets;
  const more = typeof extra === 'function' ? extra(origin) : extra;
  if (more) fs.writeFileSync(env.EXTRA = path.join(work, 'extra'), more);
  const running = start(path.join(top, 'tests/run/server'), [server, String(port), ...(fastcgi ? [fastcgi === true ? '--fastcgi' : `--${fastcgi}`] : [])],
    { log, env: { ...env, ...environment } });
  await listening(port, running, log);
  return { origin, port, state, conf, log: () => fs.readFileSync(log, 'utf8'), stop: running.stop, pid: running.child.pid };
}

/** The lines that the programs logged, each as an object of its fields. */
export function events(log) {
  return log.split('\n').filter((line) => line.includes('latchkey time=')).map((line) => {
    const fields = {};
    const text = line.slice(line.indexOf('latchkey time='));
    for (const [, name, quoted, plain] of text.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g))
      fields[name] = quoted ?? plain;
    return fields;
  });
}
