// Open redirects (RFC 9700 4.11): strings that browsers, servers and URL parsers read as another site. Each goes through the programs: as
// return_to and target_link_uri of a whole login, and into the way out. It is refused, or the browser stays here.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Scene, checkNobody, origin, program, rules } from './scene.mjs';

const scene = await Scene.open();
after(() => scene.close());

const evil = 'evil.example';
const slashes = ['//', '///', '////', '\\\\', '\\/', '/\\', '/\\/', '\\', '/\\\\', '//\\', '/\t/', '/\n/', '/\r/', '/\r\n/',
  '/\v/', '/\f/', '/ /', '/\0/', '\t//', '\n//', ' //', '\0//',
  '\u0001//', '\u007f//', '/\u0080/', '/%09/', '/%0a/', '/%0d/', '/%00/', '/%20/', '/%2f', '/%2F', '//%2f', '/%2f/', '/%2f%2f',
  '/%5c', '/%5C', '/%5c%5c', '/%5c/', '%2f%2f', '%5c%5c', '/%2e%2f/',
  '/%252f', '/%25%32%66', '%252f%252f', '/%255c', '/%c0%af', '/%c1%9c', '/%e0%80%af', '/%u002f', '/&#47;', '/&sol;', '/\\u002f', '/x2f',
  '/.//', '/./\\', '/..//', '/../..//', '/a/..//', '/a/../..//', '/%2e//', '/%2e%2e//', '/.%2e//', '/%2e.//', '/a/%2e%2e//',
  '/;//', '/;/..//', '/a//', '/a;b=c//', '/@//', '/?/..//', './/', '..//',
  '/\u2044/', '\u2044\u2044', '/\u2215/', '/\uff0f', '\uff0f\uff0f', '/\uff3c', '\u29f8\u29f8', '/\u2028/', '/\u2029/',
  '/\u0085/', '/\u00a0/', '/\u200b/', '/\u3000/', '/\ufeff/', '\ufeff//', '/\u202e/', '/\u00ad/'];
const schemes = ['https://', 'HTTPS://', 'hTtPs://', 'http://', 'https:', 'https:/', 'https:///', 'https:////', 'https:\\\\',
  'https:/\\', 'http:', 'ftp://', 'ws://', 'wss://', 'file://', 'file:///', 'blob:https://',
  'view-source:https://', 'feed:https://', 'jar:https://', 'x:', 'x://', ':', '://', ':///', ' https://', '\thttps://',
  '\nhttps://', 'ht\ttps://', 'h\nttps://', 'https\t://', 'https:\n//', '\u0001https://', '%68ttps://',
  'https%3a//', 'https%3A%2F%2F', 'http&colon;//', '/https://', 'ｈttps://', 'ℎttps://', '@', 'user@', 'user:password@', '.',
  'www.', '?', '#', '[', ']', '<', '"', '\'', '`', '{', '|'];
const scripts = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)',
  ' javascript:alert(1)', '\u0001javascript:alert(1)', 'javascript://%0aalert(1)', 'javascript&colon;alert(1)',
  '/javascript:alert(1)//../..//', 'data:text/html,<script>alert(1)</script>', 'data:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)', 'about:blank', 'mailto:x@evil.example', 'tel:+1', 'intent://evil.example#Intent;end',
  'ms-word:ofe|u|https://evil.example', '/"><script>alert(1)</script>', '/\'onclick=alert(1)', '/<svg/onload=alert(1)>'];
