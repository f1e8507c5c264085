// The calls of apis.html. What comes back is written as text.
import latchkey from '/latchkey.module.js';

const find = (id) => document.getElementById(id);
const tell = (id, text) => { find(id).textContent = text; };

/** An element of the page's; with children, or a text. */
function make(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}

/** Tells what went wrong; where signing in would help, with a link to there. */
function tellTrouble(id, error) {
  const link = error.login_url && Object.assign(make('a', 'Sign in for that'), { href: error.login_url });
  find(id).replaceChildren(`${error.message} `, link ?? '');
}

/** The answer's JSON, of which any other status than 200 or so is an error. */
async function json(answer) {
  if (!answer.ok) throw new Error(`Status ${answer.status}. ${await answer.text()}`);
  return answer.json();
}

// ---- notes

async function showNotes() {
  const { notes } = await json(await latchkey.fetch('demo', 'notes'));
  find('notes').replaceChildren(...notes.map(({ text }) => make('li', make('bdi', text))));
  tell('notes-status', notes.length ? '' : 'No notes yet.');
}

async function addNote(form) {
  const body = JSON.stringify({ text: form.elements.text.value });
  await json(await latchkey.fetch('demo', 'notes', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }));
  form.reset();
  await showNotes();
}

find('note').addEventListener('submit', (event) => {
  event.preventDefault();
  addNote(event.target).catch((error) => tellTrouble('notes-status', error));
});
document.addEventListener('latchkey', ({ detail: who }) => {
  tell('notes-status', '');
  if (who) showNotes().catch((error) => tellTrouble('notes-status', error));
  else find('notes').replaceChildren();
});

// ---- the clock

async function showTime() {
  const { time } = await json(await latchkey.fetch('clock', 'time'));
  tell('time', `${new Date(time).toLocaleTimeString()} by the provider’s clock`);
}
find('clock').addEventListener('click', () => showTime().catch((error) => tellTrouble('time', error)));

// ---- the token

const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const partOf = (text) => JSON.parse(new TextDecoder().decode(bytesOf(text)));

/** Whether the key of that name in jwks.cgi made this signature (RFC 7515 5.2, by ES256 alone). */
async function isVerified(jwt) {
  const [header, claims, signature] = jwt.split('.');
  const { keys } = await json(await fetch('/cgi-bin/jwks.cgi'));
  const { kid, alg } = partOf(header);
  const jwk = keys.find((each) => each.kid === kid && each.alg === 'ES256' && alg === 'ES256');
  if (!jwk) throw new Error('There is no such key, or not for ES256.');
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytesOf(signature), new TextEncoder().encode(`${header}.${claims}`));
}

async function showToken() {
  const jwt = await latchkey.token();
  const [header, claims] = jwt.split('.', 2).map(partOf);
  tell('header', JSON.stringify(header, null, 2));
  tell('claims', JSON.stringify(claims, null, 2));
  find('decoded').hidden = false;
  const verdict = (await isVerified(jwt)) ? 'Verified by the key of that kid' : 'NOT signed by the key of that kid';
  tell('issued', `${verdict}; good until ${new Date(claims.exp * 1000).toLocaleTimeString()}, for ${claims.aud}.`);
}
find('token').addEventListener('click', () => showToken().catch((error) => tellTrouble('issued', error)));
