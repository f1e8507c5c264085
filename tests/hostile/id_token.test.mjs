// id_tokens that must not be believed (OpenID Connect Core 3.1.3.7, RFC 7515, RFC 8725), from a provider that does all else right.
import { base64url, claims, halfHash, header, jws, key, parts, sha256, signingInput, withSignature } from './jose.mjs';
import { mutation, now } from './scene.mjs';

const secret = 'a client secret of more than 32 bytes';
const attacker = key('RSA', 'attacker');

// What the provider is asked before a token of that kind is refused.
const unread = ['token'];
const judged = ['token', 'jwks'];
const searched = ['token', 'jwks', 'jwks', 'discovery']; // for a key that might be new

/** The id_token is another text, made from the right one. */
const token = (name, change, rule, calls, options) => mutation(name, { idToken: change }, { rule, calls }, options);

/** Only these members of the header are others; `undefined` leaves one out. The signature is right. */
const head = (name, change, rule, calls, options) => mutation(name, { header: (right) => ({ ...right, ...change }) },
  { rule, calls }, options);

/** Only these claims are others; the signature is right. */
const body = (name, change, rule, options) => mutation(name,
  { claims: (right, login) => ({ ...right, ...(typeof change === 'function' ? change(right, login) : change) }) },
    { rule, calls: judged }, options);

/** The payload is no proper object of claims; signed all the same. */
const payload = (name, change, rule = 'id_token_malformed') =>
  token(name, (compact) => jws(header(compact), change(claims(compact)), key('RSA')), rule, judged);

// ---- the algorithm is ours to choose

for (const alg of ['none', 'None', 'NONE', 'nOnE'])
  token(`alg ${alg}, without a signature`, (compact) => `${signingInput({ ...header(compact), alg }, claims(compact))}.`,
    'jws_alg', unread);
token('alg none, with the signature of the true token',
  (compact) => `${signingInput({ ...header(compact), alg: 'none' }, claims(compact))}.${parts(compact)[2]}`, 'jws_alg', unread);
head('no alg', { alg: undefined }, 'jws_alg', unread);
head('an alg that is null', { alg: null }, 'jws_alg', unread);
head('an alg that is a number', { alg: 256 }, 'jws_alg', unread);
head('an alg that is a list', { alg: ['RS256'] }, 'jws_alg', unread);
head('an alg in small letters', { alg: 'rs256' }, 'jws_alg', unread);
head('an alg with a space behind it', { alg: 'RS256 ' }, 'jws_alg', unread);
head('an alg that is two', { alg: 'RS256 ES256' }, 'jws_alg', unread);
head('an alg that is empty', { alg: '' }, 'jws_alg', unread);

for (const alg of ['RS384', 'RS512', 'PS256', 'ES384', 'EdDSA'])
  mutation(`${alg} by the provider’s own key, where it is not accepted`, {}, { rule: 'jws_alg', calls: unread }, { provider: { alg } });

const { publicKey } = key('RSA');
const publicForms = {
  PEM: publicKey.export({ type: 'spki', format: 'pem' }),
  'PEM without its last newline': publicKey.export({ type: 'spki', format: 'pem' }).trim(),
  'PKCS #1 PEM': publicKey.export({ type: 'pkcs1', format: 'pem' }),
  DER: publicKey.export({ type: 'spki', format: 'der' }),
  modulus: Buffer.from(key('RSA').jwk.n, 'base64url'),
  JWK: JSON.stringify(key('RSA').jwk),
};
for (const [form, text] of Object.entries(publicForms)) {
  const forge = (compact) => jws({ ...header(compact), alg: 'HS256' }, claims(compact), { secret: text });
  token(`HS256 under the public key as ${form}`, forge, 'jws_alg', unread);
  token(`HS256 under the public key as ${form}, where HS256 is accepted too`, forge, 'jws_signature', unread,
    { settings: { id_token_signed_response_alg: 'RS256 HS256' } });
}
mutation('HS256 under the client secret, where it is not accepted', {}, { rule: 'jws_alg', calls: unread },
  { provider: { alg: 'HS256', client: { secret } } });