const almostHere = ['https://www.example.org@evil.example/', 'https://www.example.org:443@evil.example/',
  'https://www.example.org:pass@evil.example/', 'https://www.example.org%40evil.example/', 'https://www.example.org%2eevil.example/',
  'https://www.example.org.evil.example/', 'https://www.example.orgevil.example/', 'https://www.example.org%00.evil.example/',
  'https://www.example.org\0.evil.example/', 'https://www.example.org\\.evil.example/',
  'https://www.example.org\\@evil.example/', 'https://www.example.org\t.evil.example/', 'https://www.example.org\n.evil.example/',
  'https://www.example.org .evil.example/', 'https://www.example.org;.evil.example/',
  'https://www.example.org,.evil.example/', 'https://www.example.org&.evil.example/', 'https://www.example.org:8443/',
  'https://www.example.org:443evil/', 'https://www.example.org:/', 'https://www.example.org:0443/', 'http://www.example.org/',
  'https://example.org/', 'https://WWW.EXAMPLE.ORG/', 'https://www.example.org./', 'https://www.exаmple.org/',
  'https://ｗww.example.org/', 'https://www。example.org/', 'https://user@www.example.org/', 'https:www.example.org/',
  'https:/www.example.org/', 'https:\\\\www.example.org/', '//www.example.org/', 'https://evil.example/https://www.example.org/',
  'https://evil.example?https://www.example.org/', 'https://evil.example#https://www.example.org/',
  'https://evil.example\\.www.example.org/', 'https://evil.example/@www.example.org/', 'https://evil.example;www.example.org/',
  'https://www.example.org//evil.example/', 'https://www.example.org/\\evil.example/',
  'https://www.example.org/..//evil.example/', 'https://www.example.org/%2e%2e//evil.example/',
  'https://www.example.org/%2f%2fevil.example/', 'https://www.example.org/.//evil.example/', 'https://www.example.org?@evil.example/',
  'https://www.example.org#@evil.example/', 'https://www.example.org/#//evil.example', ' https://www.example.org/',
  'https://www.example.org/ ', 'https://www.example.org/\r\nLocation: https://evil.example'];
const hosts = ['https://[::1]/', 'https://[::ffff:7f00:1]/', 'https://[2001:db8::1]/', '//[::1]/', 'http://127.0.0.1/',
  'http://127.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://0/', 'https://①②⑦.⓪.⓪.①/',
  'https://evil。example/', '//evil｡example/', 'https://xn--evil-9ra.example/', 'https://evil.example:80',
  'https://evil%2eexample/', 'https://evil.example%23.www.example.org/', 'https://evil.example%5c.www.example.org/'];
const others = ['/\r\nLocation: https://evil.example', '/%0d%0aLocation:%20https://evil.example', '/%0aSet-Cookie:%20a=b',
  '/%E5%98%8A%E5%98%8DLocation:%20https://evil.example', '/a%', '/a%zz', '/%ff', '/\ud7ff\u{10ffff}', '', '.', '..', '~',
  `/${'a'.repeat(2000)}`, `/${'a/'.repeat(600)}`, `/${'../'.repeat(300)}`, 'a/b', '*', '/\u0007', '/[', '/^', '/`', '/{', '/|'];

const strings = [...new Set([...slashes.flatMap((start) => [start + evil]), ...schemes.map((start) => start + evil), ...scripts,
  ...almostHere, ...hosts, ...others])];
assert.ok(strings.length >= 150, `${strings.length} strings`);

// ---- how a browser reads it

/** As the URL Standard reads it, and as a lenient reader would that decodes it once or twice more. */
function checkHere(location) {
  assert.match(location, /^[\x21-\x7e]+$/, 'nothing that somebody would repair');
  assert.ok(location.startsWith(`${origin}/`), location);
  let local = location.slice(origin.length);
  for (let i = 0; i < 3; i++) {
    assert.ok(!/^[\\/]{2}/.test(local), local);
    assert.equal(new URL(local, origin).origin, origin, local);
    const [path, ...query] = local.split('?');
    local = [decodeURIComponent(path), ...query].join('?');
  }
}

