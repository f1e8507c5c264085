// A browser without a window: HTTP with a cookie jar. It sends what it is told and follows nothing by itself.
import http from 'node:http';

// "localhost" may be two addresses; one is enough, and all connections then behave alike.
const lookup = (_name, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);

export class Visitor {
  constructor({ agent = new http.Agent({ keepAlive: true, maxSockets: 4 }) } = {}) {
    this.agent = agent;
    this.jar = new Map(); // cookies do not care about the port; nor do we: one jar for localhost
  }

  /** One request: { status, headers, fields (all, raw order), body }. */
  request(method, url, { headers = {}, body, cookies = true } = {}) {
    const sent = { accept: 'text/html,application/xhtml+xml', ...headers };
    const jar = cookies ? this.cookiesFor(url) : '';
    if (jar) sent.cookie ??= jar;
    if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) {
      body = new URLSearchParams(body).toString();
      sent['content-type'] ??= 'application/x-www-form-urlencoded';
    }
    if (body !== undefined) sent['content-length'] ??= Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const request = http.request(url, { method, headers: sent, agent: this.agent, lookup }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          for (const cookie of response.headers['set-cookie'] ?? []) this.keep(cookie, url);
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString(), url: String(url) });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  get(url, options) { return this.request('GET', url, options); }
  post(url, body, options) { return this.request('POST', url, { ...options, body }); }

  keep(field, url) {
    const [pair, ...attributes] = field.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const gone = attributes.some((text) => /^max-age=0$|^max-age=-/i.test(text) ||
      (/^expires=/i.test(text) && new Date(text.slice(8)) < new Date()));
    // The provider has cookies of one name that differ by path (one interaction each).
    const path = attributes.find((text) => /^path=\//i.test(text))?.slice(5) ?? '/';
    if (gone) this.jar.delete(`${name} ${path}`);
    else this.jar.set(`${name} ${path}`, { name, value, path });
  }

  // RFC 6265 5.1.4 and 5.4: those whose path leads to this one, the longer paths first.
  cookiesFor(url) {
    const { pathname } = new URL(url);
    const matches = ({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
    return [...this.jar.values()].filter(matches).sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  cookie(name) { return [...this.jar.values()].find((cookie) => cookie.name === name)?.value; }

  /** Follows redirects from a response until one that is none, or until `stop(url)` says so. */
  async follow(response, { stop = () => false, limit = 15, headers = {} } = {}) {
    let current = response;
    for (let i = 0; i < limit && current.status >= 300 && current.status < 400; i++) {
      const next = new URL(current.headers.location, current.url);
      if (stop(next)) return { ...current, next };
      current = await this.get(next, { headers });
    }
    return current;
  }
}

/** The first form of a page: { action, fields } with its hidden values. */
export function form(page) {
  const text = page.body.match(/<form[^>]*>[\s\S]*?<\/form>/i)?.[0];
  if (!text) throw new Error(`no form in the page of ${page.url} (${page.status}):\n${page.body.slice(0, 2000)}`);
  const attribute = (tag, name) => tag.match(new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`, 'i'))?.[1]?.replaceAll('&amp;', '&');
  const fields = {};
  for (const [tag] of text.matchAll(/<input[^>]*>/gi))
    if (attribute(tag, 'name')) fields[attribute(tag, 'name')] = attribute(tag, 'value') ?? '';
  return { action: new URL(attribute(text, 'action') ?? page.url, page.url).href, fields };
}