for (const [name, wrong] of Object.entries({ 'an empty secret': '', 'another secret': `${secret}!`, 'the client_id': 'latchkey' }))
  token(`HS256 under ${name}, where it is accepted`, (compact) => jws(header(compact), claims(compact), { secret: wrong }),
    'jws_signature', unread,
    { settings: { id_token_signed_response_alg: 'HS256' }, provider: { alg: 'HS256', client: { secret } } });
mutation('HS256 under a client secret too short to be a key', {}, { rule: 'jwk_weak', calls: unread },
  { settings: { id_token_signed_response_alg: 'HS256' }, provider: { alg: 'HS256', client: { secret: 'short but right' } } });
for (const alg of ['HS384', 'HS512'])
  token(`${alg} under the client secret`, (compact) => jws({ ...header(compact), alg }, claims(compact), { secret }), 'jws_alg', unread,
    { settings: { id_token_signed_response_alg: 'HS256' }, provider: { alg: 'HS256', client: { secret } } });

// ---- the key is the provider's, not the token's

token('another’s key under the provider’s kid', (compact) => jws(header(compact), claims(compact), attacker), 'jws_signature', judged);
token('another’s key under a kid that nobody knows', (compact) => jws({ ...header(compact), kid: 'attacker' }, claims(compact), attacker),
  'jws_key_unknown', searched);
token('another’s key without a kid', (compact) => jws({ ...header(compact), kid: undefined }, claims(compact), attacker),
  'jws_signature', searched);
head('the right key under a kid that nobody knows', { kid: 'nobody' }, 'jws_key_unknown', searched);
head('an empty kid', { kid: '' }, 'jws_key_unknown', searched);
head('a kid that is a number', { kid: 7 }, 'jws_malformed', unread);
head('a kid that is a path', { kid: '../../../../dev/null' }, 'jws_key_unknown', searched);
head('a kid that is SQL', { kid: '\' UNION SELECT \'key' }, 'jws_key_unknown', searched);
for (const [name, members] of Object.entries({
  jwk: { jwk: attacker.jwk },
  jku: { jku: 'http://127.0.0.1:9/evil/jwks' },
  x5u: { x5u: 'http://127.0.0.1:9/evil/chain' },
  x5c: { x5c: [base64url(attacker.publicKey.export({ type: 'spki', format: 'der' }))] },
})) {
  token(`another’s key, in the header’s ${name}`, (compact) => jws({ ...header(compact), ...members }, claims(compact), attacker),
    'jws_signature', judged);
  token(`another’s key, in the header’s ${name}, with its own kid`,
    (compact) => jws({ ...header(compact), kid: 'attacker', ...members }, claims(compact), attacker), 'jws_key_unknown', searched);
}

// ---- the signature

const bent = (name, change, options, rule = 'jws_signature') => token(`a signature ${name}`,
  (compact) => withSignature(compact, change), rule, judged, options);
const flip = (at, mask = 1) => (bytes) => { const copy = Buffer.from(bytes); copy[at < 0 ? copy.length + at : at] ^= mask; return copy; };

bent('with every byte XOR 0x5A', (bytes) => bytes.map((byte) => byte ^ 0x5a));
bent('with another first bit', flip(0, 0x80));
bent('with another bit in the middle', flip(128));
bent('with another last bit', flip(-1));
bent('of zeros', (bytes) => Buffer.alloc(bytes.length));
bent('of 0xFF', (bytes) => Buffer.alloc(bytes.length, 0xff));
bent('that is empty', () => Buffer.alloc(0));
bent('one byte short', (bytes) => bytes.subarray(0, -1));
bent('without its first byte', (bytes) => bytes.subarray(1));
bent('one byte too long', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
bent('with a zero before it', (bytes) => Buffer.concat([Buffer.alloc(1), bytes]));
bent('twice', (bytes) => Buffer.concat([bytes, bytes]));
token('a signature of another payload', (compact) => {
  const [head_, , sign] = parts(compact);
  return `${head_}.${base64url(JSON.stringify({ ...claims(compact), sub: 'admin' }))}.${sign}`;
}, 'jws_signature', judged);
token('a signature of another header', (compact) => {
  const [, payload_, sign] = parts(compact);
  return `${base64url(JSON.stringify({ ...header(compact), typ: 'jwt' }))}.${payload_}.${sign}`;
}, 'jws_signature', judged);
token('an RS256 header over a PS256 signature', (compact) => jws(header(compact), claims(compact), key('RSA'), 'PS256'),
  'jws_signature', judged);
token('an RS256 header over an RS512 signature', (compact) => jws(header(compact), claims(compact), key('RSA'), 'RS512'),
  'jws_signature', judged);

const elliptic = { provider: { alg: 'ES256' } };
const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const zero = Buffer.alloc(32);
const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
const halves = (change) => (bytes) => Buffer.concat(change(bytes.subarray(0, 32), bytes.subarray(32)));

/** RFC 3279 2.2.3: what most libraries make of an ECDSA signature, and JWS does not. */
function der(bytes) {
  const integer = (half) => {
    let start = 0;
    while (start < half.length - 1 && half[start] === 0) start++;
    const digits = Buffer.concat([Buffer.alloc(half[start] >> 7), half.subarray(start)]);
    return Buffer.concat([Buffer.from([2, digits.length]), digits]);
  };
  const pair = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, pair.length]), pair]);
}

