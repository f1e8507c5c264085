// What latchkey.js does not do for these pages: the letter in the circle, and the questions to check.cgi.
'use strict';

/** The first character that is not just punctuation. */
function initialOf(name) {
  const found = Array.from(name).find((character) => character > '\x7f' || /[a-z0-9]/i.test(character));
  return found ? found.toLocaleUpperCase() : '';
}

document.addEventListener('latchkey', ({ detail: who }) => {
  for (const element of document.querySelectorAll('.initial')) element.textContent = initialOf(who?.name ?? who?.email ?? '');
});

// A picture that cannot be had is none: the letter is there.
for (const image of document.querySelectorAll('.avatar img')) image.addEventListener('error', () => { image.hidden = true; });

/** What check.cgi says, as a web server hears it. */
async function check(rule) {
  const address = `/cgi-bin/check.cgi${rule && `?require=${rule}`}`;
  const answer = await fetch(address);
  const fields = [...answer.headers].filter(([name, value]) => name.startsWith('x-auth-request-') && value);
  return [`GET ${address}`, `${answer.status} ${{ 204: 'yes', 401: 'who is it?', 403: 'no' }[answer.status] ?? 'trouble'}`,
    ...fields.map(([name, value]) => `${name}: ${value}`)].join('\n');
}

document.getElementById('check')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const output = document.querySelector('#checked code');
  output.textContent = await check(event.submitter?.value ?? '').catch((error) => error.message);
});
