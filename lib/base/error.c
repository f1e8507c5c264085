#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct error_meaning meanings[ERROR_RULE_COUNT] = {
    [ERROR_NONE] = {"none", ANSWER_SERVER_ERROR, ""},

    [ERROR_INTERNAL] = {"internal", ANSWER_SERVER_ERROR, ""},
    [ERROR_CONFIG] = {"config", ANSWER_SERVER_ERROR, ""},
    [ERROR_TEMPLATE] = {"template", ANSWER_SERVER_ERROR, ""},
    [ERROR_STATE_DIR] = {"state_dir", ANSWER_SERVER_ERROR, ""},
    [ERROR_KEY_FILE] = {"key_file", ANSWER_SERVER_ERROR, ""},
    [ERROR_KEY_RING_FULL] = {"key_ring_full", ANSWER_SERVER_ERROR, ""},
    [ERROR_DATABASE] = {"database", ANSWER_UNAVAILABLE, ""},
    [ERROR_DATABASE_BUSY] = {"database_busy", ANSWER_UNAVAILABLE, ""},
    [ERROR_DATABASE_NEWER] = {"database_newer", ANSWER_SERVER_ERROR, ""},
    [ERROR_FOLDER] = {"folder", ANSWER_SERVER_ERROR, ""},

    [ERROR_REQUEST_MALFORMED] = {"request_malformed", ANSWER_BAD_REQUEST, "RFC 3875 4.1"},
    [ERROR_REQUEST_LENGTH] = {"request_length", ANSWER_BAD_REQUEST, "RFC 3875 4.1.2"},
    [ERROR_REQUEST_TOO_LARGE] = {"request_too_large", ANSWER_TOO_LARGE, "RFC 9110 15.5.14"},
    [ERROR_REQUEST_TYPE] = {"request_type", ANSWER_BAD_REQUEST, "RFC 9110 8.3"},
    [ERROR_REQUEST_METHOD] = {"request_method", ANSWER_METHOD, "RFC 9110 15.5.6"},
    [ERROR_REQUEST_PATH] = {"request_path", ANSWER_NOT_FOUND, "RFC 3875 4.1.5"},
    [ERROR_REQUEST_ORIGIN] = {"request_origin", ANSWER_FORBIDDEN, "Fetch 3.2"},
    [ERROR_COOKIE_REPEATED] = {"cookie_repeated", ANSWER_BAD_REQUEST, "RFC 6265 4.2.2"},
    [ERROR_PARAMETER_REPEATED] = {"parameter_repeated", ANSWER_BAD_REQUEST, "RFC 6749 3.1"},
    [ERROR_PARAMETER_WRONG] = {"parameter_wrong", ANSWER_BAD_REQUEST, ""},
    [ERROR_RETURN_TO] = {"return_to", ANSWER_BAD_REQUEST, "RFC 9700 4.11"},

    [ERROR_FILE] = {"file", ANSWER_NOT_FOUND, ""},
    [ERROR_FILE_CUT] = {"file_cut", ANSWER_SERVER_ERROR, ""},

    [ERROR_BASE64URL] = {"base64url", ANSWER_BAD_REQUEST, "RFC 4648 5"},
    [ERROR_UTF8] = {"utf8", ANSWER_BAD_REQUEST, "RFC 3629 3"},
    [ERROR_PERCENT] = {"percent_encoding", ANSWER_BAD_REQUEST, "RFC 3986 2.1"},
    [ERROR_URI] = {"uri", ANSWER_BAD_REQUEST, "RFC 3986 3"},
    [ERROR_JSON] = {"json", ANSWER_PROVIDER_WRONG, "RFC 8259"},

    [ERROR_UNAUTHENTICATED] = {"unauthenticated", ANSWER_UNAUTHENTICATED, ""},
    [ERROR_CSRF] = {"csrf_token", ANSWER_FORM_STALE, "RFC 9700 4.7"},
    [ERROR_NOT_YOURS] = {"not_yours", ANSWER_NOT_FOUND, ""},
    [ERROR_CONFIRM] = {"confirm", ANSWER_CONFIRM, "OpenID Connect Core 3.1.2.1 (prompt=login)"},
    [ERROR_LINK_SESSION] = {"link_session", ANSWER_LINK_OVER, ""},
    [ERROR_IDENTITY_TAKEN] = {"identity_taken", ANSWER_IDENTITY_TAKEN, "OpenID Connect Core 5.7"},
    [ERROR_LAST_IDENTITY] = {"last_identity", ANSWER_LAST_IDENTITY, ""},
    [ERROR_NOT_CONNECTED] = {"not_connected", ANSWER_NOT_CONNECTED, ""},
    [ERROR_OTHER_IDENTITY] = {"other_identity", ANSWER_OTHER_IDENTITY, "RFC 9700 4.7"},
    [ERROR_ACCOUNT_BLOCKED] = {"account_blocked", ANSWER_BLOCKED, ""},
    [ERROR_SIGN_UP_CLOSED] = {"sign_up_closed", ANSWER_NOT_ADMITTED, ""},
    [ERROR_POLICY] = {"policy", ANSWER_NOT_ADMITTED, ""},
    [ERROR_RULE] = {"rule", ANSWER_NOT_ALLOWED, ""},

    [ERROR_PROVIDER_UNKNOWN] = {"provider_unknown", ANSWER_NOT_FOUND, ""},
    [ERROR_PROVIDER_MISSING] = {"provider_missing", ANSWER_SERVER_ERROR, ""},
    [ERROR_ISSUER_UNKNOWN] = {"issuer_unknown", ANSWER_NOT_FOUND, "OpenID Connect Core 4"},
    [ERROR_INSTANCE] = {"instance", ANSWER_INSTANCE, "RFC 1123 2.1"},
    [ERROR_INSTANCE_LIMIT] = {"instance_limit", ANSWER_INSTANCE_LIMIT, ""},
    [ERROR_STATE_MISSING] = {"state_missing", ANSWER_BAD_REQUEST, "RFC 6749 4.1.2"},
    [ERROR_STATE_WRONG] = {"state_wrong", ANSWER_LOGIN_STALE, "RFC 6749 10.12"},
    [ERROR_LOGIN_COOKIE_MISSING] = {"login_cookie_missing", ANSWER_LOGIN_STALE, "RFC 9700 4.7"},
    [ERROR_LOGIN_COOKIE_WRONG] = {"login_cookie_wrong", ANSWER_LOGIN_STALE, "RFC 9700 4.7"},
    [ERROR_LOGIN_PROVIDER_WRONG] = {"login_provider_wrong", ANSWER_LOGIN_STALE, "RFC 9700 4.4.2"},
    [ERROR_LOGIN_EXPIRED] = {"login_expired", ANSWER_LOGIN_STALE, ""},
    [ERROR_LOGIN_USED] = {"login_used", ANSWER_LOGIN_STALE, "RFC 6749 4.1.2"},
    [ERROR_RESPONSE_AMBIGUOUS] = {"response_ambiguous", ANSWER_BAD_REQUEST, "RFC 6749 4.1.2"},
    [ERROR_RESPONSE_MODE] = {"response_mode", ANSWER_BAD_REQUEST, "OAuth 2.0 Form Post 2"},
    [ERROR_ISS_MISSING] = {"iss_missing", ANSWER_PROVIDER_WRONG, "RFC 9207 2.4"},
    [ERROR_ISS_WRONG] = {"iss_wrong", ANSWER_PROVIDER_WRONG, "RFC 9207 2.4"},
    [ERROR_LOGIN_DENIED] = {"login_denied", ANSWER_LOGIN_DENIED, "RFC 6749 4.1.2.1"},
    [ERROR_LOGIN_REQUIRED] = {"login_required", ANSWER_LOGIN_NEEDED, "OpenID Connect Core 3.1.2.6"},
    [ERROR_AUTHORIZATION_ERROR] = {"authorization_error", ANSWER_PROVIDER_WRONG,
                                   "RFC 6749 4.1.2.1"},

    [ERROR_URL_NOT_ALLOWED] = {"url_not_allowed", ANSWER_PROVIDER_WRONG, "RFC 6749 3.1, 3.2"},
    [ERROR_ADDRESS] = {"address_not_public", ANSWER_INSTANCE, "RFC 6890 2.2"},
    [ERROR_HTTP_FAILED] = {"http_failed", ANSWER_PROVIDER_DOWN, ""},
    [ERROR_HTTP_TIMEOUT] = {"http_timeout", ANSWER_PROVIDER_TIMEOUT, ""},
    [ERROR_HTTP_TOO_LARGE] = {"http_too_large", ANSWER_PROVIDER_WRONG, ""},
    [ERROR_HTTP_STATUS] = {"http_status", ANSWER_PROVIDER_DOWN, "RFC 9110 15"},
    [ERROR_DISCOVERY_MALFORMED] = {"discovery_malformed", ANSWER_PROVIDER_WRONG,
                                   "OpenID Connect Discovery 3"},
    [ERROR_DISCOVERY_ISSUER] = {"discovery_issuer", ANSWER_PROVIDER_WRONG,
                                "OpenID Connect Discovery 4.3"},
    [ERROR_TOKEN_RESPONSE] = {"token_response", ANSWER_PROVIDER_WRONG, "RFC 6749 5.1"},
    [ERROR_TOKEN_ERROR] = {"token_error", ANSWER_PROVIDER_WRONG, "RFC 6749 5.2"},
    [ERROR_CLIENT_REFUSED] = {"client_refused", ANSWER_PROVIDER_WRONG, "RFC 6749 5.2"},
    [ERROR_REGISTRATION] = {"registration", ANSWER_PROVIDER_WRONG, "RFC 7591 3.2"},
    [ERROR_REVOCATION] = {"revocation", ANSWER_PROVIDER_WRONG, "RFC 7009 2.2.1"},
    [ERROR_NO_TOKENS] = {"no_tokens", ANSWER_SIGN_IN_AGAIN, "RFC 6749 7"},
    [ERROR_GRANT_OVER] = {"grant_over", ANSWER_SIGN_IN_AGAIN, "RFC 6749 5.2"},
    [ERROR_REFRESH_WAIT] = {"refresh_wait", ANSWER_UNAVAILABLE, ""},
    [ERROR_REFRESH_FAILED] = {"refresh_failed", ANSWER_PROVIDER_DOWN, ""},
    [ERROR_TOKEN_REFUSED] = {"token_refused", ANSWER_API_DOWN, "RFC 6750 3.1"},
    [ERROR_USERINFO_ERROR] = {"userinfo_error", ANSWER_PROVIDER_WRONG, "RFC 6750 3.1"},
    [ERROR_USERINFO_MALFORMED] = {"userinfo_malformed", ANSWER_PROVIDER_WRONG,
                                  "OpenID Connect Core 5.3.2"},
    [ERROR_USERINFO_SUB] = {"userinfo_sub", ANSWER_PROVIDER_WRONG, "OpenID Connect Core 5.3.2"},
    [ERROR_SUBJECT] = {"subject", ANSWER_PROVIDER_WRONG, "OpenID Connect Core 2"},

    [ERROR_API_UNKNOWN] = {"api_unknown", ANSWER_NOT_FOUND, ""},
    [ERROR_API_DESTINATION] = {"api_destination", ANSWER_BAD_REQUEST, "Fetch Metadata 2.1"},
    [ERROR_API_SCOPE] = {"api_scope", ANSWER_SCOPE, "RFC 6750 3.1"},
    [ERROR_API_FAILED] = {"api_failed", ANSWER_API_DOWN, "RFC 9110 15.6.3"},
    [ERROR_API_TIMEOUT] = {"api_timeout", ANSWER_API_TIMEOUT, "RFC 9110 15.6.5"},
    [ERROR_API_STATUS] = {"api_status", ANSWER_API_DOWN, "RFC 9110 15"},

    [ERROR_JWS_MALFORMED] = {"jws_malformed", ANSWER_PROVIDER_WRONG, "RFC 7515 5.2"},
    [ERROR_JWS_TOO_LARGE] = {"jws_too_large", ANSWER_PROVIDER_WRONG, ""},
    [ERROR_JWS_ALG] = {"jws_alg", ANSWER_PROVIDER_WRONG, "RFC 8725 3.1"},
    [ERROR_JWS_CRIT] = {"jws_crit", ANSWER_PROVIDER_WRONG, "RFC 7515 4.1.11"},
    [ERROR_JWS_TYP] = {"jws_typ", ANSWER_PROVIDER_WRONG, "RFC 8725 3.11"},
    [ERROR_JWS_KEY_UNKNOWN] = {"jws_key_unknown", ANSWER_PROVIDER_WRONG,
                               "OpenID Connect Core 10.1"},
    [ERROR_JWS_SIGNATURE] = {"jws_signature", ANSWER_PROVIDER_WRONG, "RFC 7515 5.2"},
    [ERROR_JWK_MALFORMED] = {"jwk_malformed", ANSWER_PROVIDER_WRONG, "RFC 7517 5"},
    [ERROR_JWK_WEAK] = {"jwk_weak", ANSWER_PROVIDER_WRONG, "RFC 7518 3.3"},

    [ERROR_ID_TOKEN_MISSING] = {"id_token_missing", ANSWER_PROVIDER_WRONG,
                                "OpenID Connect Core 3.1.3.3"},
    [ERROR_ID_TOKEN_MALFORMED] = {"id_token_malformed", ANSWER_PROVIDER_WRONG,
                                  "OpenID Connect Core 2"},
    [ERROR_ID_TOKEN_ISS] = {"id_token_iss", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (2)"},
    [ERROR_ID_TOKEN_SUB] = {"id_token_sub", ANSWER_PROVIDER_WRONG, "OpenID Connect Core 2"},
    [ERROR_ID_TOKEN_AUD] = {"id_token_aud", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (3)"},
    [ERROR_ID_TOKEN_AZP] = {"id_token_azp", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (4, 5)"},
    [ERROR_ID_TOKEN_EXP] = {"id_token_exp", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (9)"},
    [ERROR_ID_TOKEN_IAT] = {"id_token_iat", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (10)"},
    [ERROR_ID_TOKEN_NBF] = {"id_token_nbf", ANSWER_PROVIDER_WRONG, "RFC 7519 4.1.5"},
    [ERROR_ID_TOKEN_NONCE] = {"id_token_nonce", ANSWER_PROVIDER_WRONG,
                              "OpenID Connect Core 3.1.3.7 (11)"},
    [ERROR_ID_TOKEN_AT_HASH] = {"id_token_at_hash", ANSWER_PROVIDER_WRONG,
                                "OpenID Connect Core 3.1.3.8"},
    [ERROR_ID_TOKEN_C_HASH] = {"id_token_c_hash", ANSWER_PROVIDER_WRONG,
                               "OpenID Connect Core 3.3.2.11"},
    [ERROR_ID_TOKEN_AUTH_TIME] = {"id_token_auth_time", ANSWER_PROVIDER_WRONG,
                                  "OpenID Connect Core 3.1.3.7 (13)"},
    [ERROR_ID_TOKEN_ACR] = {"id_token_acr", ANSWER_PROVIDER_WRONG,
                            "OpenID Connect Core 3.1.3.7 (12)"},

    [ERROR_AUDIENCE] = {"audience", ANSWER_TARGET, "RFC 8707 2"},
    [ERROR_ACCESS_TOKEN_TOO_LARGE] = {"access_token_too_large", ANSWER_TOKEN, "RFC 6750 3.1"},
    [ERROR_ACCESS_TOKEN_MALFORMED] = {"access_token_malformed", ANSWER_TOKEN, "RFC 6750 2.1"},
    [ERROR_ACCESS_TOKEN_ALG] = {"access_token_alg", ANSWER_TOKEN, "RFC 8725 3.1"},
    [ERROR_ACCESS_TOKEN_TYP] = {"access_token_typ", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_KEY] = {"access_token_key", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_SIGNATURE] = {"access_token_signature", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_ISS] = {"access_token_iss", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_AUD] = {"access_token_aud", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_EXP] = {"access_token_exp", ANSWER_TOKEN, "RFC 9068 4"},
    [ERROR_ACCESS_TOKEN_IAT] = {"access_token_iat", ANSWER_TOKEN, "RFC 7519 4.1.6"},
    [ERROR_ACCESS_TOKEN_NBF] = {"access_token_nbf", ANSWER_TOKEN, "RFC 7519 4.1.5"},
    [ERROR_ACCESS_TOKEN_CLAIMS] = {"access_token_claims", ANSWER_TOKEN, "RFC 9068 2.2"},
    [ERROR_ACCESS_TOKEN_SESSION] = {"access_token_session", ANSWER_TOKEN, "RFC 6750 3.1"},

    [ERROR_LOGOUT_TOKEN] = {"logout_token", ANSWER_BAD_REQUEST, "Back-Channel Logout 2.6"},
    [ERROR_LOGOUT_REPLAYED] = {"logout_replayed", ANSWER_BAD_REQUEST,
                               "Back-Channel Logout 2.6 (8)"},
    [ERROR_LOGOUT_STATE] = {"logout_state", ANSWER_LOGOUT_STATE, "RP-Initiated Logout 3"},
};

static const struct answer_meaning answers[ANSWER_COUNT] = {
    [ANSWER_SERVER_ERROR] = {500, "server_error", "This site's sign-in is not set up correctly."},
    [ANSWER_UNAVAILABLE] = {503, "temporarily_unavailable",
                            "This site cannot answer right now. Please try again in a moment."},
    [ANSWER_BAD_REQUEST] = {400, "invalid_request", "The request could not be understood."},
    [ANSWER_TOO_LARGE] = {413, "request_too_large", "The request is larger than allowed."},
    [ANSWER_METHOD] = {405, "method_not_allowed", "This address does not take that method."},
    [ANSWER_NOT_FOUND] = {404, "not_found", "There is nothing at this address."},
    [ANSWER_UNAUTHENTICATED] = {401, "unauthenticated", "Nobody is signed in."},
    [ANSWER_FORBIDDEN] = {403, "forbidden", "This request came from another site."},
    [ANSWER_INSTANCE] = {400, "invalid_instance",
                         "That is not the address of a server that you can sign in with."},
    [ANSWER_INSTANCE_LIMIT] = {503, "too_many_servers",
                               "Too many people have just named servers that are new here."},
    [ANSWER_LOGIN_STALE] = {400, "login_expired",
                            "This sign-in was already finished, took too long, or was started in "
                            "another browser."},
    [ANSWER_LOGIN_DENIED] = {403, "access_denied", "The sign-in was cancelled."},
    [ANSWER_LOGIN_NEEDED] = {403, "login_required",
                             "You are not signed in there yet, or it has to ask you something."},
    [ANSWER_NOT_ADMITTED] = {403, "not_admitted", "This site does not let that account in."},
    [ANSWER_NOT_ALLOWED] = {403, "not_allowed", "This is not open to your account."},
    [ANSWER_BLOCKED] = {403, "account_blocked", "This account is blocked."},
    [ANSWER_FORM_STALE] = {403, "form_expired", "This form belongs to another session."},
    [ANSWER_CONFIRM] = {403, "confirmation_required", "Please sign in once more first."},
    [ANSWER_LINK_OVER] = {400, "link_expired",
                          "You signed out, or in as somebody else, before this was finished."},
    [ANSWER_IDENTITY_TAKEN] = {409, "identity_taken",
                               "That account is already connected to somebody else here."},
    [ANSWER_LAST_IDENTITY] = {409, "last_identity", "That is the only way into your account."},
    [ANSWER_NOT_CONNECTED] = {409, "not_connected",
                              "No account at that service is connected to yours here."},
    [ANSWER_OTHER_IDENTITY] = {403, "other_identity",
                               "That is another account than the one that was asked for."},
    [ANSWER_LOGOUT_STATE] = {400, "logout_state",
                             "This is not the end of a sign-out that began in this browser."},
    [ANSWER_PROVIDER_WRONG] = {502, "provider_error",
                               "The sign-in service sent an answer that cannot be trusted."},
    [ANSWER_PROVIDER_DOWN] = {502, "provider_unavailable",
                              "The sign-in service cannot be reached or is failing."},
    [ANSWER_PROVIDER_TIMEOUT] = {504, "provider_timeout",
                                 "The sign-in service took too long to answer."},
    [ANSWER_SIGN_IN_AGAIN] = {401, "sign_in_again", "Please sign in at that service once more."},
    [ANSWER_TOKEN] = {401, "invalid_token",
                      "The access token has expired, was revoked, or is not for this site."},
    [ANSWER_TARGET] = {400, "invalid_target", "This site issues no tokens for that audience."},
    [ANSWER_SCOPE] = {403, "insufficient_scope", "You have not given permission for that yet."},
    [ANSWER_API_DOWN] = {502, "api_unavailable",
                         "The other service cannot be reached or is failing."},
    [ANSWER_API_TIMEOUT] = {504, "api_timeout", "The other service took too long to answer."},
};

int error_set(struct error *error, enum error_rule rule, const char *file, int line,
              const char *format, ...) {
    if (error->rule != ERROR_NONE)
        return -1;

    error->rule = rule;
    error->file = file;
    error->line = line;

    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->detail, sizeof(error->detail), format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(error->detail))
        memcpy(error->detail + sizeof(error->detail) - 4, "...", 4);
    return -1;
}

void error_give_up(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("latchkey: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EX_SOFTWARE);
}

const struct error_meaning *error_meaning(enum error_rule rule) {
    return &meanings[rule < ERROR_RULE_COUNT ? rule : ERROR_INTERNAL];
}

const struct answer_meaning *answer_meaning(enum answer answer) {
    return &answers[answer < ANSWER_COUNT ? answer : ANSWER_SERVER_ERROR];
}
