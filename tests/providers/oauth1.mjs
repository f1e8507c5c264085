// The signature of an OAuth 1.0 request (RFC 5849 3), computed once more by who has both secrets.
import crypto from 'node:crypto';

/** RFC 5849 3.6: everything but the unreserved characters of RFC 3986. */
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The parameters of the field Authorization: OAuth name="value", ... (3.5.1). */
function read(field) {
  const pairs = field?.match(/^OAuth (.*)$/)?.[1].split(/, */).map((pair) => pair.match(/^([a-z0-9_]+)="([^"]*)"$/)?.slice(1));
  if (!pairs?.every(Boolean)) throw new Error(`no OAuth field: ${field}`);
  return Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value)]));
}

/** 3.4.1.3.2: encoded first, then sorted. */
const normalized = (parameters) => parameters.map(([name, value]) => [encode(name), encode(value)])
  .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1)).map((pair) => pair.join('=')).join('&');

/**
 * What is wrong with the request's signature, or null. `secrets` are the client's and the token's; `expected` are the parameters
 * of the field that are known: the others must be fresh, and there are no further ones.
 */
export function oauth1Mistake({ method, url, headers, body }, secrets, expected) {
  const { oauth_signature: signature, ...sent } = read(headers.authorization);
  const { oauth_timestamp: timestamp, oauth_nonce: nonce, oauth_version: version = '1.0', ...rest } = sent;
  const known = { oauth_signature_method: 'HMAC-SHA1', ...expected };
  const names = [...new Set([...Object.keys(rest), ...Object.keys(known)])];
  const wrong = names.find((name) => rest[name] !== known[name]);
  if (wrong) return `${wrong} is ${rest[wrong]} and not ${known[wrong]}`;
  if (version !== '1.0' || !(nonce?.length >= 16)) return 'version or nonce';
  if (!/^\d+$/.test(timestamp) || Math.abs(timestamp - Date.now() / 1000) > 60) return `timestamp ${timestamp}`;

  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  const parameters = [...Object.entries(sent), ...url.searchParams, ...(isForm ? new URLSearchParams(body) : [])];
  const base = [method, `${url.origin}${url.pathname}`, normalized(parameters)].map(encode).join('&');
  const right = crypto.createHmac('sha1', secrets.map(encode).join('&')).update(base).digest('base64');
  return signature === right ? null : `signature ${signature} and not ${right}`;
}
