#include "grant.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/digest.h"

#include <string.h>

static const struct {
    const char *name;
    int64_t age;
} purposes[] = {
    [PURPOSE_REQUEST] = {"request", 3600},
    [PURPOSE_CODE] = {"code", CODE_AGE},
    [PURPOSE_ACCESS_TOKEN] = {"access token", ACCESS_TOKEN_AGE},
    [PURPOSE_SESSION] = {"session", 24 * 3600},
    [PURPOSE_SIGN_OUT] = {"sign out", 3600},
};

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    {"client_id", offsetof(struct grant, client_id)},
    {"redirect_uri", offsetof(struct grant, redirect_uri)},
    {"response_mode", offsetof(struct grant, response_mode)},
    {"state", offsetof(struct grant, state)},
    {"scope", offsetof(struct grant, scope)},
    {"nonce", offsetof(struct grant, nonce)},
    {"code_challenge", offsetof(struct grant, code_challenge)},
    {"sid", offsetof(struct grant, sid)},
};

#define TEXTS_COUNT (sizeof(texts) / sizeof(texts[0]))

static const char **text_member(struct grant *grant, size_t i) {
    return (const char **)(void *)((char *)grant + texts[i].offset);
}

static char *write_members(struct arena *arena, const struct grant *grant) {
    struct grant copy = *grant;
    struct json *members = json_object(arena);
    for (size_t i = 0; i < TEXTS_COUNT; i++)
        json_put_string(arena, members, texts[i].name, *text_member(&copy, i));
    if (grant->person != NULL)
        json_put_string(arena, members, "person", grant->person->id);
    json_put_string(arena, members, "misbehaviour",
                    misbehaviour_meaning(grant->misbehaviour)->name);
    json_put_integer(arena, members, "auth_time", grant->auth_time);
    json_put_integer(arena, members, "issued_at", clock_system.now(&clock_system));
    json_put_integer(arena, members, "code_id", (int64_t)grant->code_id);
    return json_write(arena, members);
}

/* The text is ours: what stands in it is as write_members() wrote it. */
static int read_members(struct arena *arena, const char *text, size_t length, struct grant *grant) {
    struct json *members;
    int64_t code_id = 0;
    if (json_parse_object(arena, text, length, &members) != 0)
        return -1;
    *grant = (struct grant){.person = person_find(json_string(members, "person"))};
    for (size_t i = 0; i < TEXTS_COUNT; i++)
        *text_member(grant, i) = json_string(members, texts[i].name);
    if (!json_integer(json_member(members, "auth_time"), &grant->auth_time) ||
        !json_integer(json_member(members, "issued_at"), &grant->issued_at) ||
        !json_integer(json_member(members, "code_id"), &code_id))
        return -1;
    grant->code_id = (uint64_t)code_id;
    return misbehaviour_find(json_string(members, "misbehaviour"), &grant->misbehaviour);
}

static char *signature(struct arena *arena, const struct op *op, enum purpose purpose,
                       const char *bytes, size_t length) {
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(op->secret, sizeof(op->secret), purposes[purpose].name, bytes, length, mac);
    return base64url_encode(arena, mac, sizeof(mac));
}

char *grant_seal(struct arena *arena, const struct op *op, enum purpose purpose,
                 const struct grant *grant) {
    const char *members = write_members(arena, grant);
    const char *payload = base64url_encode(arena, members, strlen(members));
    return arena_format(arena, "%s.%s", payload,
                        signature(arena, op, purpose, payload, strlen(payload)));
}

int grant_open(struct arena *arena, const struct op *op, enum purpose purpose, const char *text,
               struct grant *grant) {
    unsigned char *members;
    size_t length;
    const char *dot = text == NULL ? NULL : strchr(text, '.');
    if (dot == NULL)
        return fail(arena, ERROR_PARAMETER_WRONG, "no %s", purposes[purpose].name);

    size_t payload_length = (size_t)(dot - text);
    if (!secret_text_equal(dot + 1, signature(arena, op, purpose, text, payload_length)) ||
        base64url_decode(arena, text, payload_length, &members, &length) != 0 ||
        read_members(arena, (const char *)members, length, grant) != 0)
        return fail(arena, ERROR_PARAMETER_WRONG, "not a %s of ours", purposes[purpose].name);
    if (clock_system.now(&clock_system) - grant->issued_at > purposes[purpose].age)
        return fail(arena, ERROR_PARAMETER_WRONG, "the %s is too old", purposes[purpose].name);
    return 0;
}
