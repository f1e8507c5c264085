// Under load: "who am I?", asked of each server by 1, 8, 32 and 128 connections at once.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { workFolder } from '../e2e/support/place.mjs';
import { descendants, memory } from './processes.mjs';
import { latchkeyLogin, signIn } from './sites.mjs';
import { exists, say, tool } from './stage.mjs';
import { median, ratios, summary } from './statistics.mjs';

const CONNECTIONS = [1, 8, 32, 128];

/** A request as it goes over the wire, in a file. */
export function requestFile(site, target, fields = {}) {
  const file = path.join(workFolder('request'), 'request');
  const all = { Host: new URL(site.origin).host, Accept: 'application/json', 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) bench', ...fields };
  fs.writeFileSync(file, `GET ${target} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  return file;
}

/** Runs load.c: what it counted. */
export async function load(site, files, { connections = 8, seconds, requests, status = 200, contains } = {}) {
  const options = { port: site.port, connections, seconds, requests, status, contains };
  const args = Object.entries(options).filter(([, value]) => value !== undefined).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(tool('load'), [...args, ...files]);
  return JSON.parse(stdout);
}

/**
 * What is asked: { id, server, what, base (the id that it is compared with), site, files, … }. `connections` where not all four can be
 * asked within the time.
 */
async function subjects(sites) {
  const cookies = {
    latchkey: await signIn(sites.fcgid, latchkeyLogin),
    plain: await signIn(sites.apache, latchkeyLogin),
    openidc: await signIn(sites.openidc, '/protected/static.json'),
    flask: await signIn(sites.gunicorn, '/login'),
    flaskCgi: await signIn(sites.apache, '/cgi-bin/flask.cgi/login'),
  };
  const asked = (site, target, cookie) => ({ site, files: [requestFile(site, target, cookie ? { Cookie: cookie } : {})] });
  const cookieOf = (site) => ([sites.apache, sites.lighttpd, sites.nginx].includes(site) ? cookies.plain : cookies.latchkey);
  const ours = (site) => asked(site, '/cgi-bin/me.cgi', cookieOf(site));
  const checked = (site) => ({ ...asked(site, '/cgi-bin/check.cgi', cookieOf(site)), status: 204 });
  const empty = (site) => ({ ...asked(site, '/cgi-bin/empty.cgi'), contains: '{}' });
  const ada = { contains: 'Ada Person' };
  const all = [
    { id: 'apache-file', server: 'Apache', what: 'a static file', ...asked(sites.apache, '/static.json'), ...ada },
    { id: 'apache-empty', server: 'Apache, CGI', what: 'an empty static program', ...empty(sites.apache) },
    { id: 'apache-me', server: 'Apache, CGI', what: 'me.cgi', base: 'apache-empty', ...ours(sites.apache), ...ada },
    { id: 'apache-check', server: 'Apache, CGI', what: 'check.cgi', base: 'apache-empty', ...checked(sites.apache) },
    { id: 'apache-flask', server: 'Apache, CGI', what: 'Flask + Authlib', base: 'apache-empty', connections: [1, 8], seconds: 2, rounds: 2, ...asked(sites.apache, '/cgi-bin/flask.cgi/me', cookies.flaskCgi), ...ada },
    { id: 'lighttpd-empty', server: 'lighttpd, CGI', what: 'an empty static program', ...empty(sites.lighttpd) },
    { id: 'lighttpd-me', server: 'lighttpd, CGI', what: 'me.cgi', base: 'lighttpd-empty', ...ours(sites.lighttpd), ...ada },
    { id: 'lighttpd-check', server: 'lighttpd, CGI', what: 'check.cgi', base: 'lighttpd-empty', ...checked(sites.lighttpd) },
    { id: 'nginx-empty', server: 'nginx, fcgiwrap', what: 'an empty static program', ...empty(sites.nginx) },
    { id: 'nginx-me', server: 'nginx, fcgiwrap', what: 'me.cgi', base: 'nginx-empty', ...ours(sites.nginx), ...ada },
    { id: 'nginx-check', server: 'nginx, fcgiwrap', what: 'check.cgi', base: 'nginx-empty', ...checked(sites.nginx) },
    { id: 'openidc-hook', server: 'Apache', what: 'mod_auth_openidc, info hook', ...asked(sites.openidc, '/protected/redirect?info=json', cookies.openidc), ...ada },
    { id: 'openidc-file', server: 'Apache', what: 'mod_auth_openidc, a protected file', base: 'openidc-hook', ...asked(sites.openidc, '/protected/static.json', cookies.openidc), ...ada },
    { id: 'flask', server: 'gunicorn', what: 'Flask + Authlib', base: 'openidc-hook', ...asked(sites.gunicorn, '/me', cookies.flask), ...ada },
    { id: 'nginx-flask', server: 'nginx, gunicorn', what: 'Flask + Authlib', base: 'openidc-hook', ...asked(sites.nginxFast, '/flask/me', cookies.flask), ...ada },
    { id: 'fcgid-me', server: 'Apache, mod_fcgid', what: 'me.cgi', base: 'openidc-hook', ...ours(sites.fcgid), ...ada },
    { id: 'fcgid-check', server: 'Apache, mod_fcgid', what: 'check.cgi', base: 'openidc-hook', ...checked(sites.fcgid) },
    { id: 'proxy-me', server: 'Apache, mod_proxy_fcgi', what: 'me.cgi', base: 'openidc-hook', ...ours(sites.proxy), ...ada },
    { id: 'proxy-check', server: 'Apache, mod_proxy_fcgi', what: 'check.cgi', base: 'openidc-hook', ...checked(sites.proxy) },
    { id: 'lighttpd-fast-me', server: 'lighttpd, FastCGI', what: 'me.cgi', base: 'openidc-hook', ...ours(sites.lighttpdFast), ...ada },
    { id: 'lighttpd-fast-check', server: 'lighttpd, FastCGI', what: 'check.cgi', base: 'openidc-hook', ...checked(sites.lighttpdFast) },
    { id: 'nginx-fast-me', server: 'nginx, FastCGI', what: 'me.cgi', base: 'openidc-hook', ...ours(sites.nginxFast), ...ada },
    { id: 'nginx-fast-check', server: 'nginx, FastCGI', what: 'check.cgi', base: 'openidc-hook', ...checked(sites.nginxFast) },
  ];
  return all.filter(({ what }) => what !== 'check.cgi' || exists('check.cgi'));
}

/** Every answer is there once, and right, before anything is measured; and what a server starts late has been started. */
async function warmUp(list) {
  for (const subject of list) {
    const { site, files, connections = CONNECTIONS } = subject;
    const { failed, failures } = await load(site, files, { ...subject, connections: connections.at(-1), seconds: 0.5 });
    if (failed > 0) say(`servers: ${subject.server}, ${subject.what}: while warming up ${JSON.stringify(failures)}\n${site.log().slice(-2000)}`);
  }
}

/** samples[id][connections]: what load.c counted, one for each round. */
async function sample(list, { rounds, seconds }) {
  const samples = Object.fromEntries(list.map(({ id }) => [id, Object.fromEntries(CONNECTIONS.map((count) => [count, []]))]));
  for (let round = 0; round < rounds; round++) {
    say(`servers: round ${round + 1} of ${rounds}`);
    for (const count of CONNECTIONS)
      for (const subject of list)
        if ((subject.connections ?? CONNECTIONS).includes(count) && round < (subject.rounds ?? rounds))
          samples[subject.id][count].push(await load(subject.site, subject.files, { seconds, ...subject, connections: count }));
  }
  return samples;
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

function countFailures(counted) {
  const failures = {};
  for (const one of counted)
    for (const [what, count] of Object.entries(one.failures)) failures[what] = (failures[what] ?? 0) + count;
  return failures;
}

function at(counted, base) {
  const rates = counted.map(({ per_second }) => per_second);
  return {
    rate: summary(rates),
    ratio: base && ratios(rates, base.map(({ per_second }) => per_second)),
    p50: median(counted.map(({ p50 }) => p50 / 1000)),
    p99: median(counted.map(({ p99 }) => p99 / 1000)),
    asked: sum(counted.map(({ answers, failed }) => answers + failed)),
    failed: sum(counted.map(({ failed }) => failed)),
    failures: countFailures(counted),
  };
}

/** The whole part: { rows: [{ id, server, what, base, at: { 1: …, 8: …, … } }] }. */
export async function measureServers(sites, options) {
  const list = await subjects(sites);
  say(`servers: ${list.length} of them, ${options.rounds} rounds of ${options.seconds} s at ${CONNECTIONS.join(', ')} connections`);
  await warmUp(list);
  const samples = await sample(list, options);
  const rows = list.map(({ id, server, what, base }) => ({
    id,
    server,
    what,
    base,
    at: Object.fromEntries(CONNECTIONS.filter((count) => samples[id][count].length > 0)
      .map((count) => [count, at(samples[id][count], base && samples[base][count])])),
  }));
  return { connections: CONNECTIONS, rows };
}

/** What serving all that takes in memory (KB): [{ what, processes, each, total }]. */
export function measureMemory(sites) {
  const row = (what, pids) => {
    const total = sum(pids.map((pid) => memory(pid).proportional));
    return { what, processes: pids.length, each: total / pids.length, total };
  };
  const below = (site, name) => descendants(site.pid).filter((child) => child.name === name).map(({ pid }) => pid);
  return [
    row('me.cgi, FastCGI behind nginx', below(sites.nginxFast, 'me.cgi')),
    row('me.cgi, FastCGI under mod_fcgid', below(sites.fcgid, 'me.cgi')),
    row('Apache with plain CGI programs', below(sites.apache, 'apache2')),
    row('Apache with mod_auth_openidc', below(sites.openidc, 'apache2')),
    row('gunicorn with Flask + Authlib', [sites.gunicorn.pid, ...descendants(sites.gunicorn.pid).map(({ pid }) => pid)]),
  ].filter(({ processes }) => processes > 0);
}
