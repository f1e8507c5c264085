// Who may come in: what only looks as if it were allowed, what a person who is turned away sees, and that nothing comes of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { json } from '../e2e/support/cgi.mjs';
import { events } from '../e2e/support/site.mjs';
import { checkNobody, checkSignedIn, origin, program, returnTo, rules, sceneTest } from './scene.mjs';

const calls = ['token', 'jwks', 'userinfo'];
const policy = (text) => ({ site: `[policy]\n${text}` });

/** What an SQL query of the scene's database gives, one array a row. */
const ask = (scene, sql) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(scene.place.state, 'latchkey.db'), sql],
  { encoding: 'utf8' }).split('\n').filter(Boolean).map((row) => row.split('|'));

const refusals = (scene) => ask(scene, "SELECT provider, detail, account IS NULL FROM events WHERE event = 'sign_in_refused'");

/** The page of a refusal names who was tried, and leads to another login at the same provider. */
function checkPage(answer, { tried, code = 'not_admitted' }) {
  assert.equal(answer.status, 403, answer.log);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.ok(answer.body.includes(`<code>${code}</code>`), answer.body);
  if (tried) assert.ok(answer.body.includes(`<bdi>${tried}</bdi>`), answer.body);
  else assert.ok(!answer.body.includes('You tried'), answer.body);
  const [, href] = answer.body.match(/<a class="button primary" href="([^"]*)">Use another account<\/a>/) ?? [];
  assert.ok(href, answer.body);
  return href.replaceAll('&amp;', '&');
}

/** Turned away by this rule: the page, the log, the event; and nothing was made. */
async function checkTurnedAway(scene, answer, { rule = 'policy', detail = rule, ...page }) {
  assert.equal(answer.code, 0, answer.log);
  assert.deepEqual(rules(answer.log), [rule], answer.log);
  const href = checkPage(answer, page);
  assert.deepEqual(scene.provider.calls(scene.seen), calls, 'the provider was asked who it is, and no more');
  await checkNobody(scene);
  assert.deepEqual(ask(scene, 'SELECT count(*) FROM tokens'), [['0']]);
  assert.deepEqual(refusals(scene), [['op', detail, '1']]);
  scene.checkNoSecretInLog();
  for (const told of Object.values(scene.provider.person).filter((value) => String(value).length > 8))
    assert.ok(!scene.log.includes(told), `${told} is in the log`);
  return href;
}

/** A login of this person, by these claims of the id_token besides, must end as `expected`; null: signed in. */
function person(name, options, { claims = {}, ...person_ }, expected) {
  sceneTest(name, { provider: { hooks: { claims: (right) => ({ ...right, ...claims }) } }, ...options }, async (scene) => {
    Object.assign(scene.provider.person, person_);
    const answer = await scene.signIn();
    if (expected === null) await checkSignedIn(scene, answer);
    else await checkTurnedAway(scene, answer, expected);
  });
}

// ---- addresses

const domain = policy('allowed_email_domains = example.com bücher.example');
const outside = { detail: '[policy] allowed_email_domains' };
person('an address of the domain', domain, { email: 'jane@EXAMPLE.com' }, null);
person('an address of a domain in another script, written in ASCII', domain, { email: 'jane@xn--bcher-kva.example' }, null);
person('an address below the domain', domain, { email: 'jane@mail.example.com' }, { ...outside, tried: 'jane@mail.example.com' });
person('the domain as the beginning of another', domain, { email: 'jane@example.com.evil.example' },
  { ...outside, tried: 'jane@example.com.evil.example' });
person('the domain as the end of another', domain, { email: 'jane@notexample.com' }, { ...outside, tried: 'jane@notexample.com' });
person('a letter that looks the same', domain, { email: 'jane@ex\u0430mple.com' }, { ...outside, tried: 'jane@ex\u0430mple.com' });
person('the domain before the @', domain, { email: 'example.com@evil.example' }, { ...outside, tried: 'example.com@evil.example' });
const none = { detail: '[policy] allowed_email_domains: there is no address', tried: 'Jane Doe' };
person('two @', domain, { email: 'jane@evil.example@example.com' }, none);
person('an @ that only looks like one', domain, { email: 'jane\uff20example.com' }, none);
person('an @, and another that only looks like one', domain, { email: 'jane@evil.example\uff20example.com' }, none);
person('a dot that only looks like one', domain, { email: 'jane@example\u3002com' }, none);
person('two addresses in one', domain, { email: 'jane@evil.example,jane@example.com' }, none);
person('an address in brackets', domain, { email: 'Jane <jane@example.com>' }, none);
person('a list of addresses', domain, { email: ['jane@example.com'] }, none);
person('no address', domain, { email: undefined }, none);
person('an address that is not verified', domain, { email_verified: false },
  { detail: '[policy] allowed_email_domains: the address is not verified', tried: 'jane@example.com' });
person('an address that is verified in words', domain, { email_verified: 'yes' },
  { detail: '[policy] allowed_email_domains: the address is not verified', tried: 'jane@example.com' });
