// Asks who is signed in, and shows it. What is shown is said in the HTML:
//   data-when="nobody"   this element is there only then; the states are unknown, nobody, somebody and trouble
//   data-show="name"     this element's text is that value; without a value it is hidden
// Values go in as text, never as HTML: people choose their names themselves.
'use strict';

/** The claims of whoever is signed in, or null if nobody is. */
async function askWhoIsHere() {
  const answer = await fetch('/cgi-bin/me.cgi', { headers: { Accept: 'application/json' }, cache: 'no-store' })
    .catch(() => { throw new Error('the server cannot be reached'); });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(`the server answered with status ${answer.status}`);
  const claims = await answer.json().catch(() => null);
  if (!claims || typeof claims.sub !== 'string') throw new Error('the server answered something else');
  return claims;
}

/** What stands in the circle: the first character that is not just punctuation. */
function initialOf(name) {
  const found = Array.from(name).find((character) => character > '\x7f' || /[a-z0-9]/i.test(character));
  return found && found.toLocaleUpperCase();
}

function show(state, values) {
  for (const element of document.querySelectorAll('[data-when]')) {
    element.hidden = !element.dataset.when.split(' ').includes(state);
  }
  for (const element of document.querySelectorAll('[data-show]')) {
    const value = values[element.dataset.show];
    element.textContent = value || '';
    element.hidden = !value;
  }
}

async function showWhoIsHere() {
  try {
    const claims = await askWhoIsHere();
    if (!claims) return show('nobody', {});
    const name = claims.name || claims.email || 'somebody without a name';
    const email = claims.name ? claims.email : ''; // not twice
    return show('somebody', { name, email, initial: initialOf(name), provider: claims.provider });
  } catch (error) {
    return show('trouble', { trouble: error.message });
  }
}

// Also when the browser brings back a page that it had kept: meanwhile somebody may have signed in or out.
addEventListener('pageshow', showWhoIsHere);
