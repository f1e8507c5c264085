// make bench: measures, prints the tables, and keeps them: tests/bench/RESULTS.md, results.svg and figures.json after a whole run, otherwise
// only $BUILD/bench.
//
// Environment: BUILD (build); PARTS (programs servers logins sessions soak): those to measure; and how long:
// PROCESS_ROUNDS (300), ROUNDS (5), SECONDS_EACH (0.35), LOGIN_SECONDS (1.5), SESSIONS (1000000), SOAK (1000000, for as long as two
// minutes; what is asked for is done to its end).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from '../e2e/support/place.mjs';
import * as figures from './figures.mjs';
import { measureLogins } from './logins.mjs';
import { machine } from './machine.mjs';
import { picture } from './picture.mjs';
import { measurePrograms } from './programs.mjs';
import { report } from './report.mjs';
import { measureMemory, measureServers } from './servers.mjs';
import { measureSessions } from './sessions.mjs';
import { startSites } from './sites.mjs';
import { measureSoak } from './soak.mjs';
import { here, orderly, say, startProvider } from './stage.mjs';

const ALL = ['programs', 'servers', 'logins', 'sessions', 'soak'];
const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);
const parts = (process.env.PARTS ?? ALL.join(' ')).split(/\s+/).filter(Boolean);
const settings = {
  programs: { rounds: setting('PROCESS_ROUNDS', 300) },
  servers: { rounds: setting('ROUNDS', 5), seconds: setting('SECONDS_EACH', 0.35) },
  logins: { rounds: setting('ROUNDS', 5), seconds: setting('LOGIN_SECONDS', 1.5) },
  sessions: { largest: setting('SESSIONS', 1e6), processRounds: setting('SESSION_ROUNDS', 5), rounds: setting('ROUNDS', 5), seconds: 0.5 },
  soak: { requests: setting('SOAK', 1e6), atMost: process.env.SOAK ? Infinity : 120 },
};
// What these names mean is also what a result must have been measured with to be kept.
const isWhole = ALL.every((part) => parts.includes(part)) && settings.servers.rounds >= 5 && settings.programs.rounds >= 300 && settings.sessions.largest >= 1e6;

async function measureSites(provider, results) {
  const sites = await startSites(provider);
  if (parts.includes('servers')) {
    results.servers = { ...settings.servers, ...await measureServers(sites, settings.servers) };
    results.memory = measureMemory(sites);
  }
  if (parts.includes('logins')) results.logins = await measureLogins(provider, sites, settings.logins);
  await Promise.all(Object.values(sites).map((site) => site.stop()));
}

async function measure() {
  const started = Date.now();
  const provider = await startProvider();
  const results = { machine: machine(os.tmpdir()) };
  if (parts.includes('programs')) results.programs = { ...settings.programs, ...await measurePrograms(provider, settings.programs) };
  if (parts.includes('servers') || parts.includes('logins')) await measureSites(provider, results);
  if (parts.includes('sessions')) results.sessions = await measureSessions(provider, settings.sessions);
  if (parts.includes('soak')) results.soak = await measureSoak(provider, settings.soak);
  results.seconds = (Date.now() - started) / 1000;
  return results;
}

function keep(results) {
  const folder = path.join(build, 'bench');
  const text = report(results);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  for (const place of isWhole ? [folder, here] : [folder]) {
    fs.writeFileSync(path.join(place, 'RESULTS.md'), text);
    fs.writeFileSync(path.join(place, 'results.svg'), picture(results));
  }
  if (isWhole) figures.save(results.machine, results.programs.figures);
  console.log(text);
  say(isWhole ? `bench: kept in ${here}` : `bench: not a whole run: kept in ${folder} alone`);
}

const unknown = parts.filter((part) => !ALL.includes(part));
if (unknown.length > 0) {
  say(`bench: no such part: ${unknown.join(', ')}; there are ${ALL.join(', ')}`);
  process.exit(64);
}
await orderly(async () => keep(await measure()));