person('a listed address, in other letters', policy('allowed_emails = Jane@Example.com'), {}, null);
person('not the listed address', policy('allowed_emails = joan@example.com'), {},
  { detail: '[policy] allowed_emails', tried: 'jane@example.com' });
person('a denied address', policy('denied_emails = jane@example.com'), { email: 'JANE@example.com', email_verified: false },
  { detail: '[policy] denied_emails', tried: 'JANE@example.com' });
person('a denied subject', { settings: { denied_subjects: '1 248289761001' } }, {},
  { detail: '[provider op] denied_subjects', tried: 'jane@example.com' });
person('the provider’s rules beside the site’s', { ...domain, settings: { allowed_emails: 'joan@example.com' } }, {},
  { detail: '[provider op] allowed_emails', tried: 'jane@example.com' });

// ---- claims

const staff = policy('require = groups contains staff');
const required = { detail: '[policy] require', tried: 'jane@example.com' };
person('a group in the profile', staff, { groups: ['guests', 'staff'] }, null);
person('a group in the id_token', staff, { claims: { groups: ['staff'] } }, null);
person('one group that is no list', staff, { groups: 'staff' }, null);
person('no groups', staff, {}, required);
person('groups in another case', staff, { groups: ['Staff'] }, required);
person('groups that hold the word', staff, { groups: ['not-staff', 'staff2', 'staff guests'] }, required);
person('groups in one text', staff, { groups: 'guests staff' }, required);
person('groups as an object', staff, { groups: { staff: true } }, required);
person('groups as a number', staff, { groups: 1 }, required);
person('groups in a list of lists', staff, { groups: [['staff']] }, required);
person('no groups in the profile, which stands before the id_token', staff, { groups: [], claims: { groups: ['staff'] } }, required);
const hosted = policy('require = id_token:hd = example.com & groups contains staff | id_token:hd = example.net');
person('a claim of the id_token', hosted, { groups: ['staff'], claims: { hd: 'example.com' } }, null);
person('the other way in', hosted, { claims: { hd: 'example.net' } }, null);
person('half of what is required', hosted, { claims: { hd: 'example.com' } }, required);
person('a claim of the id_token that only the profile has', hosted, { groups: ['staff'], hd: 'example.com' }, required);

// ---- what the person sees

sceneTest('another account is one link away, at the same provider and for the same page', domain, async (scene) => {
  scene.provider.person.email = 'jane@evil.example';
  const answer = await scene.signIn();
  const href = await checkTurnedAway(scene, answer, { ...outside, tried: 'jane@evil.example' });
  const again = await scene.browser.get(href);
  assert.equal(again.status, 303, again.log);
  assert.equal(new URL(again.headers.location).searchParams.get('prompt'), 'select_account');
  scene.provider.person.email = 'joan@example.com';
  scene.log = '';
  await checkSignedIn(scene, await scene.comeBack(scene.provider.authorize(again.headers.location)), { location: origin + returnTo });
});

sceneTest('a name is a text, whatever it holds', domain, async (scene) => {
  Object.assign(scene.provider.person, { email: undefined, name: '"><script>alert(1)</script>\u202e {{home}}{tried}' });
  const answer = await scene.signIn();
  checkPage(answer, { tried: '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; {{home}}{tried}' });
});

sceneTest('of somebody without name and address nothing is said', domain, async (scene) => {
  Object.assign(scene.provider.person, { email: undefined, name: undefined });
  await checkTurnedAway(scene, await scene.signIn(), { detail: none.detail });
});

sceneTest('a script learns that somebody was turned away, and not who', domain, async (scene) => {
  scene.provider.person.email = 'jane@evil.example';
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack(parameters, { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 403);
  const { request_id: id, ...rest } = json(answer);
  assert.deepEqual(rest, { error: 'not_admitted', error_description: 'This site does not let that account in.' });
  assert.match(id, /^[a-z2-7]{16}$/);
});

sceneTest('the page of another failure names nobody', domain, async (scene) => {
  scene.provider.person.email = 'jane@evil.example';
  await scene.signIn();
  const { parameters } = await scene.begin();
  const answer = await scene.comeBack({ ...parameters, state: 'A'.repeat(43) });
  assert.equal(answer.status, 400, answer.log);
  assert.ok(!answer.body.includes('jane@evil.example') && !answer.body.includes('Use another account'));
});

// ---- who is here already

/** Writes the configuration anew, with this text in place of that. */
function configure(scene, from, to) {
  const text = fs.readFileSync(scene.place.conf, 'utf8');
  assert.ok(text.includes(from));
  fs.writeFileSync(scene.place.conf, text.replace(from, to));
}

/** One person has an account, and is signed in in another browser; then the site is configured anew. */
const known = (name, to, body) => sceneTest(name, { site: '[account]\nsign_up = yes\n' }, async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  scene.first = scene.browser;
  scene.browser = scene.newBrowser();
  configure(scene, 'sign_up = yes', to);
  scene.log = '';
  await body(scene);
});

