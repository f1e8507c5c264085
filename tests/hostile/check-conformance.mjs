// Is each line of tests/CONFORMANCE.md proved? A line names tests as `file`: “name of the test”, or says why it is not ours. The
// tests named must stand in the results that tests/run/suite has just kept, and have passed; WITHOUT=e2e: those of tests/e2e did not
// run. TAP on stdout.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const results = (file) => path.resolve(top, process.env.BUILD ?? 'build', 'log', file.includes('/') ? file.replace('/', '-') : `hostile-${file}`);

/** The rows of the document's tables: { module, proof }. */
function rows(text) {
  return text.split('\n').filter((line) => /^\| `/.test(line)).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return { module: cells[1].replaceAll('`', ''), proof: cells.at(-2) };
  });
}

const passed = (log, name) => log.split('\n').some((line) => line.replace(/^ok \d+ - /, '') === name && line.startsWith('ok '));

/** What is wrong with a row, or null. `read` gives the results of a test file, or null. */
function fault({ proof }, read) {
  if (/^not ours: .{20}/i.test(proof)) return null;
  const tests = [...proof.matchAll(/`(\w+(?:\/\w+)?)`: “([^”]+)”/g)];
  if (tests.length === 0) return 'names no test, nor why it is not ours';
  for (const [, file, name] of tests) {
    if (file.startsWith('e2e/') && process.env.WITHOUT === 'e2e') continue;
    const log = read(file);
    if (log === null) return `${file} did not run`;
    if (!passed(log, name)) return `${file}: “${name}” did not run, or did not pass`;
  }
  return null;
}

const read = (file) => (fs.existsSync(results(file)) ? fs.readFileSync(results(file), 'utf8') : null);

// Shown first that it can fail.
const sample = (file) => (file === 'ran' ? 'ok 1 - good\nnot ok 2 - bad\nok 3 - skipped # SKIP\n' : null);
const findings = ['`ran`: “good”', 'not ours: a reason of some length', '`ran`: “bad”', '`ran`: “skipped”', '`ran`: “goo”',
  '`other`: “good”', '`ran`: “good”, `ran`: “bad”', 'not ours:', '']
  .map((proof) => fault({ proof }, sample) === null);
const able = JSON.stringify(findings) === JSON.stringify([true, true, ...Array(7).fill(false)]);

const lines = rows(fs.readFileSync(path.join(top, 'tests/CONFORMANCE.md'), 'utf8'));
const judged = [
  { name: 'the check of CONFORMANCE.md finds what is wrong', wrong: able ? null : JSON.stringify(findings) },
  { name: 'CONFORMANCE.md has all its lines', wrong: lines.length >= 60 ? null : `${lines.length} lines` },
  ...lines.map((row) => ({ name: `conformance: ${row.module}`, wrong: fault(row, read) })),
];
judged.forEach(({ name, wrong }, i) => console.log(wrong === null ? `ok ${i + 1} - ${name}` : `not ok ${i + 1} - ${name}\n# ${wrong}`));
console.log(`1..${judged.length}`);
process.exitCode = judged.some(({ wrong }) => wrong !== null) ? 1 : 0;