bent('of ES256 in DER', der, elliptic);
bent('of ES256 that is all zero', (bytes) => Buffer.alloc(bytes.length), elliptic);
bent('of ES256 with r = 0', halves((r, s) => [zero, s]), elliptic);
bent('of ES256 with s = 0', halves((r) => [r, zero]), elliptic);
bent('of ES256 with r = s = 1', halves(() => [one, one]), elliptic);
bent('of ES256 with r = n', halves((r, s) => [order, s]), elliptic);
bent('of ES256 with s = n', halves((r) => [r, order]), elliptic);
bent('of ES256 with r and s swapped', halves((r, s) => [s, r]), elliptic);
bent('of ES256 with a longer r', halves((r, s) => [Buffer.alloc(1), r, s]), elliptic);
bent('of ES256 with longer halves', halves((r, s) => [Buffer.alloc(1), r, Buffer.alloc(1), s]), elliptic);
bent('of ES256 with another bit', flip(40), elliptic);
token('an ES256 signature by another’s key', (compact) => jws(header(compact), claims(compact), key('P-256', 'another P-256')),
  'jws_signature', judged, elliptic);

const edwards = { provider: { alg: 'EdDSA' }, settings: { id_token_signed_response_alg: 'EdDSA' } };
bent('of EdDSA with another bit', flip(5), edwards);
bent('of EdDSA that is all zero', (bytes) => Buffer.alloc(bytes.length), edwards);
bent('of EdDSA one byte short', (bytes) => bytes.subarray(0, -1), edwards);
const pss = { provider: { alg: 'PS256' }, settings: { id_token_signed_response_alg: 'PS256' } };
bent('of PS256 with another bit', flip(77), pss);
token('a PS256 header over an RS256 signature', (compact) => jws(header(compact), claims(compact), key('RSA'), 'RS256'),
  'jws_signature', judged, pss);

// ---- the compact serialization

const last = (compact, change) => { const [a, b, c] = parts(compact); return change(a, b, c); };
const shape = (name, change, rule = 'jws_malformed', calls = unread) => token(name, change, rule, calls);

shape('an empty id_token', () => '', 'token_response');
shape('an id_token of one segment', (compact) => parts(compact)[0]);
shape('an id_token of two segments', (compact) => last(compact, (a, b) => `${a}.${b}`));
shape('an id_token of four segments', (compact) => `${compact}.`);
shape('an id_token of five segments, like a JWE', (compact) => last(compact, (a, b, c) => `${a}.${b}.${c}.${b}.${c}`));
shape('an id_token of dots', () => '..');
shape('an id_token with an empty header', (compact) => last(compact, (a, b, c) => `.${b}.${c}`));
shape('an id_token with an empty payload', (compact) => last(compact, (a, b, c) => `${a}..${c}`), 'jws_signature', judged);
shape('base64 padding behind the signature', (compact) => `${compact}==`);
shape('base64 padding within', (compact) => last(compact, (a, b, c) => `${a}=.${b}.${c}`));
shape('bits that belong to nothing behind the signature',
  (compact) => compact.slice(0, -1) + String.fromCharCode(compact.charCodeAt(compact.length - 1) + 1));
