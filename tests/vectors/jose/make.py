#!/usr/bin/env python3
"""Makes jws.json: tokens with the keys to verify them and the rule that each must break, if any.

Run by hand, not by the tests: it needs the "cryptography" package, whose signatures these are. The
cases named "RFC ..." are published ones, copied from there.
A case: name, token, algs and keys (a JWK Set) or secret (base64url), and rule (absent: it verifies).
"""
import base64, hashlib, hmac, json, secrets
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

CASES = []
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {"ES256": (ec.SECP256R1, "P-256", 32), "ES384": (ec.SECP384R1, "P-384", 48),
          "ES512": (ec.SECP521R1, "P-521", 66)}
ORDERS = {
    "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ES512": int("01FF" + 15 * "FFFF" + "FFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
}
P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ED_L = 2**252 + 27742317777372353535851937790883648493
CLAIMS = b'{"sub":"ada"}'


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def octets(number, size=None):
    return number.to_bytes(size or max(1, (number.bit_length() + 7) // 8), "big")


def signing_input(header, payload=CLAIMS):
    if not isinstance(header, (str, bytes)):
        header = json.dumps(header, separators=(",", ":"))
    return b64(header.encode() if isinstance(header, str) else header) + "." + b64(payload)


def signature(key, alg, data, salt=None, mgf_hash=None):
    if alg == "EdDSA":
        return key.sign(data)
    hash_ = HASHES[alg[2:]]()
    if alg.startswith("RS"):
        return key.sign(data, padding.PKCS1v15(), hash_)
    if alg.startswith("PS"):
        mgf = padding.MGF1(mgf_hash or hash_)
        return key.sign(data, padding.PSS(mgf, hash_.digest_size if salt is None else salt), hash_)
    size = CURVES[alg][2]
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hash_)))
    return octets(r, size) + octets(s, size)


def token(key, alg, header=None, payload=CLAIMS, **options):
    data = signing_input(header if header is not None else {"alg": alg}, payload)
    return data + "." + b64(signature(key, alg, data.encode(), **options))


def public(key, **members):
    numbers = None if isinstance(key, ed25519.Ed25519PrivateKey) else key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        jwk = {"kty": "RSA", "n": b64(octets(numbers.n)), "e": b64(octets(numbers.e))}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        crv, size = next((c[1], c[2]) for c in CURVES.values() if isinstance(key.curve, c[0]))
        jwk = {"kty": "EC", "crv": crv, "x": b64(octets(numbers.x, size)), "y": b64(octets(numbers.y, size))}
    else:
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    jwk.update(members)
    return {k: v for k, v in jwk.items() if v is not None}


def case(name, token_, algs, keys, rule=None):
    entry = {"name": name, "token": token_, "algs": algs,
             "keys": {"keys": keys if isinstance(keys, list) else [keys]}}
    if rule:
        entry["rule"] = rule
    CASES.append(entry)


def secret_case(name, token_, secret, rule=None):
    CASES.append({"name": name, "token": token_, "secret": b64(secret), **({"rule": rule} if rule else {})})


# ---- the keys -------------------------------------------------------------------------------------

# RFC 7515 A.2.1 and A.3.1: private keys that everybody knows.
RSA_N = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
EC_D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
ED_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"

RSA = rsa.generate_private_key(65537, 2048)
RSA_OTHER = rsa.generate_private_key(65537, 2048)
EC = ec.derive_private_key(int.from_bytes(unb64(EC_D), "big"), ec.SECP256R1())
EC_OTHER = ec.generate_private_key(ec.SECP256R1())
EC384 = ec.generate_private_key(ec.SECP384R1())
EC521 = ec.generate_private_key(ec.SECP521R1())
ED = ed25519.Ed25519PrivateKey.from_private_bytes(unb64(ED_D))
BY_ALG = {**{a + h: RSA for a in ("RS", "PS") for h in HASHES}, "ES256": EC, "ES384": EC384,
          "ES512": EC521, "EdDSA": ED}

# ---- published ------------------------------------------------------------------------------------

