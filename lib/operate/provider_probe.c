#include "operate/provider_probe.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/http_client.h"
#include "edge/private_file.h"
#include "format/base64url.h"
#include "format/form.h"
#include "format/jwk.h"
#include "format/signing_key.h"
#include "login/policy.h"
#include "oauth/authorization.h"
#include "oauth/endpoint.h"
#include "oauth/token.h"

#include <string.h>

/* A probe at work. Its context has no database: what is kept of the provider is neither asked nor
 * changed. */
struct probe {
    struct findings *findings;
    struct context context;
    const char *subject;
    struct provider provider;
    struct metadata metadata;
};

static struct arena *arena_of(const struct probe *probe) {
    return probe->context.arena;
}

static const char *random_text(struct arena *arena) {
    unsigned char bytes[32];
    secret_random(bytes, sizeof(bytes));
    return base64url_encode(arena, bytes, sizeof(bytes));
}

/* ---- what is here ---------------------------------------------------------------------------- */

static int check_private_key(struct probe *probe) {
    const struct provider *provider = &probe->provider;
    const char *alg = provider->authentication_alg == NULL ? "RS256" : provider->authentication_alg;
    const char *pem = NULL;
    struct signing_key key = {.pkey = NULL};
    if (provider->private_key_file == NULL)
        return 0;
    if (private_file_read(arena_of(probe), probe->context.config->file, provider->private_key_file,
                          &pem) != 0)
        return -1;
    int result = signing_key_parse(arena_of(probe), pem, alg, provider->private_key_id, &key);
    signing_key_free(&key);
    return result;
}

/* True if the record can be used. */
static bool check_record(struct probe *probe, const char *id) {
    if (provider_load(&probe->context, id, NULL, &probe->provider) != 0 ||
        check_private_key(probe) != 0 ||
        policy_check_file(&probe->context, &probe->provider.policy) != 0) {
        finding_failure(probe->findings, probe->subject);
        return false;
    }
    finding_ok(probe->findings, probe->subject, "the record is complete");
    return true;
}

/* ---- its documents --------------------------------------------------------------------------- */

