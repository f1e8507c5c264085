// A small site and a large one: "who am I?" with a thousand accounts and sessions, and with up to a million.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build, templates, workFolder } from '../e2e/support/place.mjs';
import { startSite } from '../e2e/support/site.mjs';
import { instructions, run, systemCalls, variables } from './programs.mjs';
import { load, requestFile } from './servers.mjs';
import { handOver, origin, say, sections, tool } from './stage.mjs';
import { ratios, summary } from './statistics.mjs';

const SAMPLES = 200; // people who ask, from all over the tables

/** A filled state folder, its configuration, and the cookies of some who are in it. */
function fill(provider, count) {
  const folder = workFolder(`sessions-${count}`);
  const state = path.join(folder, 'state');
  const conf = path.join(folder, 'latchkey.conf');
  fs.mkdirSync(state, { mode: 0o700 });
  fs.writeFileSync(conf, `[site]\nbase_url = ${origin}\nstate_dir = ${state}\ntemplates = ${templates}\n${sections(provider)}`, { mode: 0o600 });
  const started = Date.now();
  const cookies = execFileSync(tool('fill'), [String(count), String(SAMPLES)], { encoding: 'utf8', env: { LATCHKEY_CONF: conf } }).trim().split('\n');
  execFileSync('sync', ['-f', state]); // or it would go on writing while others are measured
  return { count, state, conf, cookies, seconds: (Date.now() - started) / 1000, bytes: fs.statSync(path.join(state, 'latchkey.db')).size };
}

const asked = ({ conf, cookies }) => cookies.map((cookie) => ({
  file: path.join(build, 'cgi-bin/me.cgi'),
  asked: variables('me.cgi', conf, { headers: { cookie } }),
}));

/** As a process: times of each place, pooled over all who ask; interleaved person by person. */
function processTimes(places, rounds) {
  const lists = places.map(asked);
  const mixed = lists[0].flatMap((_, person) => lists.map((list) => list[person]));
  const samples = run(mixed, rounds);
  return places.map((_, place) => samples.flatMap(({ times }, i) => (i % places.length === place ? times : [])));
}

async function startAll(provider, places) {
  const sites = [];
  for (const { state, cookies } of places) {
    handOver(state);
    const site = await startSite({ server: 'nginx', fastcgi: true, state, providers: sections(provider), environment: { PROCESSES: '2', PROGRAMS: 'me' } });
    sites.push({ site, files: cookies.map((cookie) => requestFile(site, '/cgi-bin/me.cgi', { Cookie: cookie })) });
  }
  return sites;
}

async function rates(provider, places, { rounds, seconds }) {
  const sites = await startAll(provider, places);
  const counted = places.map(() => []);
  for (let round = -1; round < rounds; round++)
    for (const [i, { site, files }] of sites.entries()) {
      const one = await load(site, files, { seconds, contains: 'Ada Person' });
      if (round >= 0) counted[i].push(one); // the first round fetches the file into memory
    }
  for (const { site } of sites) await site.stop();
  return counted;
}

/** The whole part: { rows: [{ count, bytes, filled, time, ratio, instructions, calls, rate, rateRatio, failed }] }. */
export async function measureSessions(provider, { largest, processRounds, rounds, seconds }) {
  const counts = [1e3, 1e4, 1e5, 1e6, 1e7].filter((count) => count <= largest);
  say(`sessions: filling ${counts.join(', ')}`);
  const places = counts.map((count) => fill(provider, count));
  say('sessions: as a process');
  processTimes(places, 1);
  const times = processTimes(places, processRounds);
  const work = places.map((place) => ({ instructions: instructions(asked(place)[SAMPLES / 2]), calls: systemCalls(asked(place)[SAMPLES / 2]) }));
  say('sessions: under FastCGI');
  const counted = await rates(provider, places, { rounds, seconds });
  const perSecond = counted.map((list) => list.map(({ per_second }) => per_second));
  return {
    rows: places.map(({ count, bytes, seconds: filled }, i) => ({
      count,
      bytes,
      filled,
      time: summary(times[i]),
      ratio: ratios(times[i], times[0]),
      ...work[i],
      rate: summary(perSecond[i]),
      rateRatio: ratios(perSecond[i], perSecond[0]),
      failed: counted[i].reduce((total, { failed }) => total + failed, 0),
    })),
  };
}
