"""Authlib's part of tokens.test.mjs: verifies tokens by a JWK Set or a secret, and makes some.

    verify.py check ALGORITHM KEYS ISSUER AUDIENCE TOKEN    prints the claims; KEYS: a JWK Set or {"kty":"oct",...}
    verify.py make LIST KEY                                  prints tokens; LIST: [[header, claims], ...]; KEY: PEM, or text for HS256
"""
import json
import sys

from authlib.jose import JsonWebKey, JsonWebSignature, JsonWebToken


def check(algorithm, keys, issuer, audience, token):
    keys = json.loads(keys)
    key = JsonWebKey.import_key_set(keys) if 'keys' in keys else JsonWebKey.import_key(keys)
    claims = JsonWebToken([algorithm]).decode(token, key, claims_options={
        'iss': {'essential': True, 'value': issuer},
        'aud': {'essential': True, 'value': audience},
        **{name: {'essential': True} for name in ('sub', 'exp', 'iat', 'jti', 'client_id', 'sid')},
    })
    claims.validate()
    if claims.header.get('typ') != 'at+jwt':
        raise ValueError('typ')
    return json.dumps(claims)


def make(parts, key):
    # JsonWebToken.encode() would write typ: JWT.
    sign = JsonWebSignature().serialize_compact
    return json.dumps([sign(header, json.dumps(claims).encode(), key).decode() for header, claims in json.loads(parts)])


print({'check': check, 'make': make}[sys.argv[1]](*sys.argv[2:]))
