// The pages of instructions (www/providers): one for each record, from its record, whole, and so that what they say to copy works.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { cgi, setup, twoProviders } from '../e2e/support/cgi.mjs';
import { build, top, workFolder } from '../e2e/support/place.mjs';
import { readRecords } from './sample.mjs';

const built = path.join(build, 'www/providers');
const records = readRecords();
const entities = { amp: '&', lt: '<', gt: '>', quot: '"' };
const read = (name) => fs.readFileSync(path.join(built, name), 'utf8');
const text = (html) => html.replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole);

/** The markup taken apart: { name, attributes, text } of each element, in order. Throws at the first thing that is not right. */
function elements(html) {
  const empty = new Set(['meta', 'link']);
  const found = [];
  const open = [];
  const [, body] = html.match(/^<!DOCTYPE html>\n([^]*)\n$/) ?? assert.fail('no DOCTYPE');
  const tokens = /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>|([^<>]+)/y;
  while (tokens.lastIndex < body.length) {
    const at = tokens.lastIndex;
    const match = tokens.exec(body) ?? assert.fail(`not markup: ${body.slice(at, at + 80)}`);
    const [, end, name, attributes, words] = match;
    for (const [, entity] of `${words ?? ''}${attributes ?? ''}`.matchAll(/&([^;\s]*);?/g))
      assert.ok(entity in entities, `a bare & in: ${match[0]}`);
    if (words !== undefined) open.forEach((element) => { element.text += text(words); });
    else if (end) assert.equal(open.pop()?.name, name, `</${name}> at ${body.slice(at, at + 80)}`);
    else {
      const pairs = [...attributes.matchAll(/ ([a-z-]+)="([^"]*)"/g)].map(([, key, value]) => [key, text(value)]);
      const element = { name, attributes: Object.fromEntries(pairs), text: '' };
      assert.equal(Object.keys(element.attributes).length, pairs.length, `an attribute twice in <${name}>`);
      found.push(element);
      if (!empty.has(name)) open.push(element);
    }
  }
  assert.deepEqual(open, []);
  return found;
}

const files = fs.readdirSync(built).sort();
const pages = new Map(files.filter((name) => name.endsWith('.html')).map((name) => [name, elements(read(name))]));
const of = (page, name) => page.filter((element) => element.name === name);
const whole = (page) => of(page, 'main')[0].text;
const blocks = (page) => of(page, 'pre').map((element) => element.text);

test('every record has its page, and there are no others', () => {
  const expected = [...records.keys()].map((id) => `${id}.html`);
  assert.deepEqual(files, [...expected, 'index.html', 'marks.css', 'providers.css'].sort());
});

