// A FastCGI program that serves very many requests, of all kinds: does it stay as it was?
import fs from 'node:fs';
import { startSite } from '../e2e/support/site.mjs';
import { descendants, files, memory } from './processes.mjs';
import { load, requestFile } from './servers.mjs';
import { latchkeyLogin, signIn } from './sites.mjs';
import { say, sections } from './stage.mjs';

const WARM = 2000; // requests after which nothing new is met any more

const look = (pid) => ({ ...memory(pid), files: files(pid) });

/** The whole part: { asked, requests, seconds, rate, failed, start, end }: one process of me.cgi, start and end as look() tells. */
export async function measureSoak(provider, { requests, atMost }) {
  say(`soak: ${requests} requests${atMost === Infinity ? '' : `, or as many as ${atMost} s allow`}`);
  const site = await startSite({ server: 'nginx', fastcgi: true, providers: sections(provider) });
  const cookie = await signIn(site, latchkeyLogin);
  const ask = (target, fields) => requestFile(site, `/cgi-bin/me.cgi${target}`, fields);
  const right = [ask('', { Cookie: cookie })];
  // What ends otherwise: nobody, forgeries, what makes no sense. It is asked in between, and not counted here.
  const wrong = [
    ask('', {}), ask('', { Cookie: cookie.replace(/.$/, '!') }), ask('', { Cookie: 'latchkey-session=x' }),
    ask('/below', { Cookie: cookie }), ask('?a=%zz', { Cookie: cookie }), ask('', { Cookie: cookie, Accept: 'text/html' }),
    ask('', { Cookie: cookie, 'X-Long': 'x'.repeat(6000) }),
  ];
  const { pid } = descendants(site.pid).find(({ name }) => name === 'me.cgi');
  const ends = async (count) => {
    for (const file of wrong) await load(site, [file], { requests: Math.max(8, Math.round(count / 100)), status: 0 });
  };
  await load(site, right, { requests: WARM });
  await ends(WARM);
  const start = look(pid);
  const portions = 20;
  let seconds = 0;
  let failed = 0;
  let answers = 0;
  for (let i = 0; i < portions && seconds < atMost; i++) {
    const counted = await load(site, right, { requests: Math.round(requests / portions), contains: 'Ada Person' });
    seconds += counted.seconds;
    failed += counted.failed;
    answers += counted.answers;
    await ends(requests / portions);
  }
  const end = fs.existsSync(`/proc/${pid}`) ? look(pid) : null;
  await site.stop();
  return { asked: requests, requests: answers, seconds, rate: answers / seconds, failed, start, end };
}
