// The steps of a person, by plain HTTP: sign in through oidc-provider's development pages, ask who is signed in.
import assert from 'node:assert/strict';
import { form } from './visitor.mjs';

/** Goes from login.cgi to the provider's first page. */
export async function beginLogin(visitor, site, client, query = '') {
  const begun = await visitor.get(`${site.origin}/cgi-bin/login.cgi?provider=${client}${query}`);
  assert.equal(begun.status, 303, `login.cgi: ${begun.status} ${begun.body}`);
  return visitor.follow(begun, { stop: (next) => next.port === String(site.port) });
}

/** Answers the provider's pages as `person`; stops before the callback: returns its URL. */
export async function atProvider(visitor, site, arrived, person) {
  let response = arrived;
  for (let i = 0; i < 4 && !response.next; i++) {
    const { action, fields } = form(response);
    if ('login' in fields || /name="login"/.test(response.body)) Object.assign(fields, { login: person, password: 'any' });
    const sent = await visitor.post(action, fields);
    response = await visitor.follow(sent, { stop: (next) => next.port === String(site.port) });
  }
  assert.ok(response.next, `the provider did not send the browser back: ${response.status} ${response.body.slice(0, 500)}`);
  return response.next;
}

/** The whole way. Returns the callback's answer. */
export async function signIn(visitor, site, client, person, query = '') {
  const url = await atProvider(visitor, site, await beginLogin(visitor, site, client, query), person);
  return visitor.get(url);
}

/** me.cgi's JSON: { status, ...members }. */
export async function whoAmI(visitor, site) {
  const answer = await visitor.get(`${site.origin}/cgi-bin/me.cgi`, { headers: { accept: 'application/json' } });
  return { status: answer.status, ...JSON.parse(answer.body) };
}

/** Signs out here, and follows to the provider and back. */
export async function signOut(visitor, site, csrfToken) {
  return visitor.post(`${site.origin}/cgi-bin/logout.cgi`, csrfToken ? { csrf_token: csrfToken } : {},
    { headers: { origin: site.origin } });
}