const shown = (text) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(/[^\x20-\x7e]|#/g,
  (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
const refusals = ['return_to', 'percent_encoding', 'utf8', 'request_malformed', 'parameter_repeated'];

/** A whole login that begins with this query. */
async function wholeLogin(query) {
  scene.browser = scene.newBrowser();
  const begun = await scene.browser.get(program('login.cgi'), { query, crossSite: true });
  assert.equal(begun.code, 0, begun.log);
  if (begun.status === 400) {
    assert.ok(refusals.includes(rules(begun.log)[0]), begun.log);
    assert.deepEqual(begun.cookies, []);
    assert.ok(!begun.body.includes(`href="//`) && !/(href|action)="(https?:)?[\\/]*evil/i.test(begun.body), 'no link leads there');
    return;
  }
  assert.equal(begun.status, 303, begun.log);
  const answer = await scene.comeBack(scene.provider.authorize(begun.headers.location));
  assert.equal(answer.status, 303, answer.log);
  checkHere(answer.headers.location);
}

/** Only the characters that would end the parameter are encoded; a NUL cannot stand in a meta-variable at all. */
const raw = (text) => text.replace(/[\0&#+]/g, (one) => encodeURIComponent(one));

for (const text of strings) {
  test(`return_to ${shown(text)}`, async () => {
    await wholeLogin(`provider=op&return_to=${encodeURIComponent(text)}`);
    await wholeLogin(`provider=op&return_to=${raw(text)}`);
  });
  test(`target_link_uri ${shown(text)}`, async () => {
    const iss = encodeURIComponent(scene.provider.issuer);
    await wholeLogin(`iss=${iss}&target_link_uri=${encodeURIComponent(text)}`);
    await wholeLogin(`iss=${iss}&target_link_uri=${encodeURIComponent(origin + text)}`);
  });
  test(`the way out with ${shown(text)}`, async () => {
    const value = encodeURIComponent(text);
    const wishes = ['return_to', 'post_logout_redirect_uri', 'redirect_uri', 'url', 'next'].map((name) => `${name}=${value}`).join('&');
    const answer = await scene.newBrowser().post(`${program('logout.cgi')}`, wishes, { query: wishes, headers: { origin } });
    if (answer.status === 303) checkHere(answer.headers.location);
    else assert.equal(answer.status, 400, answer.log);
  });
}

test('the way back from the provider goes home, whatever else it says', async () => {
  for (const text of strings.filter((one) => /^[\x20-\x7e]*$/.test(one)).slice(0, 20)) {
    scene.browser = scene.newBrowser();
    await scene.signIn();
    const out = await scene.browser.post(program('logout.cgi'), { post_logout_redirect_uri: text, redirect_uri: text },
      { headers: { origin } });
    const uri = new URL(out.headers.location);
    assert.equal(uri.origin, scene.provider.origin);
    assert.equal(uri.searchParams.get('post_logout_redirect_uri'), program('logout.cgi'));
    const query = new URLSearchParams({ state: uri.searchParams.get('state'), return_to: text });
    const back = await scene.browser.get(program(`logout.cgi?${query}`), { crossSite: true });
    if (back.status === 303) assert.equal(back.headers.location, `${origin}/`);
    else assert.equal(back.status, 400, back.log);
  }
});

// ---- and what is a place on this site is gone to

const places = ['/', '/members.html', '/a/b/c/', '/a?b=c&d=e', '/?q=1', '/a;b=c', '/a,b', '/a:b', '/@me', '/~user/', '/a%20b',
  '/%ED%95%9C%EA%B5%AD', '/a?next=/b', '/a?u=https://other.example/', '/a?x=%26%3D', '/a!$\'()*+', '/...',
  '/a..b', '/.well-known/x', '/cgi-bin/me.cgi?x=y', `/${'a'.repeat(500)}`];
for (const place of places)
  test(`return_to ${shown(place)} is gone to`, async () => {
    for (const query of [`provider=op&return_to=${encodeURIComponent(place)}`,
      `iss=${encodeURIComponent(scene.provider.issuer)}&target_link_uri=${encodeURIComponent(origin + place)}`]) {
      scene.browser = scene.newBrowser();
      const answer = await scene.signIn({ query });
      assert.equal(answer.headers.location, origin + place, answer.log);
    }
  });

test('the sign-in page carries no string along that leads elsewhere', async () => {
  const choice = await Scene.open({ more: (one) => one.section('other', one.provider, {}) });
  try {
    for (const text of strings) {
      const answer = await choice.browser.get(program('login.cgi'), { query: `return_to=${encodeURIComponent(text)}` });
      if (answer.status === 400) continue;
      assert.equal(answer.status, 200, answer.log);
      for (const [, link] of answer.body.matchAll(/href="([^"]*return_to=[^"]*)"/g))
        checkHere(origin + new URL(link.replaceAll('&amp;', '&'), origin).searchParams.get('return_to'));
    }
    await checkNobody(choice);
  } finally {
    choice.close();
  }
});
