#include "authorization_response.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/uri.h"
#include "pages.h"

/* What every response has, success or not: state (RFC 6749 4.1.2) and iss (RFC 9207 2). */
static void put_state_and_iss(struct exchange *exchange, const struct grant *grant,
                              struct form *response) {
    struct arena *arena = exchange->arena;
    if (grant->misbehaviour == MISBEHAVIOUR_WRONG_STATE)
        form_put(arena, response, "state", "not-the-state-that-was-sent");
    else if (grant->misbehaviour != MISBEHAVIOUR_MISSING_STATE)
        form_put(arena, response, "state", grant->state);

    if (grant->misbehaviour == MISBEHAVIOUR_WRONG_ISS)
        form_put(arena, response, "iss", "https://another-provider.example");
    else if (grant->misbehaviour != MISBEHAVIOUR_MISSING_ISS)
        form_put(arena, response, "iss", exchange->op->issuer);
}

static int respond(struct exchange *exchange, const struct grant *grant, struct form *response) {
    put_state_and_iss(exchange, grant, response);
    if (text_equal(grant->response_mode, "form_post"))
        return page_form_post(exchange, grant->redirect_uri, response);
    reply_redirect(&exchange->reply,
                   uri_with_query(exchange->arena, grant->redirect_uri, response));
    return 0;
}

/* One bit less than random, so that it stays positive as a JSON number. */
static uint64_t new_code_id(void) {
    uint64_t id;
    secret_random(&id, sizeof(id));
    return id >> 1;
}

int authorization_response_code(struct exchange *exchange, const struct grant *grant) {
    struct form response = {.first = NULL};
    struct grant coded = *grant;
    coded.code_id = new_code_id();
    if (grant->misbehaviour == MISBEHAVIOUR_CODE_USED &&
        used_codes_redeem(exchange->op->used_codes, coded.code_id, exchange_now()) ==
            REDEMPTION_FULL)
        return fail(exchange->arena, ERROR_DATABASE_BUSY, "too many codes in a minute");

    const char *code = grant_seal(exchange->arena, exchange->op, PURPOSE_CODE, &coded);
    form_put(exchange->arena, &response, "code", code);
    if (grant->misbehaviour == MISBEHAVIOUR_CODE_TWICE)
        form_put(exchange->arena, &response, "code", code);
    return respond(exchange, grant, &response);
}

int authorization_response_error(struct exchange *exchange, const struct grant *grant,
                                 const struct refusal *refusal) {
    struct form response = {.first = NULL};
    form_put(exchange->arena, &response, "error", refusal->error);
    form_put(exchange->arena, &response, "error_description", refusal->description);
    return respond(exchange, grant, &response);
}
