// What the tests of faults and load share: the account page's forms, and a database that is looked at from outside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { json } from '../e2e/support/cgi.mjs';
import { program } from '../hostile/scene.mjs';

const file = (place) => path.join(place.state, 'latchkey.db');

/** The output of one SQL statement. */
export const sql = (place, text) =>
  execFileSync('sqlite3', ['-cmd', '.timeout 10000', file(place), text], { encoding: 'utf8' }).trim();

/** The database opens and satisfies every constraint. */
export function sound(place) {
  assert.equal(sql(place, 'PRAGMA integrity_check'), 'ok');
  assert.equal(sql(place, 'PRAGMA foreign_key_check'), '');
}

export const csrfToken = async (browser) =>
  json(await browser.get(program('me.cgi'), { headers: { accept: 'application/json' } })).csrf_token;

/** A form of the account page. */
export const account = (browser, action, fields, options = {}) => browser.post(program(`account.cgi/${action}`), fields,
  { ...options, headers: { origin: browser.origin, 'sec-fetch-site': 'same-origin', ...options.headers } });

// A form's answer that goes to a provider is a page that leads there.
const leads = /<meta http-equiv="refresh" content="0; ?url=([^"]*)"/i;
export const isLeadPage = (answer) => answer.status === 200 && leads.test(answer.body);
export const ledTo = (answer) => answer.body.match(leads)[1].replaceAll('&amp;', '&');
