// make bench-check: has a repeatable figure grown by more than 5 % over the committed ones? Exit status 0 if none has, 1 if one
// has, 2 if there is nothing to compare with. With KEEP=1 in the environment, the new figures take the place of the committed ones,
// as they do after make bench: status 0.
import * as figures from './figures.mjs';
import { kernel, kind } from './machine.mjs';
import { measureRepeatable } from './programs.mjs';
import { number, table } from './report.mjs';
import { orderly, startProvider } from './stage.mjs';

const percent = (change) => (change === null ? '' : `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`);

function tell({ compared, remarks, missing }) {
  const shown = compared.filter(({ before, now }) => before !== now);
  const rows = shown.map(({ what, name, before, now, change, grown }) => [what, figures.names[name], number(before), number(now), percent(change), grown ? 'GROWN' : '']);
  if (rows.length > 0) console.log(table(['program', 'figure', 'committed', 'now', 'change', ''], rows, 'llrrrl'));
  for (const remark of remarks) console.log(remark);
  for (const what of missing) console.log(`${what}: committed, but not measured any more`);
  const grown = compared.filter((figure) => figure.grown).length;
  console.log(`bench-check: ${compared.length} figures compared, ${grown} grown by more than 5 %, ${missing.length} missing`);
  return grown + missing.length > 0 ? 1 : 0;
}

function tellNothing({ kind: here }) {
  console.log(`bench-check: nothing to compare with: no figures are committed for\n  ${here}\nbut for`);
  for (const name of figures.kinds()) console.log(`  ${name}`);
  console.log('Other systems build other programs; make bench-check KEEP=1 keeps the figures of this one in tests/bench/figures.json.');
  return 2;
}

async function check() {
  const machine = { kind: kind(), kernel: kernel() };
  const before = figures.committed(machine);
  const keep = process.env.KEEP === '1';
  if (!before && !keep) return tellNothing(machine);
  const now = await measureRepeatable(await startProvider());
  const status = before ? tell(figures.compare(before, machine, now)) : 0;
  if (!keep) return status;
  figures.save(machine, now);
  console.log(`bench-check: kept ${Object.keys(now).length} programs’ figures for ${machine.kind}`);
  return 0;
}

process.exitCode = await orderly(check);
