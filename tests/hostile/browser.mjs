// A browser whose web server is this process: it names the program, sets the meta-variables, and keeps cookies as
// RFC 6265bis says, refusing those that a real one would refuse.
import assert from 'node:assert/strict';
import { cgi, page } from '../e2e/support/cgi.mjs';

export class Browser {
  /** `place` is { conf }; `origin` is the site's base_url. */
  constructor(place, origin) {
    Object.assign(this, { place, origin, jar: new Map() });
  }

  /** GET of an absolute URL, or of a path of the site. `crossSite`: by a link or redirect of another site. */
  get(url, options) { return this.request('GET', url, options); }

  /** POST of a form, given as text or as an object. */
  post(url, fields, options) {
    return this.request('POST', url, { ...options, body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString() });
  }

  /** `query` stands in place of the URL's, byte by byte. `run` is for cgi(): of a program that is killed, the answer may be null. */
  async request(method, url, { body, query, crossSite = false, framed = false, headers = {}, cookie, run = {} } = {}) {
    const uri = new URL(url, this.origin);
    assert.equal(uri.origin, this.origin, 'a browser asks this site for this site’s pages alone');
    const [, program, pathInfo] = uri.pathname.match(/^\/cgi-bin\/([a-z]+\.cgi)(\/.*)?$/);
    const sent = cookie ?? this.cookieField(crossSite && (method === 'POST' || framed));
    const answer = await cgi(program, this.place, {
      method, body, pathInfo: pathInfo && decodeURIComponent(pathInfo), query: query ?? uri.search.slice(1),
      headers: { ...page, ...(sent ? { cookie: sent } : {}), ...headers },
      variables: { SERVER_NAME: uri.hostname, SERVER_PORT: uri.port || '443', HTTPS: 'on' },
      ...run,
    });
    if (answer === null) return null;
    for (const field of answer.cookies) this.keep(field);
    return { ...answer, sent };
  }

  /** What is sent: another site's POST or frame carries no cookie that is not SameSite=None. */
  cookieField(crossSite) {
    return [...this.jar].filter(([, { sameSite }]) => !crossSite || sameSite === 'None')
      .map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  keep(field) {
    const [pair, ...attributes] = field.split('; ');
    const [, name, value] = pair.match(/^([^=]+)=(.*)$/);
    const has = Object.fromEntries(attributes.map((text) => text.split(/=(.*)/s))
      .map(([key, text]) => [key.toLowerCase(), text ?? true]));
    assert.ok(name.startsWith('__Host-') && has.secure && has.path === '/' && !('domain' in has), `not a __Host- cookie: ${field}`);
    assert.ok(has.httponly, `scripts can read it: ${field}`);
    assert.ok(['Lax', 'None'].includes(has.samesite), `no SameSite: ${field}`);
    assert.ok(Buffer.byteLength(field) <= 4096, `longer than browsers keep: ${field.length}`);
    if (has['max-age'] === '0') this.jar.delete(name);
    else this.jar.set(name, { value, sameSite: has.samesite });
  }

  names() { return [...this.jar.keys()]; }
  isSignedIn() { return this.jar.has('__Host-latchkey-session'); }
}