test('the pages are static: no script, no style of their own, one heading, nothing from other hosts', () => {
  for (const [name, page] of pages) {
    for (const element of page) {
      assert.ok(!['script', 'style', 'iframe', 'form', 'img'].includes(element.name), `${name}: <${element.name}>`);
      for (const attribute of Object.keys(element.attributes)) assert.ok(!/^(on|style$|src$)/.test(attribute), `${name}: ${attribute}`);
    }
    for (const { attributes } of of(page, 'link')) assert.ok(!/:|^\//.test(attributes.href), `${name}: ${attributes.href}`);
    assert.equal(of(page, 'h1').length, 1, name);
    assert.equal(of(page, 'title').length, 1, name);
    assert.equal(page[0].attributes.lang, 'en');
  }
});

test('every link leads somewhere', () => {
  const exists = (href) => fs.existsSync(path.join(built, href)) ||
    (href.startsWith('../') && fs.existsSync(path.join(top, 'www/site', href.slice(3))));
  for (const [name, page] of pages)
    for (const { attributes } of page.filter(({ attributes: { href } }) => href !== undefined)) {
      const { href } = attributes;
      if (/^[a-z]+:/.test(href)) assert.equal(new URL(href).protocol, 'https:', `${name}: ${href}`);
      else assert.ok(exists(href), `${name}: ${href}`);
    }
});

test('the index leads to every page', () => {
  const hrefs = of(pages.get('index.html'), 'a').map(({ attributes }) => attributes.href);
  for (const id of records.keys()) assert.ok(hrefs.includes(`${id}.html`), id);
});

test('every mark has its colors', () => {
  const style = read('marks.css');
  for (const [id, record] of records)
    assert.ok(style.includes(`.mark-${id} {\n    background: ${record.button_background};\n    color: ${record.button_color};\n}`), id);
});

for (const [id, record] of records) {
  const page = pages.get(`${id}.html`) ?? [];
  if (record.unsupported) {
    test(`${id}: the page says why not yet`, () => {
      assert.ok(whole(page).includes(record.unsupported));
      assert.deepEqual(blocks(page), []);
    });
    continue;
  }

  test(`${id}: the page says where, what for and how`, () => {
    assert.ok(of(page, 'a').some(({ attributes }) => attributes.href === record.service_documentation), 'where to register');
    const registers = (record.registration ?? 'manual') === 'manual';
    assert.equal(blocks(page).includes(`https://www.example.org/cgi-bin/callback.cgi/${id}`), registers, 'the redirect URI');
    for (const scope of (record.scope ?? '').split(' ')) assert.ok(whole(page).includes(scope), scope);
    for (const domain of (record.email_domains ?? '').split(' ')) assert.ok(whole(page).includes(domain), domain);
    assert.ok(of(page, 'li').length >= 3 && of(page, 'dt').some((element) => element.text === 'An address counts as verified'));
    assert.ok(!/undefined|[{]value_|the-secret-it-gave-you.*the-secret/.test(whole(page)));
  });

  test(`${id}: what the page says to copy is a configuration that works`, async () => {
    const section = blocks(page).find((block) => block.startsWith(`[provider ${id}]\n`));
    const place = setup(`${section}${twoProviders}`);
    const answer = await cgi('login.cgi', place);
    assert.equal(answer.status, 200, answer.log);
    assert.ok(text(answer.body).includes(record.label), 'its button');
    // What is only shown as possible is right, too.
    const optional = section.replace(/^; /gm, '');
    if (optional !== section) assert.equal((await cgi('login.cgi', setup(`${optional}${twoProviders}`))).status, 200);
  });

  test(`${id}: the page shows the record`, () => {
    const shown = blocks(page).at(-1).trim().split('\n');
    assert.deepEqual(shown, Object.entries(record).map(([name, value]) => `${name} = ${value}`));
  });
}

// ---- the generator

const generator = path.join(top, 'www/providers/pages.awk');
const goodRecord = ['[provider a]', 'type = oidc', 'label = A', 'button_background = #000000', 'button_color = #ffffff',
  'service_documentation = https://a.example/', 'issuer = https://a.example', 'email_trust = claim'];
const goodNotes = ['[a]', 'register = Here.', 'redirect_uri = URI', 'client_id = ID', 'client_secret = Secret', 'value_client_id = 1'];

function generate(record, notes) {
  const work = workFolder('pages');
  fs.writeFileSync(path.join(work, 'providers.ini'), `${record.join('\n')}\n`);
  fs.writeFileSync(path.join(work, 'notes.ini'), `${notes.join('\n')}\n`);
  const { status, stderr } = spawnSync('awk', ['-v', `out=${work}`, '-f', generator, 'providers.ini', 'notes.ini'],
    { cwd: work, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return { status, stderr, page: (name) => fs.readFileSync(path.join(work, name), 'utf8'), made: fs.existsSync(path.join(work, 'index.html')) };
}

test('whatever a record or a note holds, it is text in the page', () => {
  const nasty = '<script>alert(1)</script> "x" \' & &amp; \\& </title>';
  const { status, stderr, page } = generate(
    [...goodRecord.filter((line) => !line.startsWith('label')), `label = ${nasty}`, `scope = ${nasty}`, `claim_sub = ${nasty}`],
    [...goodNotes, `about = ${nasty}`, `trouble_1 = \`${nasty}\` https://a.example/"><b>`, `email = ${nasty}`, `title = ${nasty}`]);
  assert.deepEqual([status, stderr], [0, '']);
  const made = elements(page('a.html'));
  assert.ok(!made.some(({ name }) => name === 'script' || name === 'b'));
  assert.equal(of(made, 'title')[0].text, `${nasty} · Latchkey`);
  assert.ok(of(made, 'li').some((element) => element.text.startsWith(nasty)));
  assert.ok(whole(elements(page('index.html'))).includes(nasty));
});

const wrong = {
  'a record without notes': [goodRecord, ['; nothing']],
  'notes without a record': [goodRecord, [...goodNotes, '[b]', 'register = Here.']],
  'notes that do not say where to click': [goodRecord, goodNotes.filter((line) => !line.startsWith('register'))],
  'a value that the notes do not know': [[...goodRecord, 'token_endpoint = https://{host}/'], goodNotes],
  'an id that is no name of a file': [['[provider ../a]', ...goodRecord.slice(1)], ['[../a]', ...goodNotes.slice(1)]],
  'a color that is none': [[...goodRecord.slice(0, 3), 'button_background = red;}', ...goodRecord.slice(4)], goodNotes],
  'a page elsewhere that is no https address': [[...goodRecord.filter((line) => !line.startsWith('service')), 'service_documentation = javascript:x'], goodNotes],
  'a protocol that nobody knows': [['[provider a]', 'type = saml', ...goodRecord.slice(2)], goodNotes],
};
for (const [name, [record, notes]] of Object.entries(wrong))
  test(`${name}: no pages at all`, () => {
    const { status, stderr, made } = generate(record, notes);
    assert.equal(status, 1);
    assert.match(stderr, /^pages\.awk: .+\n$/);
    assert.ok(!made, 'no index');
  });

test('make builds them anew when a record changes', () => {
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, ...environment } = process.env;
  const plan = execFileSync('make', ['--no-print-directory', '-C', top, '-n', '-W', 'lib/providers.ini', `BUILD=${path.relative(top, build)}`,
    `${path.relative(top, build)}/www/providers/index.html`], { encoding: 'utf8', env: environment });
  assert.match(plan, /pages\.awk/);
});
