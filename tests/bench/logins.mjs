// Whole logins: from the link on a page to the answer to who is signed in, each by somebody new; and what each of
// them asks the provider.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { latchkeyLogin } from './sites.mjs';
import { say, tool } from './stage.mjs';
import { median, ratios, summary } from './statistics.mjs';

const CONNECTIONS = 8;

/** Runs logins.c: what it counted. */
async function logins(site, path, { seconds, connections, contains = 'Ada Person' }) {
  const { stdout } = await promisify(execFile)(tool('logins'), ['--port', String(site.port), '--path', path, '--seconds', String(seconds),
    '--connections', String(connections), '--contains', contains]);
  return JSON.parse(stdout);
}

const subjects = (sites) => [
  { id: 'openidc', what: 'mod_auth_openidc', server: 'Apache', site: sites.openidc, path: '/protected/static.json' },
  { id: 'flask', what: 'Flask + Authlib', server: 'gunicorn', site: sites.gunicorn, path: '/login' },
  { id: 'fcgid', what: 'Latchkey', server: 'Apache, mod_fcgid', site: sites.fcgid, path: latchkeyLogin },
  { id: 'nginx', what: 'Latchkey', server: 'nginx, FastCGI', site: sites.nginxFast, path: latchkeyLogin },
  { id: 'lighttpd', what: 'Latchkey', server: 'lighttpd, FastCGI', site: sites.lighttpdFast, path: latchkeyLogin },
  { id: 'memory', what: 'Latchkey', server: 'nginx, FastCGI', memory: true, site: sites.nginxMemory, path: latchkeyLogin },
  { id: 'cgi', what: 'Latchkey', server: 'Apache, CGI', site: sites.apache, path: latchkeyLogin },
  { id: 'flask-cgi', what: 'Flask + Authlib', server: 'Apache, CGI', site: sites.apache, path: '/cgi-bin/flask.cgi/login', connections: 1, seconds: 3, rounds: 1 },
].filter(({ site }) => site);

/** One slice: what was counted here, and at the provider, a login. */
async function sample(provider, { site, path, seconds, connections = CONNECTIONS }) {
  await provider.counts();
  const counted = await logins(site, path, { seconds, connections });
  const asked = await provider.counts();
  if (counted.failed > 0) say(`logins: ${counted.failed} failed: ${counted.first_failure}\n${site.log().slice(-2000)}`);
  // The browser's own: one connection a login, and the authorization request.
  const { authorize, connections: all, ...server } = asked;
  const each = (number) => number / Math.max(authorize, 1);
  return { ...counted, roundTrips: each(Object.values(server).reduce((total, number) => total + number, 0)), connections: each(all - authorize) };
}

/** The whole part: { rows: [{ id, what, server, rate, ratios: { openidc, flask }, p50, p99, requests, roundTrips, connections, failed }] }. */
export async function measureLogins(provider, sites, { rounds, seconds }) {
  const list = subjects(sites);
  const samples = Object.fromEntries(list.map(({ id }) => [id, []]));
  say(`logins: ${list.length} ways, ${rounds} rounds of ${seconds} s at ${CONNECTIONS} people at once`);
  for (const subject of list) await sample(provider, { seconds: 0.3, ...subject });
  for (let round = 0; round < rounds; round++)
    for (const subject of list)
      if (round < (subject.rounds ?? rounds)) samples[subject.id].push(await sample(provider, { seconds, ...subject }));

  const rates = (id) => samples[id].map(({ per_second }) => per_second);
  const middle = (id, name) => median(samples[id].map((one) => one[name]));
  return {
    connections: CONNECTIONS,
    rows: list.map(({ id, what, server, memory }) => ({
      id,
      what,
      server,
      memory,
      rate: summary(rates(id)),
      ratios: { openidc: ratios(rates(id), rates('openidc')), flask: ratios(rates(id), rates('flask')) },
      p50: middle(id, 'p50') / 1000,
      p99: middle(id, 'p99') / 1000,
      requests: middle(id, 'requests'),
      roundTrips: middle(id, 'roundTrips'),
      connections: middle(id, 'connections'),
      failed: samples[id].reduce((total, { failed }) => total + failed, 0),
    })),
  };
}
