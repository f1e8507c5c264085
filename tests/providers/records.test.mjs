// Signing in with every provider that lib/providers.ini has a record of: with its real addresses, by the answers that it really
// gives (samples/ID.json). A record without a sample fails, and so does a sample without a record.
import assert from 'node:assert/strict';
import os from 'node:os';
import test from 'node:test';
import { cgi } from '../e2e/support/cgi.mjs';
import { Login, changed, rules } from './login.mjs';
import { readRecords, readSamples, settingsOf } from './sample.mjs';
import { address, makeCertificate, Theatre } from './stage.mjs';

const samples = readSamples();
const records = readRecords();
const hostsOf = (sample) => [...JSON.stringify(sample).toLowerCase().matchAll(/https:\/\/([a-z0-9.-]+)/g)].map(([, host]) => host);
const certificate = makeCertificate([...new Set([...samples.values()].flatMap(hostsOf))]);
const theatre = await Theatre.open(certificate, os.cpus().length + 1);

/** A test whose work is begun at once, beside that of the others. Returns its promise. */
function begun(name, job) {
  const work = theatre.play(job);
  work.catch(() => {}); // told below
  test(name, () => work);
  return work;
}

async function signIn(sample, stage) {
  const login = new Login(sample, stage);
  await login.begin();
  await login.checkSignedIn(await login.comeBack(sample.callback));
}

/** The person said no there: nothing more is asked. */
async function decline(sample, { parameters, post }, stage) {
  const login = new Login(sample, stage);
  await login.begin();
  const answer = await login.comeBack({ parameters, post });
  await login.checkStopped(answer, { rule: 'login_denied', status: 403, asked: 0 });
}

async function failAt(sample, { at, answer, rule, ...changes }, stage) {
  assert.ok(rule, 'a failure names its rule');
  const wrong = changed(sample, changes);
  if (at !== undefined) wrong.exchange = wrong.exchange.map((step, i) => (i === at ? { ...step, answer } : step));
  const login = new Login(wrong, stage);
  await login.begin();
  const stopped = await login.comeBack(wrong.callback);
  await login.checkStopped(stopped, { rule, asked: at === undefined ? wrong.exchange.length : at + 1 });
}

/** Known, but not spoken yet: to configure it is an error that says why. */
async function refuse(sample, stage) {
  const place = stage.site(sample.id, settingsOf(sample), []);
  const answer = await cgi('login.cgi', place, { query: `provider=${sample.id}` });
  assert.equal(answer.status, 500);
  assert.deepEqual(rules(answer.log), ['config'], answer.log);
  const { unsupported } = records.get(sample.id);
  assert.ok(answer.log.includes(unsupported), `${unsupported} in ${answer.log}`);
  assert.ok(unsupported.includes(sample.unsupported), unsupported);
}

/** All of a sample's tests, begun: the login itself first. */
function play(sample) {
  const { id, unsupported, refusals, failures = [], variants = [] } = sample;
  if (unsupported) return [begun(`${id}: refused, for a reason`, (stage) => refuse(sample, stage))];
  return [
    begun(`${id}: signed in`, (stage) => signIn(sample, stage)),
    ...refusals.map((refusal) => begun(`${id}: no: ${refusal.name}`, (stage) => decline(sample, refusal, stage))),
    ...failures.map((failure) => begun(`${id}: failure: ${failure.name}`, (stage) => failAt(sample, failure, stage))),
    ...variants.map((variant) => begun(`${id}: also: ${variant.name}`, (stage) => signIn(changed(sample, variant), stage))),
  ];
}

/** What became of a record's tests, in a few words. */
async function outcome(work, { unsupported }) {
  if (!work) return 'FAILED: no sample';
  const [login, ...others] = (await Promise.allSettled(work)).map(({ status }) => status === 'fulfilled');
  if (!login) return 'FAILED';
  if (unsupported) return `not yet: ${unsupported}`;
  const wrong = others.filter((right) => !right).length;
  return `login ok, ${wrong > 0 ? `FAILED ${wrong} of ${others.length} besides` : `and ${others.length} tests besides`}`;
}

test('every record has a sample, and every sample a record', () => {
  assert.deepEqual([...samples.keys()].sort(), [...records.keys()].sort());
});

const played = new Map([...samples].filter(([id]) => records.has(id)).map(([id, sample]) => [id, play(sample)]));

test('each sample has a refusal', () => {
  const without = [...samples.values()].filter(({ unsupported, refusals = [] }) => !unsupported && refusals.length === 0);
  assert.deepEqual(without.map(({ id }) => id), []);
});

test('all providers', async (t) => {
  for (const [id, record] of records) {
    const { label, type } = record;
    t.diagnostic(`| ${id.padEnd(14)} ${label.padEnd(22)} ${type.padEnd(7)} ${await outcome(played.get(id), record)}`);
  }
});

test('nobody else was called', () => {
  const connections = theatre.stages.map((stage) => stage.connections());
  assert.ok(connections.every((lines) => lines.length > 0));
  assert.deepEqual(connections.flat().filter((line) => line !== `passed ${address} 443`), []);
});