known('closed sign-up: who has an account comes in, who has none does not', 'sign_up = no', async (scene) => {
  await checkSignedIn(scene, await scene.signIn());
  scene.browser = scene.newBrowser();
  Object.assign(scene.provider.person, { sub: 'somebody-else', email: 'joan@example.com', name: 'Joan' });
  const before = scene.rows();
  const answer = await scene.signIn();
  assert.deepEqual(rules(answer.log), ['sign_up_closed']);
  checkPage(answer, { tried: 'joan@example.com' });
  assert.ok(!scene.browser.isSignedIn());
  assert.deepEqual(scene.rows(), { ...before, used: before.used + 1 });
  assert.deepEqual(refusals(scene), [['op', 'sign_up_closed', '1']]);
});

known('a blocked account: the page says so, and the account’s trail', 'sign_up = yes', async (scene) => {
  const before = scene.rows();
  ask(scene, 'INSERT INTO blocks SELECT id, 1 FROM accounts');
  const answer = await scene.signIn();
  assert.deepEqual(rules(answer.log), ['account_blocked']);
  checkPage(answer, { tried: 'jane@example.com', code: 'account_blocked' });
  assert.ok(!scene.browser.isSignedIn());
  assert.deepEqual(scene.rows(), { ...before, used: before.used + 1 });
  assert.deepEqual(refusals(scene), [['op', 'account_blocked', '0']]);
});

known('a rule that comes later holds at the next sign-in, and finds its way into the account’s trail',
  'sign_up = yes\n[policy]\nallowed_email_domains = example.org', async (scene) => {
    assert.equal((await scene.whoAmI(scene.first)).status, 200, 'who is signed in stays so');
    const answer = await scene.signIn();
    assert.deepEqual(rules(answer.log), ['policy']);
    checkPage(answer, { tried: 'jane@example.com' });
    assert.deepEqual(refusals(scene), [['op', '[policy] allowed_email_domains', '0']]);
  });

known('an identity that may not come in cannot be linked either',
  'sign_up = yes\n[policy]\nallowed_email_domains = example.com', async (scene) => {
    scene.browser = scene.first;
    const me = await scene.whoAmI();
    const before = scene.rows();
    Object.assign(scene.provider.person, { sub: 'another', email: 'jane@evil.example' });
    const begun = await scene.browser.post(program('account.cgi/link'), { csrf_token: me.csrf_token, provider: 'op' },
      { headers: { origin, 'sec-fetch-site': 'same-origin' } });
    const location = begun.headers.location ?? begun.body.match(/href="(http:\/\/127[^"]*)"/)?.[1].replaceAll('&amp;', '&'); // the page that leads on
    assert.ok(location, `${begun.status} ${begun.log}`);
    const answer = await scene.comeBack(scene.provider.authorize(location));
    assert.deepEqual(rules(answer.log), ['policy'], answer.log);
    assert.equal(answer.status, 403);
    assert.ok(answer.body.includes('<bdi>jane@evil.example</bdi>'), answer.body);
    assert.ok(answer.body.includes(`href="${program('me.cgi')}"`), 'back to the account page');
    assert.deepEqual(scene.rows(), { ...before, used: before.used + 1 });
    assert.equal((await scene.whoAmI()).identities.length, 1);
    assert.deepEqual(refusals(scene), [['op', '[policy] allowed_email_domains', '0']], 'in the account’s trail');
  });

// ---- the file of addresses

const file = (name, text, mode, body) => sceneTest(name, policy('allowed_emails_file = guests.txt'), async (scene) => {
  const list = path.join(path.dirname(scene.place.conf), 'guests.txt');
  if (text !== null) {
    fs.writeFileSync(list, text);
    fs.chmodSync(list, mode);
  }
  await body(scene, await scene.signIn());
});
const broken = async (scene, answer) => {
  assert.equal(answer.status, 500, answer.log);
  assert.deepEqual(rules(answer.log), ['config']);
  assert.ok(!answer.log.includes('@'), answer.log);
  await checkNobody(scene);
};
file('a file lists who may come in', '# guests\njane@example.com\n', 0o644, (scene, answer) => checkSignedIn(scene, answer));
file('who is not in the file stays outside', 'joan@example.com\n', 0o644, (scene, answer) =>
  checkTurnedAway(scene, answer, { detail: '[policy] allowed_emails_file', tried: 'jane@example.com' }));
file('a file that is not there lets nobody in', null, 0, broken);
file('a file with a mistake lets nobody in', 'jane@example.com\nexample.com\n', 0o644, broken);
file('a file that anyone can write to lets nobody in', 'jane@example.com\n', 0o666, broken);

// ---- an event each

sceneTest('each refusal is an event with the request that it was', domain, async (scene) => {
  scene.provider.person.email = 'jane@evil.example';
  const answer = await scene.signIn();
  const [failed] = events(answer.log).filter(({ event }) => event === 'failed');
  assert.deepEqual(ask(scene, "SELECT request, address, detail FROM events WHERE event = 'sign_in_refused'"),
    [[failed.request, '127.0.0.1', failed.detail]]);
});
