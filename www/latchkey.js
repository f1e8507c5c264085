// Latchkey for pages. The manual is latchkey.d.ts.
globalThis.latchkey = (() => {
'use strict';
const all = (selector) => document.querySelectorAll(selector);
const cgi = location.origin + new URL(all('script[data-cgi]')[0]?.dataset.cgi ?? '/cgi-bin', location).pathname;
let asked; // me.cgi
let tokens = {};
let shown; // last told

/** This page, as far as return_to takes it. */
function place() {
  const [path, query] = [location.pathname, location.search].map((part) =>
    part.replace(/[^!$&-;=?-Z_a-z~%]|%(?![\da-f]{2})/gi, encodeURIComponent));
  if (/\/\/|%(?!2[02]|[46-9a-f]|5[^c])/i.test(path)) return '/';
  return (path + query).length > 512 || /%[01]/.test(query) ? path : path + query;
}

function wayIn(provider, search) {
  const query = new URLSearchParams(provider ? { provider } : search);
  query.set('return_to', place());
  return `${cgi}/login.cgi?${query}`;
}

async function failure(answer) {
  const { error, error_description, login_url } = (await answer.clone().json().catch(() => 0)) || {};
  return Object.assign(new Error(error_description ?? `status ${answer.status}`),
    { status: answer.status, error, login_url: login_url && wayIn('', `${login_url}`.split('?')[1]) });
}

function user() {
  asked ??= fetch(`${cgi}/me.cgi`).then(async (answer) => {
    if (answer.status === 401) return null;
    if (!answer.ok) throw await failure(answer);
    return answer.json();
  });
  asked.catch(() => { asked = undefined; });
  return asked;
}

async function send(path, options, any) {
  const request = new Request(`${cgi}/${path}`, { ...options, mode: 'same-origin' });
  if (request.url !== `${cgi}/${path}`) throw new TypeError(`dots, or not encoded: ${path}`);
  if (!/^(GET|HEAD)$/.test(request.method)) request.headers.set('X-CSRF-Token', (await user())?.csrf_token);
  const answer = await fetch(request);
  if (answer.ok) return answer;
  if (/40[13]/.test(answer.status)) refresh(); // somebody else by now?
  const problem = await failure(answer);
  if (any && !problem.login_url) return answer;
  throw problem;
}

async function token(audience = '') {
  let kept = tokens[audience];
  if (!(kept?.until > Date.now())) {
    const body = new URLSearchParams(audience && { audience });
    kept = tokens[audience] = await (await send('token.cgi', { method: 'POST', body })).json();
    kept.until = Date.now() + (kept.expires_in - 30) * 1000;
  }
  return kept.access_token;
}

async function show() {
  const asking = user();
  const who = await asking.catch(() => {});
  if (asked && asked !== asking) return;
  for (const node of all('[data-latchkey-show]'))
    node.hidden = ![who ? 'signed-in' : 'signed-out', who === undefined && 'trouble'].includes(node.dataset.latchkeyShow);
  for (const node of all('[data-latchkey]')) {
    const isImage = node.tagName === 'IMG';
    let value = node.dataset.latchkey.split(' ').map((name) => name !== 'csrf_token' && who?.[name]).find((claim) => claim?.trim) ?? '';
    if (isImage && !['https:', location.protocol].includes(value.split('/')[0])) value = '';
    node[isImage ? 'src' : 'textContent'] = value;
    node.hidden = !value;
  }
  for (const link of all('a[data-latchkey-sign-in]')) link.href = wayIn(link.dataset.latchkeySignIn, link.search);
  if (shown !== (shown = `${JSON.stringify(who)}`)) document.dispatchEvent(new CustomEvent('latchkey', { detail: who }));
}

function refresh() {
  asked = undefined;
  tokens = {};
  return show();
}

addEventListener('formdata', ({ target, formData }) => {
  if (target.matches('[data-latchkey-sign-out]') && target.action.startsWith(cgi)) formData.set('return_to', place());
});
addEventListener('pageshow', ({ persisted }) => persisted && refresh());
document.readyState === 'loading' ? addEventListener('DOMContentLoaded', show) : show();

return {
  user,
  fetch: (api, path, options) => send(`api.cgi/${api}/${path}`, options, true),
  token,
  signIn: (provider) => location.assign(wayIn(provider)),
  refresh,
};
})();
