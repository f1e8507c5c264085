// The bars: what a run must reach, and whether it did.

const by = (rows, id) => rows?.find((row) => row.id === id);

/** The one with the most of it. */
const best = (rows, value) => rows.reduce((most, row) => (most && value(most) >= value(row) ? most : row), null);

const ratioText = (ratio) => (ratio ? `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '');

const atMost = (figure, limit, ratio, where = '') => ({ figure, bar: `≤ ${limit}`, value: ratio?.median, text: ratioText(ratio), where, met: ratio ? ratio.median <= Number(limit) : null });
const atLeast = (figure, limit, ratio, where = '') => ({ figure, bar: `≥ ${limit}`, value: ratio?.median, text: ratioText(ratio), where, met: ratio ? ratio.median >= Number(limit) : null });

function ofPrograms({ rows } = {}) {
  const memory = by(rows, 'me')?.memory;
  return [
    atMost('me.cgi as a process / an empty static program, time', '2.0', by(rows, 'me')?.ratio),
    atMost('check.cgi as a process / the same', '2.0', by(rows, 'check')?.ratio),
    atMost('login.cgi starting a login / the same', '2.2', by(rows, 'login')?.ratio),
    { figure: 'peak memory of me.cgi', bar: '≤ 4 MB', text: memory ? `${(memory / 1024).toFixed(1)} MB` : '', where: '', met: memory ? memory <= 4096 : null },
  ];
}

/** By the same round's figures where both are of one table, else by medians. */
const quotient = (one, other) => one && other && { median: one.median / other.median, low: one.low / other.high, high: one.high / other.low };

// By perf, under Apache at 8 connections: 0.47 ms more of a processor than the empty program takes.
const boundOfCgi = 'What me.cgi takes beyond a program that does nothing is, by four tenths, SQLite: it reads the schema of the whole database, then prepares two queries. '
  + 'Three tenths are pages of memory, made, mapped and given back; one is libcrypto finding out what the processor can. The rest is the configuration, the keys, the cookie and the answer.';

function ofServers({ rows } = {}) {
  const at = (id) => by(rows, id)?.at[8];
  const fast = best(['fcgid-me', 'proxy-me'].map((id) => by(rows, id)).filter(Boolean), (row) => row.at[8].rate.median);
  const flask = best(['flask', 'nginx-flask'].map((id) => by(rows, id)).filter(Boolean), (row) => row.at[8].rate.median);
  const ours = rows?.filter(({ what }) => /\.cgi$/.test(what));
  const failed = ours?.reduce((total, row) => total + (row.at[128]?.failed ?? 0), 0);
  const asked = ours?.reduce((total, row) => total + (row.at[128]?.asked ?? 0), 0);
  return [
    { ...atLeast('Apache CGI throughput, me.cgi / an empty static CGI program', '0.85', at('apache-me')?.ratio, '8 connections'), bound: boundOfCgi },
    atLeast('FastCGI throughput, me.cgi / mod_auth_openidc’s info hook', '1.0', fast?.at[8].ratio, fast ? `${fast.server}, 8 connections` : ''),
    atLeast('FastCGI throughput, check.cgi behind nginx / Flask + Authlib (2 workers)', '2.0', quotient(at('nginx-fast-check')?.rate, flask?.at[8].rate), flask ? `${flask.server}, 8 connections` : ''),
    { figure: 'failed requests at 128 connections, any mode', bar: '0', text: ours ? `${failed} of ${asked}` : '', where: ours ? `${ours.length} ways` : '', met: ours ? failed === 0 : null },
  ];
}

function ofLogins({ rows } = {}) {
  const fast = rows && best(rows.filter(({ what, server, memory }) => what === 'Latchkey' && !/, CGI/.test(server) && !memory), (row) => row.rate.median);
  return [
    atLeast('whole logins a second (FastCGI) / mod_auth_openidc', '1.0', fast?.ratios.openidc, fast?.server),
    atLeast('whole logins a second (FastCGI) / Flask + Authlib', '2.0', fast?.ratios.flask, fast?.server),
  ];
}

// By strace: no call more than with a thousand; and as a process, seven pages more.
const boundOfMany = 'Nothing is read from the file any more. But its trees are deeper, seven pages more a request, and what these people need is some six megabytes, which is more than a processor keeps at hand.';

function ofSessions({ rows } = {}) {
  const large = rows?.find(({ count }) => count === 1e6);
  const slower = large && { median: 1 / large.rateRatio.median, low: 1 / large.rateRatio.high, high: 1 / large.rateRatio.low };
  return [
    atMost('me.cgi at 10⁶ sessions / at 10³, time of a process', '1.1', large?.ratio),
    { ...atMost('me.cgi at 10⁶ sessions / at 10³, time under FastCGI', '1.1', slower, large ? 'nginx, 8 connections' : ''), bound: boundOfMany },
  ];
}

/** [{ figure, bar, text, where, met: true, false, or null where it was not measured, bound: what keeps it from being met }] */
export const judge = ({ programs, servers, logins, sessions }) => [...ofPrograms(programs), ...ofServers(servers), ...ofLogins(logins), ...ofSessions(sessions)];