static void check_clock(const struct probe *probe, const struct http_response *response) {
    int64_t ahead = context_now(&probe->context) - response->date;
    int64_t leeway = probe->context.config->clock_leeway;
    if (response->date == 0)
        finding_note(probe->findings, probe->subject, "the clock: not checked: it tells no Date");
    else if (ahead > leeway || ahead < -leeway)
        finding_wrong(probe->findings, probe->subject,
                      "this machine's clock is %lld seconds %s the provider's: set it (NTP)",
                      (long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "behind" : "ahead of");
    else
        finding_ok(probe->findings, probe->subject, "the clocks agree");
}

static int count_fitting(const struct provider *provider, const struct jwk_set *set) {
    int count = 0;
    for (size_t i = 0; i < set->count; i++) {
        const char *algs = provider->id_token_algs;
        size_t length = 0;
        bool fits = false;
        for (const char *alg = text_next_word(&algs, &length); alg != NULL && !fits;
             alg = text_next_word(&algs, &length)) {
            char name[16] = "";
            if (length < sizeof(name))
                memcpy(name, alg, length);
            fits = jwk_fits(&set->keys[i], name);
        }
        count += fits;
    }
    return count;
}

static int fetch(struct probe *probe, const char *url, const char *accept,
                 struct http_response *response) {
    struct http_request request = endpoint_request(&probe->provider, url);
    request.accept = accept;
    return http_request_send(&probe->context, &request, response);
}

static void check_keys(struct probe *probe) {
    struct http_response response;
    struct jwk_set set;
    if (fetch(probe, probe->metadata.jwks_uri, NULL, &response) != 0) {
        finding_failure(probe->findings, probe->subject);
        return;
    }
    check_clock(probe, &response);
    if (response.status != 200) {
        finding_wrong(probe->findings, probe->subject, "%s answers with status %d",
                      probe->metadata.jwks_uri, response.status);
        return;
    }
    if (jwk_set_parse(arena_of(probe), response.body, response.body_length, &set) != 0) {
        finding_failure(probe->findings, probe->subject);
        return;
    }
    int fitting = count_fitting(&probe->provider, &set);
    if (fitting == 0)
        finding_wrong(probe->findings, probe->subject,
                      "%s has no key for %s: see id_token_signed_response_alg",
                      probe->metadata.jwks_uri, probe->provider.id_token_algs);
    else
        finding_ok(probe->findings, probe->subject, "%d key%s for %s", fitting,
                   fitting == 1 ? "" : "s", probe->provider.id_token_algs);
}

/* Where there are no keys to ask for: whatever it answers without parameters, it is there. */
static void check_reachable(struct probe *probe) {
    struct http_response response;
    if (fetch(probe, probe->metadata.token_endpoint, NULL, &response) != 0) {
        finding_failure(probe->findings, probe->subject);
        return;
    }
    finding_ok(probe->findings, probe->subject, "%s can be reached",
               http_host_for_log(arena_of(probe), probe->metadata.token_endpoint));
    check_clock(probe, &response);
}

/* An id_token that is signed with the client secret needs no key of theirs. */
static bool needs_keys(const struct provider *provider) {
    return provider->protocol == PROTOCOL_OIDC && !text_equal(provider->id_token_algs, "HS256");
}

/* True if the provider's endpoints are known. */
static bool check_documents(struct probe *probe) {
    if (metadata_load(&probe->context, &probe->provider, &probe->metadata) != 0) {
        finding_failure(probe->findings, probe->subject);
        return false;
    }
    if (needs_keys(&probe->provider) && probe->metadata.jwks_uri == NULL)
        finding_wrong(probe->findings, probe->subject, "its discovery document has no jwks_uri");
    else if (needs_keys(&probe->provider))
        check_keys(probe);
    else
        check_reachable(probe);
    return true;
}

/* ---- does it know us? ------------------------------------------------------------------------ */

/* OpenID Connect Core 3.1.2.6: what a provider says to prompt=none if only nobody is signed in. */
static bool is_welcome(const char *error) {
    return error == NULL || text_has_word("login_required interaction_required consent_required "
                                          "account_selection_required",
                                          error);
}

/* The error of a redirect back to us: *back = whether it is one. */
static const char *read_redirect(struct probe *probe, const struct http_response *response,
                                 const char *redirect_uri, bool *back) {
    const char *location = response->location;
    struct form form = {.first = NULL};
    *back = location != NULL && text_starts_with(location, redirect_uri) &&
            strchr("?#", location[strlen(redirect_uri)]) != NULL &&
            location[strlen(redirect_uri)] != '\0';
    if (!*back)
        return NULL;
    const char *query = location + strlen(redirect_uri) + 1;
    if (form_parse(arena_of(probe), query, strcspn(query, "#"), &form) != 0)
        arena_forget_error(arena_of(probe));
    return form_value(&form, "error");
}

/* RFC 6749 4.1.2.1: with a client_id or redirect URI that it does not know, it must not send the
 * browser back. */
static void judge_authorization(struct probe *probe, const struct http_response *response,
                                const char *redirect_uri) {
    bool back = false;
    const char *error = read_redirect(probe, response, redirect_uri, &back);
    if (back && is_welcome(error))
        finding_ok(probe->findings, probe->subject, "it knows the client_id and the redirect URI");
    else if (back)
        finding_wrong(probe->findings, probe->subject,
                      "it answers a request for a login with the error %s", error);
    else if (response->status == 400 || response->status == 401)
        finding_wrong(
            probe->findings, probe->subject,
            "it answers a request for a login with status %d: is the client_id right, and "
            "%s registered there?",
            response->status, redirect_uri);
    else
        finding_note(probe->findings, probe->subject,
                     "the client_id and the redirect URI: not checked: its answer does not tell");
}

static void check_authorization(struct probe *probe) {
    struct arena *arena = arena_of(probe);
    const char *redirect_uri = provider_redirect_uri(&probe->context, &probe->provider);
    const struct authorization_request request = {
        .redirect_uri = redirect_uri,
        .state = random_text(arena),
        .nonce = random_text(arena),
        .code_verifier = random_text(arena),
        .prompt = "none",
    };
    struct http_response response;
    const char *uri = NULL;
    if (authorization_request_uri(&probe->context, &probe->provider, &probe->metadata, &request,
                                  &uri) != 0 ||
        fetch(probe, uri, "text/html", &response) != 0)
        finding_failure(probe->findings, probe->subject);
    else
        judge_authorization(probe, &response, redirect_uri);
}

/* RFC 6749 5.2: invalid_client for a client that it does not take for ours, invalid_grant for a
 * code that it never issued. */
static void judge_token_error(struct probe *probe) {
    struct arena *arena = arena_of(probe);
    const struct error error = arena->error;
    if (error.rule == ERROR_CLIENT_REFUSED)
        finding_wrong(probe->findings, probe->subject,
                      "it does not take us for its client (%s): look at client_id, the secret and "
                      "token_endpoint_auth_method",
                      error.detail);
    else if (error.rule == ERROR_TOKEN_ERROR && strstr(error.detail, "invalid_grant") != NULL)
        finding_ok(probe->findings, probe->subject,
                   "it does not refuse the client at the token endpoint");
    else if (error.rule == ERROR_TOKEN_ERROR || error.rule == ERROR_TOKEN_RESPONSE ||
             error.rule == ERROR_HTTP_STATUS)
        finding_note(probe->findings, probe->subject,
                     "the client's secret: not checked: its answer does not tell (%s)",
                     error.detail);
    else
        finding_wrong(probe->findings, probe->subject, "%s", error.detail);
    arena_forget_error(arena);
}

static void check_client(struct probe *probe) {
    struct arena *arena = arena_of(probe);
    const struct login_values values = {
        .provider = &probe->provider,
        .redirect_uri = provider_redirect_uri(&probe->context, &probe->provider),
        .state = random_text(arena),
    };
    const struct token_request request = {
        .code = random_text(arena),
        .code_verifier = random_text(arena),
        .values = &values,
    };
    struct token_response response;
    if (token_request(&probe->context, &probe->provider, &probe->metadata, &request, &response) ==
        0)
        finding_wrong(probe->findings, probe->subject,
                      "it gives tokens for a code that it never issued: do not trust it");
    else
        judge_token_error(probe);
}

static void check_acceptance(struct probe *probe) {
    const struct provider *provider = &probe->provider;
    if (provider->registration != REGISTRATION_MANUAL) {
        finding_note(probe->findings, probe->subject,
                     "the client: not checked: Latchkey registers itself at the first login");
        return;
    }
    if (provider->protocol == PROTOCOL_OAUTH1) {
        finding_note(probe->findings, probe->subject,
                     "the client: not checked: OAuth 1.0 has no way without beginning a login");
        return;
    }
    if (provider->protocol == PROTOCOL_OIDC && !probe->metadata.par_required &&
        provider->response_mode == RESPONSE_MODE_QUERY)
        check_authorization(probe);
    else
        finding_note(probe->findings, probe->subject, "the redirect URI: not checked");
    check_client(probe);
}

/* ---- the whole ------------------------------------------------------------------------------- */

void provider_probe_run(struct findings *findings, const char *id, bool ask) {
    struct context *context = findings->operation->context;
    struct probe probe = {
        .findings = findings,
        .context = *context,
        .subject = arena_format(context->arena, "provider %s", id),
    };
    probe.context.database = NULL;
    if (!check_record(&probe, id) || !ask)
        return;
    if (probe.provider.asks_instance) {
        finding_note(findings, probe.subject,
                     "not asked: which server it is, each person says when signing in");
        return;
    }
    if (check_documents(&probe))
        check_acceptance(&probe);
}
