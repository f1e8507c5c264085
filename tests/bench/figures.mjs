// The repeatable figures, as they were committed: figures.json, by the kind of machine. Only like is compared with like: another
// C library or compiler, another architecture, makes another program. Memory is also a matter of the kernel; and of how the
// shared libraries lie in the page cache: that of programs that have any is not compared.
import fs from 'node:fs';
import path from 'node:path';
import { here } from './stage.mjs';

const file = path.join(here, 'figures.json');
const TOLERANCE = 1.05;
export const names = { instructions: 'instructions', calls: 'system calls', memory: 'peak memory, KB', libraries: 'shared libraries' };

const readAll = () => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});

/** Those of this kind of machine take the place of what was there; all others stay. */
export function save({ kind, kernel }, programs) {
  const all = { ...readAll(), [kind]: { kernel, programs } };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  fs.writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
}

/** The committed ones of this kind of machine, or null; and what kinds there are. */
export const committed = ({ kind }) => readAll()[kind] ?? null;
export const kinds = () => Object.keys(readAll());

/**
 * What became of each committed figure: [{ what, name, before, now, change, grown }], and in words what could not be compared:
 * { compared, remarks, missing }.
 */
export function compare(before, { kernel }, programs) {
  const compared = [];
  const remarks = [];
  const missing = Object.keys(before.programs).filter((id) => !programs[id]).map((id) => before.programs[id].what);
  const sameKernel = before.kernel === kernel;
  if (!sameKernel) remarks.push(`peak memory: not compared, for this is Linux ${kernel}, and the committed figures are of ${before.kernel}`);
  for (const [id, now] of Object.entries(programs)) {
    if (id === 'empty') continue; // what others are compared to; as small as what starts it
    const then = before.programs[id];
    if (!then) {
      remarks.push(`${now.what}: not compared, for it is new: make bench`);
      continue;
    }
    for (const name of Object.keys(names))
      if (name !== 'memory' || (sameKernel && now.libraries === 0))
        compared.push({ what: now.what, name, before: then[name], now: now[name], change: then[name] === 0 ? null : now[name] / then[name] - 1, grown: now[name] > then[name] * TOLERANCE });
  }
  return { compared, remarks, missing };
}
