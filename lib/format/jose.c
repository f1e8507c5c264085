#include "format/jose.h"

#include "base/text.h"

static const struct jose_algorithm algorithms[] = {
    {"RS256", JOSE_RSA, "RSA", NULL, NULL, "SHA256", 0},
    {"RS384", JOSE_RSA, "RSA", NULL, NULL, "SHA384", 0},
    {"RS512", JOSE_RSA, "RSA", NULL, NULL, "SHA512", 0},
    {"PS256", JOSE_RSA_PSS, "RSA", NULL, NULL, "SHA256", 0},
    {"PS384", JOSE_RSA_PSS, "RSA", NULL, NULL, "SHA384", 0},
    {"PS512", JOSE_RSA_PSS, "RSA", NULL, NULL, "SHA512", 0},
    {"ES256", JOSE_ECDSA, "EC", "P-256", "prime256v1", "SHA256", 64},
    {"ES384", JOSE_ECDSA, "EC", "P-384", "secp384r1", "SHA384", 96},
    {"ES512", JOSE_ECDSA, "EC", "P-521", "secp521r1", "SHA512", 132},
    /* Ed25519 hashes with SHA-512 inside, and so do OpenID providers for at_hash. */
    {"EdDSA", JOSE_EDDSA, "OKP", "Ed25519", NULL, "SHA512", 64},
    {"HS256", JOSE_HMAC, "oct", NULL, NULL, "SHA256", 32},
};

const struct jose_algorithm *jose_algorithm(const char *name) {
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
        if (text_equal(algorithms[i].name, name))
            return &algorithms[i];
    return NULL;
}

int jose_malformed(struct arena *arena, const struct error *before, enum error_rule rule,
                   const char *part) {
    struct error cause = arena->error;
    arena->error = *before;
    return fail(arena, rule, "%s: %s", part, cause.detail);
}