JOE = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
FRODO = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
BILBO = {"kty": "RSA", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "n": "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw", "e": "AQAB"}
secret_case("RFC 7515 A.1", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + JOE + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            unb64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
case("RFC 7515 A.2", "eyJhbGciOiJSUzI1NiJ9." + JOE + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
     "RS256", {"kty": "RSA", "n": RSA_N, "e": "AQAB"})
case("RFC 7515 A.3", "eyJhbGciOiJFUzI1NiJ9." + JOE + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
     "ES256", {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
case("RFC 7515 A.4", "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
     "ES512", {"kty": "EC", "crv": "P-521", "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk", "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"})
case("RFC 7515 A.5: unsecured", "eyJhbGciOiJub25lIn0." + JOE + ".", "RS256 none", BILBO, "jws_alg")
case("RFC 7520 4.1", "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + FRODO + ".MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg", "RS256", BILBO)
case("RFC 7520 4.2", "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + FRODO + ".cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw", "PS384", BILBO)
case("RFC 7520 4.3", "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + FRODO + ".AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
     "ES512", {"kty": "EC", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "crv": "P-521", "x": "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt", "y": "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"})
secret_case("RFC 7520 4.4", "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9." + FRODO + ".s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
            unb64("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"))
case("RFC 8037 A.4", "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", "EdDSA", public(ED))

# ---- legal, made by another implementation --------------------------------------------------------

ALL = " ".join(BY_ALG)
for alg, key in BY_ALG.items():
    case(alg, token(key, alg), alg, public(key))
    case(alg + " among all", token(key, alg, {"alg": alg, "kid": "1", "typ": "JWT"}), ALL,
         [public(k, kid="1") for k in (EC384, EC521, RSA_OTHER, EC_OTHER, ED, EC, RSA)])
RS = token(RSA, "RS256")
ES = token(EC, "ES256")
KID = token(EC, "ES256", {"alg": "ES256", "kid": "a"})
RSA_PUB = public(RSA)
EC_PUB = public(EC)
for bits in (3072, 4096, 8192):
    big = rsa.generate_private_key(65537, bits)
    case("RSA of %d bits" % bits, token(big, "RS256"), "RS256", public(big))
three = rsa.generate_private_key(3, 2048)
case("RSA with e = 3", token(three, "RS256"), "RS256", public(three))
case("key with use, alg and key_ops", ES, "ES256", public(EC, use="sig", alg="ES256", key_ops=["verify"]))
case("key with unknown members", ES, "ES256", public(EC, x5c=["MIIB"], x5t="abc", iat=1, extra={"a": [None]}))
case("key with its private half", ES, "ES256", public(EC, d=EC_D))
case("key with a kid, token without", ES, "ES256", public(EC, kid="a"))
case("several keys, token without kid", ES, "ES256", [public(RSA), public(EC_OTHER), public(ED), EC_PUB])
case("several keys with one kid", KID, "ES256", [public(EC_OTHER, kid="a"), public(EC384, kid="a"), public(EC, kid="a")])
case("odd elements among the keys", ES, "ES256", [None, [], "key", 1, {}, {"kty": 1}, {"kty": "AKP"}, {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, EC_PUB])
case("malformed keys stepped over", KID, "ES256", [
    {"kty": "EC", "crv": "P-256", "kid": "a"}, {"kty": "EC", "crv": "P-256", "kid": "a", "x": "!", "y": "!"},
    public(EC, kid="a", y=b64(bytes(32))), public(EC, kid="a")])
case("eight keys to try", ES, "ES256", [public(EC_OTHER)] * 7 + [EC_PUB])
case("twenty unusable keys before the right one", ES, "ES256", [{"kty": "EC", "crv": "P-256"}] * 20 + [EC_PUB])
case("empty payload", token(EC, "ES256", payload=b""), "ES256", EC_PUB)
case("payload of any octets", token(EC, "ES256", payload=bytes(range(256))), "ES256", EC_PUB)
case("header with white space and unknown members",
     token(EC, "ES256", '\r\n{ "alg" : "ES256",\t"zip":"DEF","x":{"alg":"none"}, "cty":"JWT" } '), "ES256", EC_PUB)
case("header with b64 true", token(EC, "ES256", {"alg": "ES256", "b64": True}), "ES256", EC_PUB)
case("header with escapes", token(EC, "ES256", '{"\\u0061lg":"\\u0045S256","kid":"\\u0061"}'), "ES256", public(EC, kid="a"))
case("header with another's key, signed by the right one",
     token(EC, "ES256", {"alg": "ES256", "jwk": public(EC_OTHER), "jku": "https://evil.example/keys", "x5u": "https://evil.example/x", "x5c": ["AA"], "x5t": "AA"}), "ES256", EC_PUB)
case("kid that looks like a path", token(EC, "ES256", {"alg": "ES256", "kid": "../../dev/null' OR 1=1"}), "ES256", public(EC, kid="../../dev/null' OR 1=1"))
case("empty kid on both sides", token(EC, "ES256", {"alg": "ES256", "kid": ""}), "ES256", public(EC, kid=""))

# ---- the algorithm --------------------------------------------------------------------------------

for spelling in ("none", "None", "NONE", "nOnE", "", "none ", "rs256", "RS256 ", "HS384", "HS512", "RS1", "ES256K", "Ed25519", "Ed448", "RSA1_5", "dir", "RS256\\u0000", "ES521"):
    case("alg %r" % spelling, signing_input('{"alg":"%s"}' % spelling) + ".", ALL + " none " + spelling.replace("\\u0000", ""), [RSA_PUB],
         "jws_malformed" if "\\u0000" in spelling else "jws_alg")
    if spelling and "\\" not in spelling:
        case("alg %r, signed" % spelling, signing_input('{"alg":"%s"}' % spelling) + "." + b64(signature(RSA, "RS256", signing_input('{"alg":"%s"}' % spelling).encode())), ALL + " " + spelling, [RSA_PUB], "jws_alg")
for value in ("null", "1", "true", '["RS256"]', '{"RS256":1}'):
    case("alg that is " + value, token(RSA, "RS256", '{"alg":%s}' % value), ALL, RSA_PUB, "jws_alg")
case("no alg", token(RSA, "RS256", '{"typ":"JWT"}'), ALL, RSA_PUB, "jws_alg")
case("alg not in the list", RS, "ES256 PS256", RSA_PUB, "jws_alg")
case("alg in the list as part of a word", RS, "RS2567 XRS256", RSA_PUB, "jws_alg")
case("empty list", RS, "", RSA_PUB, "jws_alg")
for said, used in (("RS256", "RS384"), ("RS256", "RS512"), ("RS512", "RS256"), ("RS256", "PS256"), ("PS256", "RS256"), ("PS256", "PS384"), ("PS384", "PS256"), ("PS512", "PS256")):
    case("said %s, signed by %s" % (said, used), token(RSA, used, {"alg": said}), ALL, RSA_PUB, "jws_signature")
case("said ES256, signed by RS256", token(RSA, "RS256", {"alg": "ES256"}), ALL, [RSA_PUB, EC_PUB], "jws_signature")
case("said EdDSA, signed by ES256 (equally long)", token(EC, "ES256", {"alg": "EdDSA"}), ALL, [EC_PUB, public(ED)], "jws_signature")
data = signing_input({"alg": "ES256"})
r, s = utils.decode_dss_signature(EC.sign(data.encode(), ec.ECDSA(hashes.SHA512())))
case("ES256 with SHA-512", data + "." + b64(octets(r, 32) + octets(s, 32)), "ES256", EC_PUB, "jws_signature")


def mac(secret, header=None):
    data = signing_input(header or {"alg": "HS256"})
    return data + "." + b64(hmac.new(secret, data.encode(), hashlib.sha256).digest())


PUBLIC_FORMS = {"PEM": RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
                "DER": RSA.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
                "PKCS #1": RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
                "JWK": json.dumps(RSA_PUB).encode(), "n": unb64(RSA_PUB["n"])}
for form, text in PUBLIC_FORMS.items():
    case("HS256 with the public key as secret (%s)" % form, mac(text), "RS256", RSA_PUB, "jws_alg")
    case("HS256 with the public key as secret (%s), HS256 listed" % form, mac(text), "RS256 HS256", RSA_PUB, "jws_alg")
case("HS256 with a secret in the set", mac(b"s" * 32, {"alg": "HS256", "kid": "a"}), "HS256",
     {"kty": "oct", "kid": "a", "alg": "HS256", "k": b64(b"s" * 32)}, "jws_alg")
case("secret key for an RS256 token", token(RSA, "RS256", {"alg": "RS256", "kid": "a"}), "RS256", {"kty": "oct", "kid": "a", "k": b64(b"s" * 32)}, "jws_key_unknown")

SECRET = secrets.token_bytes(32)
secret_case("HS256", mac(SECRET), SECRET)
secret_case("HS256 with another secret", mac(SECRET), secrets.token_bytes(32), "jws_signature")
secret_case("HS256 with a secret of 31 bytes", mac(SECRET[:31]), SECRET[:31], "jwk_weak")
secret_case("HS256 with an empty secret", mac(b""), b"", "jwk_weak")
secret_case("HS256, signature cut", signing_input({"alg": "HS256"}) + "." + b64(unb64(mac(SECRET).rpartition(".")[2])[:-1]), SECRET, "jws_signature")
secret_case("HS256, signature with an octet more", signing_input({"alg": "HS256"}) + "." + b64(unb64(mac(SECRET).rpartition(".")[2]) + b"\0"), SECRET, "jws_signature")
secret_case("HS256, signature empty", signing_input({"alg": "HS256"}) + ".", SECRET, "jws_signature")
secret_case("HS256 expected, RS256 sent", RS, SECRET, "jws_alg")
secret_case("HS256 expected, none sent", signing_input({"alg": "none"}) + ".", SECRET, "jws_alg")

# ---- which key ------------------------------------------------------------------------------------

case("empty set", ES, "ES256", [], "jws_key_unknown")
case("kid in the token, keys without", KID, "ES256", EC_PUB, "jws_key_unknown")
case("another kid", KID, "ES256", public(EC, kid="b"), "jws_key_unknown")
case("kid in other case", KID, "ES256", public(EC, kid="A"), "jws_key_unknown")
case("kid of a key of another type", KID, "ES256", [public(RSA, kid="a"), public(EC, kid="b")], "jws_key_unknown")
case("EC key for RS256", RS, ALL, EC_PUB, "jws_key_unknown")
case("RSA key for ES256", ES, ALL, RSA_PUB, "jws_key_unknown")
case("P-384 key for ES256", ES, ALL, public(EC384), "jws_key_unknown")
case("curve named P-384, point of P-256", ES, ALL, public(EC, crv="P-384"), "jws_key_unknown")
case("curve absent", ES, ALL, public(EC, crv=None), "jws_key_unknown")
case("kty OKP with P-256", ES, ALL, public(EC, kty="OKP"), "jws_key_unknown")
case("kty in lower case", ES, ALL, public(EC, kty="ec"), "jws_key_unknown")
case("use enc", ES, ALL, public(EC, use="enc"), "jws_key_unknown")
case("use empty", ES, ALL, public(EC, use=""), "jws_key_unknown")
case("use not a string", ES, ALL, public(EC, use=["sig"]), "jws_key_unknown")
case("key_ops without verify", ES, ALL, public(EC, key_ops=["sign", "encrypt"]), "jws_key_unknown")
case("key_ops empty", ES, ALL, public(EC, key_ops=[]), "jws_key_unknown")
case("key_ops a string", ES, ALL, public(EC, key_ops="verify"), "jws_key_unknown")
case("key for another alg", RS, ALL, public(RSA, alg="PS256"), "jws_key_unknown")
case("key for alg none", RS, ALL, public(RSA, alg="none"), "jws_key_unknown")
case("key for alg RSA-OAEP", RS, ALL, public(RSA, alg="RSA-OAEP"), "jws_key_unknown")
case("alg of the key not a string", RS, ALL, public(RSA, alg=256), "jws_key_unknown")
case("kid of the key not a string", ES, ALL, public(EC, kid=1), "jws_key_unknown")
case("X25519 key for EdDSA", token(ED, "EdDSA"), ALL, {**public(ED), "crv": "X25519"}, "jws_key_unknown")
case("Ed448 key for EdDSA", token(ED, "EdDSA"), ALL, {"kty": "OKP", "crv": "Ed448", "x": b64(bytes(57))}, "jws_key_unknown")
case("another key", ES, "ES256", public(EC_OTHER), "jws_signature")
BROKEN = public(EC, kid="a", y="AA")
case("another key, then a malformed one", KID, "ES256", [public(EC_OTHER, kid="a"), BROKEN], "jws_signature")
case("a malformed key, then another one", KID, "ES256", [BROKEN, public(EC_OTHER, kid="a")], "jws_signature")
case("nine keys to try, the last one right", ES, "ES256", [public(EC_OTHER)] * 8 + [EC_PUB], "jws_signature")
case("ten keys of one kid, the last one right", KID, "ES256", [public(EC_OTHER, kid="a")] * 9 + [public(EC, kid="a")], "jws_signature")
for name, header in (("jwk", {"jwk": public(EC_OTHER)}), ("jwk and kid", {"jwk": public(EC_OTHER, kid="a"), "kid": "a"}),
                     ("jku", {"jku": "https://evil.example/keys"}), ("x5c", {"x5c": ["MIIB"]}), ("x5u", {"x5u": "https://evil.example/c"})):
    case("the sender's own key in " + name, token(EC_OTHER, "ES256", {"alg": "ES256", **header}), "ES256", [public(EC, kid="a")], "jws_signature")

# ---- keys that must not be used -------------------------------------------------------------------

small = rsa.generate_private_key(65537, 1024)
case("RSA of 1024 bits", token(small, "RS256"), "RS256", public(small), "jwk_weak")
almost = rsa.generate_private_key(65537, 2047)
case("RSA of 2047 bits", token(almost, "RS256"), "RS256", public(almost), "jwk_weak")
case("RSA of 1024 bits, written as 256 octets", token(small, "RS256"), "RS256", public(small, n=b64(octets(small.public_key().public_numbers().n, 256))), "jwk_malformed")
for bits in (8193, 16384, 100000):
    case("RSA of %d bits" % bits, RS, "RS256", public(RSA, n=b64(octets(secrets.randbits(bits) | 1 << (bits - 1) | 1))), "jwk_weak")
case("RSA with an even modulus", RS, "RS256", public(RSA, n=b64(octets(RSA.public_key().public_numbers().n ^ 1))), "jwk_weak")


def pkcs1(data, size, prefix=bytes.fromhex("3031300d060960864801650304020105000420"), hash_=hashlib.sha256):
    digest_info = prefix + hash_(data).digest()
    return b"\0\1" + b"\xff" * (size - 3 - len(digest_info)) + b"\0" + digest_info


RS_INPUT = signing_input({"alg": "RS256"})
case("RSA with e = 1, message as its own signature", RS_INPUT + "." + b64(pkcs1(RS_INPUT.encode(), 256)), "RS256", public(RSA, e="AQ"), "jwk_weak")
for name, e in (("0", 0), ("2", 2), ("65536", 65536), ("2^64 + 1", 2**64 + 1), ("of 2048 bits", secrets.randbits(2048) | 1 << 2047 | 1)):
    case("RSA with e = " + name, RS, "RS256", public(RSA, e=b64(octets(e))), "jwk_malformed" if e == 0 else "jwk_weak")
for name, members in (("n with a leading zero", {"n": b64(b"\0" + unb64(RSA_PUB["n"]))}), ("e with a leading zero", {"e": "AAEAAQ"}),
                      ("n empty", {"n": ""}), ("n absent", {"n": None}), ("e absent", {"e": None}), ("n a number", {"n": 5}),
                      ("n padded", {"n": RSA_PUB["n"] + "=="}), ("n with a line break", {"n": RSA_PUB["n"][:64] + "\n" + RSA_PUB["n"][64:]}),
                      ("n in the standard alphabet", {"n": base64.b64encode(unb64(RSA_PUB["n"])).decode().rstrip("=") + "+/"[0:0] or "+"})):
    case("RSA, " + name, RS, "RS256", public(RSA, **members), "jwk_malformed")
x, y = unb64(EC_PUB["x"]), unb64(EC_PUB["y"])
while True:
    short = ec.generate_private_key(ec.SECP256R1())
    if short.public_key().public_numbers().x >> 248 == 0:
        break
case("EC, x with a leading zero in full length", token(short, "ES256"), "ES256", public(short))
case("EC, x without its leading zero", token(short, "ES256"), "ES256", public(short, x=b64(unb64(public(short)["x"])[1:])), "jwk_malformed")
small_x = next(v for v in range(5, 100) if pow(v**3 - 3 * v + P256_B, (P256_P - 1) // 2, P256_P) == 1)
small_y = pow(small_x**3 - 3 * small_x + P256_B, (P256_P + 1) // 4, P256_P)
for name, members in (("not on the curve", {"y": b64(y[:-1] + bytes([y[-1] ^ 1]))}), ("x and y exchanged", {"x": EC_PUB["y"], "y": EC_PUB["x"]}),
                      ("all zero", {"x": b64(bytes(32)), "y": b64(bytes(32))}), ("all ones", {"x": b64(b"\xff" * 32), "y": b64(b"\xff" * 32)}),
                      ("a coordinate of a prime more", {"x": b64(octets(small_x + P256_P, 32)), "y": b64(octets(small_y, 32))}),
                      ("33 octets", {"x": b64(b"\0" + x), "y": b64(b"\0" + y)}), ("x of 33 octets", {"x": b64(x + b"\0")}),
                      ("y of 33 octets", {"y": b64(y + b"\0")}), ("y of 31 octets", {"y": b64(y[:-1])}), ("y absent", {"y": None}), ("y empty", {"y": ""}), ("x a number", {"x": 1}),
                      ("x uncompressed, y empty", {"x": b64(b"\4" + x + y), "y": ""}), ("x padded", {"x": EC_PUB["x"] + "="}),
                      ("infinity", {"x": "AA", "y": "AA"}), ("trailing bits", {"x": EC_PUB["x"][:-1] + "V"})):
    case("EC, " + name, ES, "ES256", public(EC, **members), "jwk_malformed")
case("P-256 point in a key for ES384", token(EC384, "ES384"), "ES384", public(EC, crv="P-384"), "jwk_malformed")
EDT = token(ED, "EdDSA")
for name, x_ in (("31 octets", bytes(31)), ("33 octets", unb64(public(ED)["x"]) + b"\0"), ("empty", b"")):
    case("Ed25519, x of " + name, EDT, "EdDSA", public(ED, x=b64(x_)), "jwk_malformed")
ED_INPUT = signing_input({"alg": "EdDSA"})
ED_P = 2**255 - 19
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
for name, point in (("the neutral point", octets(1, 32)[::-1]), ("order 2", (ED_P - 1).to_bytes(32, "little")), ("order 4", bytes(32)),
                    ("order 4, sign set", bytes(31) + b"\x80"), ("order 8", ORDER_8), ("order 8, negative", ORDER_8[:31] + bytes([ORDER_8[31] | 128])),
                    ("order 8, other", (ED_P - int.from_bytes(ORDER_8, "little")).to_bytes(32, "little")),
                    ("p", ED_P.to_bytes(32, "little")), ("p + 1", (ED_P + 1).to_bytes(32, "little"))):
    case("Ed25519, key that signs for anyone: " + name, ED_INPUT + "." + b64(octets(1, 32)[::-1] + bytes(32)), "EdDSA", public(ED, x=b64(point)), "jwk_weak")

# ---- signatures -----------------------------------------------------------------------------------


def resigned(token_, change):
    head, _, tail = token_.rpartition(".")
    return head + "." + b64(change(unb64(tail)))


SIGNED = {"RS256": (RS, RSA_PUB), "PS256": (token(RSA, "PS256"), RSA_PUB), "ES256": (ES, EC_PUB),
          "ES384": (token(EC384, "ES384"), public(EC384)), "ES512": (token(EC521, "ES512"), public(EC521)), "EdDSA": (EDT, public(ED))}
for alg, (good, key) in SIGNED.items():
    for name, change in (("empty", lambda v: b""), ("cut by an octet", lambda v: v[:-1]), ("without its first octet", lambda v: v[1:]),
                         ("with an octet more", lambda v: v + b"\0"), ("with a zero before it", lambda v: b"\0" + v), ("all zero", lambda v: bytes(len(v))),
                         ("all ones", lambda v: b"\xff" * len(v)), ("number one", lambda v: octets(1, len(v))), ("halved", lambda v: v[: len(v) // 2]),
                         ("twice", lambda v: v + v), ("reversed", lambda v: v[::-1]), ("of one octet", lambda v: v[:1])):
        case("%s signature %s" % (alg, name), resigned(good, change), alg, key, "jws_signature")
    case("%s, payload of another" % alg, signing_input({"alg": alg}, b'{"sub":"eve"}') + "." + good.rpartition(".")[2], alg, key, "jws_signature")
    head, payload, tail = good.split(".")
    case("%s, header of another" % alg, signing_input({"alg": alg, "typ": "x"}).split(".")[0] + "." + payload + "." + tail, alg, key, "jws_signature")

for alg, key in (("ES256", EC), ("ES512", EC521)):
    good, pub = SIGNED[alg]
    size, n = CURVES[alg][2], ORDERS[alg]
    raw = unb64(good.rpartition(".")[2])
    r, s = int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")
    edges = {"r = 0": (0, s), "s = 0": (r, 0), "r = s = 0": (0, 0), "r = n": (n, s), "s = n": (r, n), "r = s = n": (n, n), "r = 1, s = 1": (1, 1),
             "r = n, s = 0": (n, 0), "r = 0, s = n": (0, n), "r and s exchanged": (s, r), "n - r": (n - r, s), "s + 1": (r, s + 1)}
    if alg == "ES512":
        edges.update({"r + n": (r + n, s), "s + n": (r, s + n)})
    for name, (r_, s_) in edges.items():
        case("%s with %s" % (alg, name), resigned(good, lambda v: octets(r_, size) + octets(s_, size)), alg, pub, "jws_signature")
    case("%s in DER" % alg, resigned(good, lambda v: utils.encode_dss_signature(r, s)), alg, pub, "jws_signature")
    while True:
        data = signing_input({"alg": alg}, secrets.token_hex(4).encode())
        raw = signature(key, alg, data.encode())
        if raw[0] == 0 and (size == 32 or raw[1] == 0):
            break
    case("%s with r that begins with zero" % alg, data + "." + b64(raw), alg, pub)
    case("%s with r, its leading zero stripped" % alg, data + "." + b64(raw[1:]), alg, pub, "jws_signature")
while True:  # a DER form of exactly 64 octets, as long as r and s side by side
    d64 = ec.generate_private_key(ec.SECP256R1())
    der = utils.encode_dss_signature(secrets.randbits(224), secrets.randbits(224))
    if len(der) == 64:
        break
case("ES256 with DER of 64 octets", ES.rpartition(".")[0] + "." + b64(der), "ES256", EC_PUB, "jws_signature")

numbers = RSA.private_numbers()
n, d = numbers.public_numbers.n, numbers.d


def rsa_raw(block):
    return octets(pow(int.from_bytes(block, "big"), d, n), 256)


RS_BYTES = RS_INPUT.encode()
BLOCK = pkcs1(RS_BYTES, 256)
INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(RS_BYTES).digest()
for name, block in (("without NULL in DigestInfo", pkcs1(RS_BYTES, 256, bytes.fromhex("302f300b0609608648016503040201") + bytes.fromhex("0420"))),
                    ("with SHA-1 inside", pkcs1(RS_BYTES, 256, bytes.fromhex("3021300906052b0e03021a05000414"), hashlib.sha1)),
                    ("with SHA-512 inside", pkcs1(RS_BYTES, 256, bytes.fromhex("3051300d060960864801650304020305000440"), hashlib.sha512)),
                    ("without DigestInfo", b"\0\1" + b"\xff" * 221 + b"\0" + hashlib.sha256(RS_BYTES).digest()),
                    ("with text behind the hash", b"\0\1" + b"\xff" * 8 + b"\0" + INFO + bytes(256 - 11 - len(INFO))),
                    ("with block type 2", b"\0\2" + BLOCK[2:]), ("with block type 0", b"\0\0" + b"\0" * 202 + b"\0" + INFO),
                    ("with a hole in the padding", BLOCK[:20] + b"\0" + BLOCK[21:]), ("with BER length", b"\0\1" + b"\xff" * 201 + b"\0" + b"\x30\x81" + INFO[1:])):
    assert len(block) == 256, (name, len(block))
    case("RS256 " + name, RS_INPUT + "." + b64(rsa_raw(block)), "RS256", RSA_PUB, "jws_signature")
case("RS256 made by hand", RS_INPUT + "." + b64(rsa_raw(BLOCK)), "RS256", RSA_PUB)
while True:
    data = signing_input({"alg": "RS256"}, secrets.token_hex(4).encode())
    value = int.from_bytes(signature(RSA, "RS256", data.encode()), "big")
    if value + n < 2**2048:
        break
case("RS256, signature plus modulus", data + "." + b64(octets(value + n, 256)), "RS256", RSA_PUB, "jws_signature")
while True:
    data = signing_input({"alg": "RS256"}, secrets.token_hex(4).encode())
    raw = signature(RSA, "RS256", data.encode())
    if raw[0] == 0:
        break
case("RS256, signature that begins with zero", data + "." + b64(raw), "RS256", RSA_PUB)
case("RS256, signature without its leading zero", data + "." + b64(raw[1:]), "RS256", RSA_PUB, "jws_signature")


def cube_root(value):
    low, high = 0, 1 << (value.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < value else (low, middle)
    return low


forged = b"\0\1" + b"\xff" * 8 + b"\0" + INFO
case("RS256, cube root of a block with text behind the hash (e = 3)",
     RS_INPUT + "." + b64(octets(cube_root(int.from_bytes(forged + bytes(256 - len(forged)), "big")), 256)), "RS256", public(three), "jws_signature")
for salt in (0, 20, 31, 33, 222):
    case("PS256 with a salt of %d" % salt, token(RSA, "PS256", salt=salt), "PS256", RSA_PUB, "jws_signature")
case("PS256 with MGF1 of SHA-1", token(RSA, "PS256", mgf_hash=hashes.SHA1()), "PS256", RSA_PUB, "jws_signature")
case("PS384 with a salt of 32", token(RSA, "PS384", salt=32), "PS384", RSA_PUB, "jws_signature")
raw = unb64(EDT.rpartition(".")[2])
case("EdDSA with S + L", ED_INPUT + "." + b64(raw[:32] + (int.from_bytes(raw[32:], "little") + ED_L).to_bytes(32, "little")), "EdDSA", public(ED), "jws_signature")
case("EdDSA with S = 0", ED_INPUT + "." + b64(raw[:32] + bytes(32)), "EdDSA", public(ED), "jws_signature")
case("EdDSA over the hash", ED_INPUT + "." + b64(ED.sign(hashlib.sha512(ED_INPUT.encode()).digest())), "EdDSA", public(ED), "jws_signature")

# ---- the notation ---------------------------------------------------------------------------------

head, payload, tail = ES.split(".")
for name, text in (("empty", ""), ("one segment", head), ("two segments", head + "." + payload), ("four segments", ES + "." + tail), ("five segments", ES + ".." + tail),
                   ("dots alone", ".."), ("three dots", "..."), ("trailing dot", ES + "."), ("leading dot", "." + ES), ("padded header", head + "=." + payload + "." + tail),
                   ("padded signature", ES + "=="), ("space before", " " + ES), ("space behind", ES + " "), ("line break behind", ES + "\n"), ("line break inside", head + ".\n" + payload + "." + tail),
                   ("Bearer before", "Bearer " + ES), ("standard alphabet", ES[:-2] + "+/"), ("trailing bits in the signature", ES[:-1] + chr(ord(ES[-1]) + 1)),
                   ("impossible length", head + "." + payload + "AAAA"[: (5 - len(payload) % 4) % 4] + "." + tail),
                   ("header empty", "." + payload + "." + tail), ("JSON serialization", json.dumps({"payload": payload, "protected": head, "signature": tail})),
                   ("control byte", head + "." + payload + "." + tail[:-1] + "\x01"), ("not ASCII", head + "." + payload + "." + tail[:-1] + "\u00e9")):
    case("notation: " + name, text, "ES256", EC_PUB, "jws_malformed")
for name, header in (("not JSON", "alg=ES256"), ("an array", '["ES256"]'), ("a string", '"ES256"'), ("null", "null"), ("two documents", '{"alg":"ES256"}{}'),
                     ("alg twice", '{"alg":"ES256","alg":"ES256"}'), ("alg twice, once none", '{"alg":"none","alg":"ES256"}'), ("alg twice, once escaped", '{"alg":"ES256","\\u0061lg":"none"}'),
                     ("a trailing comma", '{"alg":"ES256",}'), ("a comment", '{"alg":"ES256"/**/}'), ("single quotes", "{'alg':'ES256'}"), ("byte order mark", "\ufeff{\"alg\":\"ES256\"}"),
                     ("nested too deep", '{"alg":"ES256","x":' + "[" * 100 + "]" * 100 + "}"), ("a NUL behind", '{"alg":"ES256"}\0'), ("invalid UTF-8", b'{"alg":"ES256","x":"\xff"}'),
                     ("a lone surrogate", '{"alg":"ES256","x":"\\ud800"}'), ("an encoded header", b64(b'{"alg":"ES256"}'))):
    case("header: " + name, token(EC, "ES256", header), "ES256", EC_PUB, "jws_malformed")
for name in ("kid", "typ"):
    for value in ("1", "null", "true", '["a"]', '{"a":1}'):
        case("header: %s that is %s" % (name, value), token(EC, "ES256", '{"alg":"ES256","%s":%s}' % (name, value)), "ES256", public(EC, kid="a"), "jws_malformed")
for value in ('["exp"]', '["b64"]', "[]", '"exp"', "null", '["alg"]', '[""]', "{}"):
    case("header: crit %s" % value, token(EC, "ES256", '{"alg":"ES256","crit":%s,"exp":1,"b64":true}' % value), "ES256", EC_PUB, "jws_crit")
for value in ("false", "null", '"false"', "0"):
    case("header: b64 %s" % value, token(EC, "ES256", '{"alg":"ES256","b64":%s}' % value), "ES256", EC_PUB, "jws_crit")
case("RFC 7797 4.2: payload as it is", "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY", "HS256", EC_PUB, "jws_crit")
case("33 KB", token(EC, "ES256", payload=b"x" * 25000), "ES256", EC_PUB, "jws_too_large")
case("33 KB without a dot", "A" * 33000, "ES256", EC_PUB, "jws_too_large")

with open(__file__.rpartition("/")[0] + "/jws.json" if "/" in __file__ else "jws.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in CASES) + "\n]\n")
print(len(CASES), "cases")
