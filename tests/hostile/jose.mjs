// Keys, and JSON Web Signatures as a provider makes them (RFC 7515, 7517, 7518): whatever it is asked for, right or wrong.
import crypto from 'node:crypto';

export const base64url = (data) => Buffer.from(data).toString('base64url');
export const sha256 = (data) => crypto.createHash('sha256').update(data).digest();

const makers = {
  RSA: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA-1024': () => crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'P-256': () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  secp256k1: () => crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  Ed25519: () => crypto.generateKeyPairSync('ed25519'),
  Ed448: () => crypto.generateKeyPairSync('ed448'),
  X25519: () => crypto.generateKeyPairSync('x25519'),
};
const made = new Map();

/** A key of that kind, made once for each name: { kid, privateKey, publicKey, jwk }. */
export function key(kind, name = kind) {
  if (!made.has(name)) {
    const pair = makers[kind]();
    made.set(name, { ...pair, kid: name, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid: name } });
  }
  return made.get(name);
}

const pss = (digest, bytes) => (data, { privateKey }) => crypto.sign(digest, data,
  { key: privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: bytes });
const pkcs1 = (digest) => (data, { privateKey }) => crypto.sign(digest, data, privateKey);
const ecdsa = (digest) => (data, { privateKey }) => crypto.sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
const hmac = (digest) => (data, { secret }) => crypto.createHmac(digest, secret).update(data).digest();
const signers = {
  RS256: pkcs1('sha256'), RS384: pkcs1('sha384'), RS512: pkcs1('sha512'),
  PS256: pss('sha256', 32), PS384: pss('sha384', 48), PS512: pss('sha512', 64),
  ES256: ecdsa('sha256'), ES384: ecdsa('sha384'),
  EdDSA: (data, { privateKey }) => crypto.sign(null, data, privateKey),
  HS256: hmac('sha256'), HS384: hmac('sha384'), HS512: hmac('sha512'),
};

/** The signature's bytes over an input, by an algorithm and a key ({ privateKey } or { secret }). */
export const signature = (alg, input, signer) => signers[alg](Buffer.from(input), signer);

/** The kind of key that an algorithm takes. */
export const kindOf = (alg) => ({ RS: 'RSA', PS: 'RSA', Ed: 'Ed25519' })[alg.slice(0, 2)] ?? { ES256: 'P-256', ES384: 'P-384' }[alg];

/** Header and payload, each an object, or a text or bytes to be taken as they are. */
export function signingInput(header, payload) {
  const part = (value) => base64url(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value));
  return `${part(header)}.${part(payload)}`;
}

/** A compact JWS. `alg` is the one really used, which the header need not admit. */
export function jws(header, payload, signer, alg = header.alg) {
  const input = signingInput(header, payload);
  return `${input}.${base64url(signature(alg, input, signer))}`;
}

export const parts = (compact) => compact.split('.');
export const header = (compact) => JSON.parse(Buffer.from(parts(compact)[0], 'base64url'));
export const claims = (compact) => JSON.parse(Buffer.from(parts(compact)[1], 'base64url'));

/** The same token with other bytes as its signature. */
export function withSignature(compact, change) {
  const [head, payload, sign] = parts(compact);
  return `${head}.${payload}.${base64url(change(Buffer.from(sign, 'base64url')))}`;
}

/** at_hash and c_hash (OpenID Connect Core 3.1.3.6): the left half of the hash that goes with the algorithm. */
export function halfHash(alg, text) {
  const name = alg === 'EdDSA' ? 'sha512' : `sha${alg.slice(2)}`;
  const digest = crypto.createHash(name).update(text).digest();
  return base64url(digest.subarray(0, digest.length / 2));
}

/** Whether a client's assertion (RFC 7523) is signed by that key or secret. */
export function verifies(compact, { publicKey, secret }) {
  const [head, payload, sign] = parts(compact);
  const bytes = Buffer.from(sign, 'base64url');
  if (secret) return signature('HS256', `${head}.${payload}`, { secret }).equals(bytes);
  const { alg } = header(compact);
  const how = alg === 'ES256' ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey;
  return crypto.verify('sha256', Buffer.from(`${head}.${payload}`), how, bytes);
}