shape('the alphabet of plain base64', (compact) => last(compact, (a, b, c) => `${a}.${b}.${c.slice(0, 10)}+/${c.slice(12)}`));
shape('a newline behind the id_token', (compact) => `${compact}\n`, 'token_response');
shape('a space before the id_token', (compact) => ` ${compact}`, 'token_response');
shape('a line break within', (compact) => `${compact.slice(0, 40)}\r\n${compact.slice(40)}`, 'token_response');
shape('an id_token of 40 KB', (compact) => `${compact}${'A'.repeat(40_000)}`, 'token_response');
shape('the JSON serialization, as a text',
  (compact) => last(compact, (a, b, c) => JSON.stringify({ protected: a, payload: b, signature: c })), 'token_response');

const withHeader = (text) => (compact) => jws(text(JSON.stringify(header(compact))), claims(compact), key('RSA'), 'RS256');
shape('a header that is no JSON', withHeader(() => 'RS256'));
shape('a header that is a list', withHeader((right) => `[${right}]`));
shape('a header that is null', withHeader(() => 'null'));
shape('a header with alg twice', withHeader((right) => right.replace('{', '{"alg":"none",')));
shape('a header with alg twice, the right one first', withHeader((right) => right.replace('}', ',"alg":"none"}')));
shape('a header with alg twice, once in other notation', withHeader((right) => right.replace('{', '{"\\u0061lg":"none",')));
shape('a header with text behind it', withHeader((right) => `${right}{}`));
shape('a header that is not UTF-8', withHeader((right) => Buffer.from(right.replace('}', ',"x":"\u00ff"}'), 'latin1')));
shape('a header of 40 levels', withHeader((right) => right.replace('}', `,"x":${'['.repeat(40)}${']'.repeat(40)}}`)));

// ---- what the header asks for

head('crit with a name that nobody knows', { crit: ['urn:x'], 'urn:x': 1 }, 'jws_crit', unread);
head('crit with a name of the standard', { crit: ['alg'] }, 'jws_crit', unread);
head('crit that is empty', { crit: [] }, 'jws_crit', unread);
head('crit that is no list', { crit: 'exp' }, 'jws_crit', unread);
head('b64 = false in crit', { crit: ['b64'], b64: false }, 'jws_crit', unread);
head('b64 = false without crit', { b64: false }, 'jws_crit', unread);
for (const typ of ['logout+jwt', 'at+jwt', 'application/at+jwt', 'secevent+jwt', 'dpop+jwt', 'oauth-authz-req+jwt', 'JWE', 'JWT+'])
  head(`typ ${typ}`, { typ }, 'jws_typ', judged);
head('a typ that is a number', { typ: 1 }, 'jws_malformed', unread);

// ---- the claims

body('iss with a character more', ({ iss }) => ({ iss: `${iss}1` }), 'id_token_iss');
body('iss with a slash at its end', ({ iss }) => ({ iss: `${iss}/` }), 'id_token_iss');
body('iss in capitals', ({ iss }) => ({ iss: iss.toUpperCase() }), 'id_token_iss');
body('iss with another port', ({ iss }) => ({ iss: iss.replace(/\d$/, (digit) => (digit === '1' ? '2' : '1')) }), 'id_token_iss');
body('iss that is only the beginning', ({ iss }) => ({ iss: iss.slice(0, -1) }), 'id_token_iss');
body('iss that is a list', ({ iss }) => ({ iss: [iss] }), 'id_token_iss');
body('iss that is null', { iss: null }, 'id_token_iss');
body('iss that is empty', { iss: '' }, 'id_token_iss');
body('no iss', { iss: undefined }, 'id_token_iss');
body('another provider’s iss', { iss: 'https://accounts.google.com' }, 'id_token_iss');

