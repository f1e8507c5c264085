// The samples (samples/ID.json), and the records that they are samples of (lib/providers.ini).
//
// A sample says of one provider, in data: what the site configures, what the browser must be sent with, what is asked of the
// provider and what it answers, and who must be signed in then. Besides one login: how a person says no there (refusals), what
// the provider's errors look like and which rule must stop them (failures), and other answers that are right, too (variants).
//
//   settings        the site's section besides client_id and client_secret; null leaves one out
//   unsupported     instead of all the rest: words of the reason why configuring this one is refused
//   instance        what the person types, where each server is a provider of its own
//   before          requests while login.cgi runs (registration, temporary credentials); as `exchange`
//   authorization   { url, fragment, parameters, absent }; response_type, state and code_challenge need not be said
//   discovery       the document; found at `discovery_endpoint`, or where its issuer says. Its jwks_uri has our keys
//   callback        { parameters, post }
//   exchange        [{ request: { method, url, query, form, json, headers, basic, absent }, answer: { status, headers, json, body } }]
//   id_token        { alg, claims }; aud, iat, exp and nonce are added, null leaves a claim out
//                   A request of OAuth 1.0 has `oauth1`: the parameters of its Authorization, and the token_secret that signs it.
//   person          what me.cgi must say, and nothing else; `sub` is the identity's
//   refusals        [{ name, parameters, post }]
//   failures        [{ name, rule, at, answer }]: step `at` of `exchange` is answered otherwise; or a changed `callback`,
//                   `id_token` or `discovery`
//   variants        [{ name, at: { STEP: answer }, settings, authorization, discovery, callback, id_token, person }], laid over
//                   what stands above; a step that is asked differently has a `request` beside its `answer`
//
// Texts may hold $state, $nonce, $code and so on: what the login at hand uses. A whole number keeps its digits, however long.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { top } from '../e2e/support/place.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'samples');
const digits = '\u0001digits:'; // a number that JavaScript has no value for, as a text until it is written out again

/** JSON.parse() that does not round. */
function parse(text) {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return JSON.parse(text.replace(tokens, (token) =>
    (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(digits + token) : token)));
}

export const write = (value) => JSON.stringify(value).replace(/"\\u0001digits:(-?\d+)"/g, '$1');

/** All samples, by id. */
export function readSamples() {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  return new Map(files.map((name) => {
    const id = path.basename(name, '.json');
    try {
      return [id, { id, ...parse(fs.readFileSync(path.join(folder, name), 'utf8')) }];
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
  }));
}

/** The records of lib/providers.ini: id to settings. */
export function readRecords() {
  const records = new Map();
  let settings;
  for (const line of fs.readFileSync(path.join(top, 'lib/providers.ini'), 'utf8').split('\n')) {
    const [, id] = line.match(/^\[provider ([a-z0-9_-]+)\]$/) ?? [];
    const [, name, value] = line.match(/^([a-z0-9_#-]+) *= *(.*?)(?:\s+;.*)?$/i) ?? [];
    if (id) records.set(id, settings = { type: 'oidc' });
    else if (name) settings[name] = value;
  }
  return records;
}

/** The site's section of a sample's provider. */
export function settingsOf(sample, more = {}) {
  const settings = {
    client_id: `client-${sample.id}`,
    client_secret: `secret-of-${sample.id}-0123456789abcdef0123456789`,
    ...sample.settings,
    ...more,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** `patch` laid over `base`: objects member by member, anything else whole; the text "$absent" takes a member away. */
export function lay(base, patch) {
  if (patch === undefined) return base;
  if (!isObject(base) || !isObject(patch)) return patch;
  const laid = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === '$absent') delete laid[name];
    else laid[name] = lay(base[name], value);
  }
  return laid;
}

/** An answer laid over another: a `body` takes the place of a `json`, and the other way round. */
export function layAnswer(base, patch) {
  const laid = lay(base, patch);
  if ('body' in patch) delete laid.json;
  else if ('json' in patch) delete laid.body;
  return laid;
}

/** The value with its placeholders filled: `names` holds texts, or functions that make them. */
export function fill(value, names) {
  if (typeof value === 'string')
    return value.replace(/\$([a-z_]+)/g, (whole, name) => {
      const known = typeof names[name] === 'function' ? names[name]() : names[name];
      if (known === undefined) throw new Error(`${whole}: this login has none (yet)`);
      return known;
    });
  if (Array.isArray(value)) return value.map((one) => fill(one, names));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, names)]));
  return value;
}

/** Less what is null: for claims and parameters, where null leaves one out. */
export const present = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
