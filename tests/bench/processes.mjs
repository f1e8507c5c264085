// What processes take: the memory of those that a server has started, as the kernel counts it.
import fs from 'node:fs';
import path from 'node:path';

const read = (file) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
};

/** [{ pid, name }] of a process's descendants. */
export function descendants(pid) {
  const children = new Map();
  for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // The name, in parentheses, may contain anything.
    const [, name, parent] = read(`/proc/${entry}/stat`).match(/^\d+ \((.*)\) \S (\d+)/s) ?? [];
    if (!parent) continue;
    if (!children.has(Number(parent))) children.set(Number(parent), []);
    children.get(Number(parent)).push({ pid: Number(entry), name });
  }
  const all = [];
  for (const queue = [pid]; queue.length > 0;) {
    const found = children.get(queue.shift()) ?? [];
    all.push(...found);
    queue.push(...found.map((child) => child.pid));
  }
  return all;
}

const kilobytes = (text, field) => Number(text.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))?.[1] ?? 0);

/** What it has for itself and what it shares, in KB: { resident, proportional (shared memory by parts), own }. */
export function memory(pid) {
  const text = read(`/proc/${pid}/smaps_rollup`);
  return { resident: kilobytes(text, 'Rss'), proportional: kilobytes(text, 'Pss'), own: kilobytes(text, 'Private_Dirty') };
}

export const files = (pid) => fs.readdirSync(path.join('/proc', String(pid), 'fd')).length;