body('aud of another client', ({ aud }) => ({ aud: `${aud}1` }), 'id_token_aud');
body('aud in capitals', ({ aud }) => ({ aud: aud.toUpperCase() }), 'id_token_aud');
body('aud of two words', ({ aud }) => ({ aud: `${aud} other` }), 'id_token_aud');
body('aud that is an empty list', { aud: [] }, 'id_token_aud');
body('aud that is a list of others', { aud: ['one', 'two'] }, 'id_token_aud');
body('aud with another, untrusted audience', ({ aud }) => ({ aud: [aud, 'https://other.example'], azp: aud }), 'id_token_aud');
body('aud with a number in its list', ({ aud }) => ({ aud: [aud, 5], azp: aud }), 'id_token_aud');
body('aud with a list in its list', ({ aud }) => ({ aud: [[aud]] }), 'id_token_aud');
body('aud that is an object', ({ aud }) => ({ aud: { [aud]: true } }), 'id_token_aud');
body('aud that is a number', { aud: 5 }, 'id_token_aud');
body('aud that is null', { aud: null }, 'id_token_aud');
body('aud that is empty', { aud: '' }, 'id_token_aud');
body('no aud', { aud: undefined }, 'id_token_aud');

body('azp of another client', { azp: 'other' }, 'id_token_azp');
body('azp that is empty', { azp: '' }, 'id_token_azp');
body('azp that is a list', ({ aud }) => ({ azp: [aud] }), 'id_token_azp');
body('azp of another, trusted audience', ({ aud }) => ({ aud: [aud, 'other'], azp: 'other' }), 'id_token_azp',
  { settings: { trusted_audiences: 'other' } });
body('two trusted audiences without azp', ({ aud }) => ({ aud: [aud, 'other'] }), 'id_token_azp',
  { settings: { trusted_audiences: 'other' } });

const noTimes = { 'a text': '2026-01-01T00:00:00Z', 'digits in a text': String(now() + 300), 'a list': [now() + 300],
  'an object': {}, true: true, null: null };
for (const [name, value] of Object.entries(noTimes)) {
  body(`exp that is ${name}`, { exp: value }, 'id_token_exp');
  body(`iat that is ${name}`, { iat: value }, 'id_token_iat');
  body(`nbf that is ${name}`, { nbf: value }, 'id_token_nbf');
  body(`auth_time that is ${name}`, { auth_time: value }, 'id_token_auth_time');
}
body('no exp', { exp: undefined }, 'id_token_exp');
body('exp a little more than the leeway ago', () => ({ exp: now() - 61 }), 'id_token_exp');
body('exp long ago', { exp: 1 }, 'id_token_exp');
body('exp of zero', { exp: 0 }, 'id_token_exp');
body('exp before 1970', { exp: -1e15 }, 'id_token_exp');
body('no iat', { iat: undefined }, 'id_token_iat');
body('iat a little more than the leeway ahead', () => ({ iat: now() + 70 }), 'id_token_iat');
body('iat in milliseconds', () => ({ iat: Date.now() }), 'id_token_iat');
body('iat of an age beyond all clocks', { iat: 1e15 }, 'id_token_iat');
body('nbf a little more than the leeway ahead', () => ({ nbf: now() + 70 }), 'id_token_nbf');

body('another nonce', ({ nonce }) => ({ nonce: `${nonce}1` }), 'id_token_nonce');
body('the beginning of the nonce', ({ nonce }) => ({ nonce: nonce.slice(0, -1) }), 'id_token_nonce');
body('the nonce in other case', ({ nonce }) => ({ nonce: nonce.toLowerCase() }), 'id_token_nonce');
body('the nonce’s hash', ({ nonce }) => ({ nonce: base64url(sha256(nonce)) }), 'id_token_nonce');
body('the nonce in a list', ({ nonce }) => ({ nonce: [nonce] }), 'id_token_nonce');
body('an empty nonce', { nonce: '' }, 'id_token_nonce');
body('a nonce that is null', { nonce: null }, 'id_token_nonce');
body('a nonce that is a number', { nonce: 1 }, 'id_token_nonce');
body('no nonce', { nonce: undefined }, 'id_token_nonce');
body('the state as nonce', (right, login) => ({ nonce: login.request.state }), 'id_token_nonce');

