// A page's module, as far as its types go: what may be written, and what may not.
import latchkey, { fetch, refresh, signIn, token, user } from '../../../www/latchkey.module.js';

const who: LatchkeyUser | null = await user();
export const shown: string = who?.name ?? who?.email ?? 'somebody';
export const status: number = (await fetch('notes', 'list', { method: 'POST', body: '{}', headers: { 'X-Mine': '1' } })).status;
export const jwt: string = await token('https://api.example.org');
await latchkey.token();
await refresh();
signIn('google');

export function retry(error: unknown): void {
  const { status: why, login_url: url } = error as LatchkeyError;
  if (why === 401 && url !== undefined) location.href = url;
}

document.addEventListener('latchkey', ({ detail }) => {
  const sub: string | undefined = detail?.sub;
  console.log(sub);
});

// @ts-expect-error: it may be nobody
(await user()).sub;
// @ts-expect-error: it may not be known
who!.name.length;
// @ts-expect-error: which path?
await fetch('notes');
// @ts-expect-error: that is not the page's to say
await fetch('notes', 'list', { mode: 'cors' });
// @ts-expect-error: there is no such thing
latchkey.password();
