#include "misbehaviour.h"

#include "base/text.h"

#define RESPONSE "Authorization response"
#define TOKEN "Token response"
#define ID_TOKEN "ID token"
#define USERINFO "UserInfo response"

static const struct misbehaviour_meaning meanings[MISBEHAVIOUR_COUNT] = {
    [MISBEHAVIOUR_NONE] = {"", "", "Nothing: behave"},

    [MISBEHAVIOUR_WRONG_STATE] = {"wrong_state", RESPONSE, "wrong state"},
    [MISBEHAVIOUR_MISSING_STATE] = {"missing_state", RESPONSE, "no state"},
    [MISBEHAVIOUR_WRONG_ISS] = {"wrong_iss", RESPONSE, "wrong iss parameter"},
    [MISBEHAVIOUR_MISSING_ISS] = {"missing_iss", RESPONSE, "no iss parameter"},
    [MISBEHAVIOUR_CODE_TWICE] = {"code_twice", RESPONSE, "code parameter twice"},
    [MISBEHAVIOUR_SERVER_ERROR] = {"server_error", RESPONSE, "error=server_error"},

    [MISBEHAVIOUR_CODE_USED] = {"code_used", TOKEN, "code was used before"},
    [MISBEHAVIOUR_INVALID_GRANT] = {"invalid_grant", TOKEN, "400 invalid_grant"},
    [MISBEHAVIOUR_TOKEN_500] = {"token_500", TOKEN, "500 server error"},
    [MISBEHAVIOUR_TOKEN_NOT_JSON] = {"token_not_json", TOKEN, "not JSON"},
    [MISBEHAVIOUR_TOKEN_HUGE] = {"token_huge", TOKEN, "huge: 5 MB"},
    [MISBEHAVIOUR_TOKEN_SLOW] = {"token_slow", TOKEN, "slow: 20 seconds"},

    [MISBEHAVIOUR_WRONG_NONCE] = {"wrong_nonce", ID_TOKEN, "wrong nonce"},
    [MISBEHAVIOUR_MISSING_NONCE] = {"missing_nonce", ID_TOKEN, "no nonce"},
    [MISBEHAVIOUR_EXPIRED] = {"expired", ID_TOKEN, "expired"},
    [MISBEHAVIOUR_BAD_SIGNATURE] = {"bad_signature", ID_TOKEN, "bad signature"},
    [MISBEHAVIOUR_ALG_NONE] = {"alg_none", ID_TOKEN, "alg none, unsigned"},
    [MISBEHAVIOUR_WRONG_AUDIENCE] = {"wrong_audience", ID_TOKEN, "wrong audience"},
    [MISBEHAVIOUR_WRONG_ISSUER] = {"wrong_issuer", ID_TOKEN, "wrong issuer"},
    [MISBEHAVIOUR_MISSING_SUB] = {"missing_sub", ID_TOKEN, "no sub"},
    [MISBEHAVIOUR_UNKNOWN_KID] = {"unknown_kid", ID_TOKEN, "unknown key id"},

    [MISBEHAVIOUR_USERINFO_OTHER_SUB] = {"userinfo_other_sub", USERINFO, "another sub"},
    [MISBEHAVIOUR_USERINFO_500] = {"userinfo_500", USERINFO, "500 server error"},
};

const struct misbehaviour_meaning *misbehaviour_meaning(enum misbehaviour misbehaviour) {
    return &meanings[misbehaviour < MISBEHAVIOUR_COUNT ? misbehaviour : MISBEHAVIOUR_NONE];
}

int misbehaviour_find(const char *name, enum misbehaviour *misbehaviour) {
    *misbehaviour = MISBEHAVIOUR_NONE;
    if (name == NULL)
        return 0;
    for (int i = 0; i < MISBEHAVIOUR_COUNT; i++) {
        if (text_equal(meanings[i].name, name)) {
            *misbehaviour = (enum misbehaviour)i;
            return 0;
        }
    }
    return -1;
}