body('no sub', { sub: undefined }, 'id_token_sub');
body('a sub that is empty', { sub: '' }, 'id_token_sub');
body('a sub that is a number', { sub: 248289761001 }, 'id_token_sub');
body('a sub that is null', { sub: null }, 'id_token_sub');
body('a sub that is a list', { sub: ['248289761001'] }, 'id_token_sub');
body('a sub of 256 characters', { sub: 's'.repeat(256) }, 'id_token_sub');
body('a sub with a NUL in it', { sub: 'admin\u0000.evil' }, 'id_token_malformed');

body('another at_hash', ({ at_hash: hash }) => ({ at_hash: `${hash}1` }), 'id_token_at_hash');
body('the at_hash of another token', { at_hash: halfHash('RS256', 'another') }, 'id_token_at_hash');
body('an at_hash of another algorithm', (right, login) => ({ at_hash: halfHash('RS512', login.accessToken) }), 'id_token_at_hash');
body('an at_hash that is whole', (right, login) => ({ at_hash: base64url(sha256(login.accessToken)) }), 'id_token_at_hash');
body('an at_hash that is empty', { at_hash: '' }, 'id_token_at_hash');
body('an at_hash that is null', { at_hash: null }, 'id_token_at_hash');
body('an at_hash that is a number', { at_hash: 1 }, 'id_token_at_hash');
body('another c_hash', (right, login) => ({ c_hash: `${halfHash('RS256', login.code)}1` }), 'id_token_c_hash');
body('the c_hash of another code', { c_hash: halfHash('RS256', 'another') }, 'id_token_c_hash');
body('a c_hash that is null', { c_hash: null }, 'id_token_c_hash');

const maxAge = { settings: { max_age: 300 } };
body('no auth_time, though max_age was sent', { auth_time: undefined }, 'id_token_auth_time', maxAge);
body('an auth_time too long ago for max_age', () => ({ auth_time: now() - 362 }), 'id_token_auth_time', maxAge);
body('an auth_time of zero, though max_age was sent', { auth_time: 0 }, 'id_token_auth_time', maxAge);
body('an auth_time in the future', () => ({ auth_time: now() + 70 }), 'id_token_auth_time', maxAge);

const levels = { settings: { acr_values: 'gold silver' } };
body('no acr, though acr_values was sent', {}, 'id_token_acr', levels);
body('an acr that was not asked for', { acr: 'bronze' }, 'id_token_acr', levels);
body('an acr of two words', { acr: 'gold silver' }, 'id_token_acr', levels);
body('an acr that is a list', { acr: ['gold'] }, 'id_token_acr', levels);

// ---- the payload

payload('claims that are a list', (right) => [right]);
payload('claims that are a text', () => '"claims"');
payload('claims that are null', () => 'null');
payload('claims that are nothing', () => '');
payload('claims cut off', (right) => JSON.stringify(right).slice(0, -1));
payload('claims with text behind them', (right) => `${JSON.stringify(right)}x`);
payload('claims twice', (right) => JSON.stringify(right) + JSON.stringify(right));
payload('claims behind a byte order mark', (right) => `\ufeff${JSON.stringify(right)}`);
payload('claims with iss twice', (right) => JSON.stringify(right).replace('{', '{"iss":"https://evil.example",'));
payload('claims with sub twice, the wrong one last', (right) => JSON.stringify(right).replace(/}$/, ',"sub":"admin"}'));
payload('claims with sub twice, once in other notation', (right) => JSON.stringify(right).replace(/}$/, ',"\\u0073ub":"admin"}'));
payload('claims that are not UTF-8', (right) => Buffer.from(JSON.stringify({ ...right, name: 'caf\u00e9' }), 'latin1'));
payload('claims with half a character', (right) => JSON.stringify({ ...right, x: 'X' }).replace('"X"', '"\\ud800"'));
payload('claims with a number that is none', (right) => JSON.stringify({ ...right, x: 7 }).replace(':7', ':NaN'));
payload('claims with a comment', (right) => JSON.stringify(right).replace('{', '{/* */'));
payload('claims in single quotes', (right) => JSON.stringify(right).replaceAll('"', '\''));
payload('claims of 40 levels', (right) => JSON.stringify({ ...right, x: 7 }).replace(':7', `:${'['.repeat(40)}${']'.repeat(40)}`));
payload('claims that are another JWT', (right) => jws({ alg: 'RS256' }, right, key('RSA')));
