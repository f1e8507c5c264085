// The picture: bars for what the tables say, in SVG.

const WIDTH = 900;
const LEFT = 330; // where the bars begin
const RIGHT = 110; // room for the figure behind the longest
const ROW = 20;
const colours = { ours: '#2563a8', theirs: '#9aa5b1', base: '#c9a227' };

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** One chart from `top` on: { svg, height }. rows: [{ label, value, text, colour }]. */
function chart(title, rows, top) {
  const most = Math.max(...rows.map(({ value }) => value));
  const lines = rows.map(({ label, value, text, colour }, i) => {
    const y = top + 34 + i * ROW;
    const width = Math.max(1, (value / most) * (WIDTH - LEFT - RIGHT));
    return `<text x="${LEFT - 8}" y="${y + 11}" text-anchor="end">${escape(label)}</text>` +
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 6}" fill="${colours[colour]}"/>` +
      `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + 11}">${escape(text)}</text>`;
  });
  return { svg: `<text x="16" y="${top + 18}" font-weight="bold" font-size="14">${escape(title)}</text>\n${lines.join('\n')}`, height: 50 + rows.length * ROW };
}

const whose = (what) => (/\.cgi|Latchkey|signed-in/.test(what) ? 'ours' : /empty|static file/.test(what) ? 'base' : 'theirs');
const round = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ' ');

export function picture({ programs, servers, logins }) {
  const charts = [];
  if (programs)
    charts.push(['A process, from start to end: milliseconds', programs.rows.map(({ what, time, ratio }) => ({ label: what, value: time.median, text: `${time.median.toFixed(2)}  (× ${ratio.median.toFixed(2)})`, colour: whose(what) }))]);
  if (servers)
    charts.push(['“Who am I?” at 8 connections: answers a second', servers.rows.map(({ what, server, at }) => ({ label: `${what} · ${server}`, value: at[8].rate.median, text: round(at[8].rate.median), colour: whose(what) }))]);
  if (logins)
    charts.push(['Whole logins a second', logins.rows.map(({ what, server, rate, memory }) => ({ label: `${what}${memory ? ' (state in memory)' : ''} · ${server}`, value: rate.median, text: rate.median < 10 ? rate.median.toFixed(1) : round(rate.median), colour: whose(what) }))]);
  let top = 8;
  const drawn = charts.map(([title, rows]) => {
    const { svg, height } = chart(title, rows, top);
    top += height;
    return svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>
${drawn.join('\n')}
</svg>
`;
}
