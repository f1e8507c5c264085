// Logins by OAuth 1.0 that must succeed: what RFC 5849 allows, judged by oauthlib.
import assert from 'node:assert/strict';
import { checkSignedIn, person, program, rules, sceneTest } from './scene.mjs';

const legs = ['initiate', 'authorize', 'token', 'profile'];

/** One legal variation, one test. `check` may look at me.cgi's claims and the scene. */
function variation(name, { check = () => {}, calls = legs, sub, ...options } = {}) {
  sceneTest(name, options, async (scene) => {
    const { me, requests } = await checkSignedIn(scene, await scene.signIn(), { sub });
    assert.deepEqual(requests, calls);
    await check(me, scene);
  });
}

// ---- the ways of signing

variation('an ordinary login by HMAC-SHA1', {
  check: (me) => {
    assert.equal(me.name, 'Ada Lovelace');
    assert.equal(me.email, 'ada@example.org');
    assert.equal(me.email_verified, true);
    assert.equal(me.provider, 'op');
  },
});
variation('an ordinary login by RSA-SHA1', { rsa: true });
variation('tokens, secrets and verifier of characters that need encoding', { server: { awkward: true } });
variation('the same by RSA-SHA1', { server: { awkward: true }, rsa: true });

// ---- what is signed

variation('a profile without a query', {
  server: { profile_query: '' }, settings: (at) => ({ userinfo_endpoint: `${at}/profile` }),
});
variation('parameters of the record, signed with the query', {
  server: { profile_query: 'b=2&a=1&d=0&c=%26' },
  settings: (at) => ({ userinfo_endpoint: `${at}/profile?b=2`, userinfo_parameters: 'a=1&d=0&c=%26' }),
});
variation('addresses in capitals, with a port and a path that is encoded', {
  server: { profile_query: 'Q=%7E' },
  settings: (at) => ({ userinfo_endpoint: `${at.replace('http', 'HTTP').replace('127.0.0.1', 'LocalHost')}/%70rofile?Q=%7E` }),
});

// ---- what is answered

const answered = (members) => ({ change: { token: members } });
variation('a token answer with parameters that nobody asked for', { server: answered({ x_auth_expires: '0', 'odd name': 'ü' }) });
variation('a profile that the token answer tells alone', {
  calls: legs.slice(0, 3), settings: { userinfo: 'no', claim_sub: 'token:user_id', claim_name: 'token:screen_name' },
  check: (me) => assert.equal(me.name, 'ada'),
});
variation('the subject from the token answer, the rest from the profile', {
  server: { credentials: { user_id: '42' } }, settings: { claim_sub: 'token:user_id' }, sub: '42',
});
variation('a subject beyond 2^53', {
  server: { profile: { ...person, id_str: '9007199254740993' } }, sub: '9007199254740993',
});

// ---- for an API

for (const rsa of [false, true])
  variation(`its tokens are kept for an API, which a request signed by ${rsa ? 'RSA' : 'HMAC'}-SHA1 reaches`, {
    rsa, server: { awkward: true }, calls: [...legs], more: (scene) => `[api profile]\nprovider = op\nbase_url = ${scene.server.origin}/\n`,
    check: async (_me, scene) => {
      const { search } = new URL(scene.section('op').match(/userinfo_endpoint = (.*)/)[1]);
      const answer = await scene.browser.get(program(`api.cgi/profile/profile${search}`),
        { headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin' } });
      assert.equal(answer.status, 200, answer.log);
      assert.equal(JSON.parse(answer.body).id_str, '777', 'oauthlib has verified the signature');
    },
  });

// ---- several at once

sceneTest('two logins of one browser, finished in the other order', {}, async (scene) => {
  const first = await scene.visit();
  const second = await scene.visit();
  assert.equal(scene.waiting(), 2);
  assert.equal((await scene.comeBack(second)).status, 303);
  await checkSignedIn(scene, await scene.comeBack(first));
});

sceneTest('whoever signs in again is the same', {}, async (scene) => {
  const { me } = await checkSignedIn(scene, await scene.signIn());
  const again = await checkSignedIn(scene, await scene.signIn());
  assert.equal(again.me.sub, me.sub);
  assert.deepEqual(scene.sql('SELECT count(*) FROM accounts'), ['1']);
});

sceneTest('who said no can try again', { server: { deny: { denied: '$token' } } }, async (scene) => {
  const refused = await scene.signIn();
  assert.deepEqual(rules(refused.log), ['login_denied']);
  assert.match(refused.body, /login\.cgi\?provider=op&amp;return_to=/);
  await scene.server.change({ deny: null });
  await checkSignedIn(scene, await scene.signIn());
});

sceneTest('what was left behind is cleared away by the next login', {}, async (scene) => {
  for (let i = 0; i < 3; i++) await scene.begin({ browser: scene.newBrowser() });
  scene.sql('UPDATE temporary_credentials SET expires_at = 1');
  await checkSignedIn(scene, await scene.signIn());
});
