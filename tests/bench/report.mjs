// What was measured, as text: tables, ratios first.
import { judge } from './bars.mjs';

// ---- numbers

/** Three digits that mean something, thousands apart. */
export function number(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ' ');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

const spread = ({ median, low, high }) => `${number(median)} (${number(low)}–${number(high)})`;
const ratio = (value) => (value ? `**${value.median.toFixed(2)}** (${value.low.toFixed(2)}–${value.high.toFixed(2)})` : '');
const megabytes = (kilobytes) => `${(kilobytes / 1024).toFixed(1)} MB`;

// ---- tables

/** A table in Markdown that can be read as it is. `align`: a letter a column, l or r. */
export function table(heads, rows, align) {
  const widths = heads.map((head, i) => Math.max(3, ...[head, ...rows.map((row) => row[i])].map((text) => [...text].length)));
  const cell = (text, i) => (align[i] === 'r' ? ' '.repeat(widths[i] - [...text].length) + text : text + ' '.repeat(widths[i] - [...text].length));
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (align[i] === 'r' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}

// ---- parts

function barsPart(results) {
  const bars = judge(results);
  const bounds = bars.filter(({ met, bound }) => met === false && bound).map(({ figure, bound }) => `**${figure}:** ${bound}`);
  const rows = bars.map(({ figure, bar, text, where, met }) => [figure, bar, text || '–', { true: 'met', false: '**NOT MET**', null: 'not measured' }[met], where ?? '']);
  return ['## The bars', table(['figure', 'bar', 'measured', '', 'where'], rows, 'llrll'), ...bounds];
}

function machinePart({ machine }) {
  return ['## The machine', table(['', ''], Object.entries(machine.facts), 'll')];
}

function programsPart({ programs }) {
  const rows = programs.rows.map((row) => [row.what, ratio(row.ratio), spread(row.time), number(row.processor), megabytes(row.memory), number(row.faults), number(row.calls), number(row.libraries), number(row.instructions)]);
  const text = [
    '## A process, from start to end',
    `Each program once a round, ${programs.rounds} rounds; the ratio is to the empty program of the same round. In parentheses the quartiles. Instructions (callgrind), system calls (strace), memory and libraries are the repeatable figures: \`make bench-check\` compares them with tests/bench/figures.json.`,
    table(['program', '/ empty', 'ms', 'of it at work', 'peak memory', 'page faults', 'system calls', 'libraries', 'instructions'], rows, 'lrrrrrrrr'),
  ];
  if (programs.unmeasured.length > 0) text.push(`Built, but not measured here: ${programs.unmeasured.join(', ')}.`);
  return text;
}

function serversPart({ servers }) {
  const { rows, connections, rounds, seconds } = servers;
  const names = Object.fromEntries(rows.map(({ id, what }) => [id, what]));
  const base = (id) => (id ? ` / ${names[id].replace(', info hook', '’s hook').replace('an empty static program', 'empty')}` : '');
  const rates = rows.map(({ server, what, base: id, at }) => [server, what, at[8].ratio ? ratio(at[8].ratio) + base(id) : '', ...connections.map((count) => (at[count] ? spread(at[count].rate) : '–'))]);
  const latencies = rows.map(({ server, what, at }) => [server, what, ...connections.map((count) => (at[count] ? `${number(at[count].p50)} / ${number(at[count].p99)}` : '–')),
    Object.values(at).some(({ failed }) => failed > 0) ? Object.entries(at).filter(([, { failed }]) => failed > 0).map(([count, { failed, asked, failures }]) => `${failed} of ${asked} at ${count}: ${Object.keys(failures).join(', ')}`).join('; ') : '0']);
  const heads = connections.map((count) => `${count}`);
  return [
    '## Servers under load: who am I?',
    `Answers a second at ${connections.join(', ')} connections, each asking again as soon as it is answered (and the one who asks needs his part of the processors): ${rounds} interleaved rounds of ${seconds} s each; in parentheses the slowest and the fastest round. The ratio is at 8 connections. FastCGI programs run as 2 processes, under mod_fcgid as many as it starts. Flask + Authlib as CGI takes too long for more connections.`,
    table(['server', 'who answers', 'ratio', ...heads.map((head) => `${head}, a second`)], rates, `ll${'r'.repeat(connections.length + 1)}`),
    'Latency in milliseconds, half of all requests / 99 of 100; and what failed.',
    table(['server', 'who answers', ...heads.map((head) => `${head}, ms`), 'failed'], latencies, `ll${'r'.repeat(connections.length)}l`),
  ];
}

function memoryPart({ memory }) {
  const rows = memory.map(({ what, processes, each, total }) => [what, number(processes), megabytes(each), megabytes(total)]);
  return ['## Memory after that load', 'Proportional set size: what several share counts once.', table(['what', 'processes', 'each', 'together'], rows, 'lrrr')];
}

function loginsPart({ logins }) {
  const rows = logins.rows.map((row) => [row.server, row.what + (row.memory ? ', state in memory' : ''), ratio(row.ratios.openidc), ratio(row.ratios.flask), spread(row.rate), `${number(row.p50)} / ${number(row.p99)}`, number(row.requests), number(row.roundTrips), number(row.connections), number(row.failed)]);
  return [
    '## Whole logins',
    `From the link on a page to the answer to who is signed in, by a new browser each time, ${logins.connections} at once (Flask + Authlib as CGI: one). The provider says yes at once and signs with ES256. The last columns are what the browser asked (the provider’s page included), and what the server asked the provider, over how many connections, a login. Latchkey keeps a first login on the disk before it answers (each of the thousand people is new once at each site); \`state in memory\` shows what the disk takes. mod_auth_openidc has its sessions in shared memory, Flask in the browser’s cookie.`,
    table(['server', 'who', '/ mod_auth_openidc', '/ Flask + Authlib', 'a second', 'ms, 50 / 99 of 100', 'requests', 'round trips', 'connections', 'failed'], rows, 'llrrrrrrrr'),
  ];
}

function sessionsPart({ sessions }) {
  const rows = sessions.rows.map((row) => [number(row.count), ratio(row.ratio), spread(row.time), number(row.instructions), number(row.calls), ratio(row.rateRatio), spread(row.rate), `${number(row.bytes / 2 ** 20)} MB`, number(row.failed)]);
  return [
    '## A small site and a large one',
    'me.cgi, asked by 200 people from all over the tables; as many accounts and identities as sessions. Ratios are to the smallest.',
    table(['sessions', 'time, ratio', 'a process, ms', 'instructions', 'system calls', 'rate, ratio', 'nginx FastCGI, a second', 'database', 'failed'], rows, 'rrrrrrrrr'),
  ];
}

function soakPart({ soak }) {
  const { start, end } = soak;
  const rows = [['resident', start.resident, end?.resident], ['its own (private, written)', start.own, end?.own]].map(([what, a, b]) => [what, `${number(a)} KB`, `${number(b)} KB`]);
  rows.push(['open files', number(start.files), number(end?.files)]);
  return [
    '## Very many requests',
    `One process of me.cgi under FastCGI behind nginx: ${number(soak.requests)} requests answered in ${number(soak.seconds)} s (${number(soak.rate)} a second), and among them thousands that it must refuse; ${number(soak.failed)} failed.${soak.requests < soak.asked ? ' There was no time for more: `SOAK=1000000 make bench` takes it.' : ''}`,
    table(['', 'after 2 000 requests', 'at the end'], rows, 'lrr'),
  ];
}

/** The whole report: Markdown. */
export function report(results) {
  const parts = [
    ['# What Latchkey costs', `Measured by \`make bench\` on ${results.machine.date}, revision ${results.machine.revision}, in ${Math.round(results.seconds)} s. Machines differ, and so do their moods: compare the ratios, which are of one run.`],
    barsPart(results),
    ['![Time of a process, answers and logins a second](results.svg)'],
    machinePart(results),
  ];
  const measured = { programs: programsPart, servers: serversPart, memory: memoryPart, logins: loginsPart, sessions: sessionsPart, soak: soakPart };
  for (const [name, part] of Object.entries(measured)) if (results[name]) parts.push(part(results));
  return `${parts.flat().join('\n\n')}\n`;
}
