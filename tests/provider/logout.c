/* The end_session_endpoint: OpenID Connect RP-Initiated Logout 1.0. */
#include "endpoints.h"
#include "grant.h"
#include "id_token.h"
#include "pages.h"
#include "session.h"

#include "base/text.h"
#include "format/uri.h"

struct logout_request {
    const char *id_token_hint; /* NULL if absent; so all below */
    const char *client_id;
    const char *post_logout_redirect_uri;
    const char *state;
};

static int read_request(struct exchange *exchange, struct logout_request *request) {
    const struct form *form = incoming_parameters(&exchange->request);
    struct arena *arena = exchange->arena;
    if (form_single(arena, form, "id_token_hint", &request->id_token_hint) != 0 ||
        form_single(arena, form, "client_id", &request->client_id) != 0 ||
        form_single(arena, form, "state", &request->state) != 0 ||
        form_single(arena, form, "post_logout_redirect_uri", &request->post_logout_redirect_uri) !=
            0)
        return -1;
    return 0;
}

/* Section 2: both, if both are there, name the same client. */
static int find_client(struct exchange *exchange, const struct logout_request *request,
                       const struct client **client) {
    *client = NULL;
    if (request->id_token_hint != NULL &&
        id_token_read(exchange->arena, exchange->op, request->id_token_hint, client) != 0)
        return -1;
    if (request->client_id == NULL)
        return 0;
    const struct client *named = op_client(exchange->op, request->client_id);
    if (named == NULL || (*client != NULL && named != *client))
        return fail(exchange->arena, ERROR_PARAMETER_WRONG,
                    "client_id is unknown, or not that of the id_token_hint");
    *client = named;
    return 0;
}

/* Section 3: only to an address that was registered, and only for a client that is known. */
static int check_return(struct exchange *exchange, const struct logout_request *request,
                        const struct client *client) {
    if (request->post_logout_redirect_uri == NULL)
        return 0;
    if (client == NULL)
        return fail(exchange->arena, ERROR_PARAMETER_WRONG,
                    "post_logout_redirect_uri without id_token_hint or client_id");
    if (!uri_list_has(&exchange->op->post_logout_uris, request->post_logout_redirect_uri))
        return fail(exchange->arena, ERROR_PARAMETER_WRONG,
                    "the post_logout_redirect_uri is not registered");
    return 0;
}

/* Where to after signing out: back to the client, or to a page that says so. */
static int leave(struct exchange *exchange, const struct grant *grant) {
    struct form parameters = {.first = NULL};
    if (grant->redirect_uri == NULL)
        return page_message(exchange, 200,
                            &(struct page_text){.title = "Signed out",
                                                .text = "Nobody is signed in to this demo provider "
                                                        "with this browser any more."});
    form_put(exchange->arena, &parameters, "state", grant->state);
    reply_redirect(&exchange->reply,
                   parameters.first == NULL
                       ? grant->redirect_uri
                       : uri_with_query(exchange->arena, grant->redirect_uri, &parameters));
    return 0;
}

int logout(struct exchange *exchange) {
    struct logout_request request;
    const struct client *client;
    if (read_request(exchange, &request) != 0 || find_client(exchange, &request, &client) != 0 ||
        check_return(exchange, &request, client) != 0)
        return -1;
    struct grant grant = {.client_id = client == NULL ? NULL : client->id,
                          .redirect_uri = request.post_logout_redirect_uri,
                          .state = request.state};
    struct grant session;
    /* Section 2: the person is asked; but where nobody is signed in there is nothing to ask. */
    if (!session_load(exchange, &session))
        return leave(exchange, &grant);
    return page_sign_out(exchange, &grant, &session);
}

int logout_decide(struct exchange *exchange) {
    struct grant grant;
    const struct form *form = &exchange->request.body;
    if (grant_open(exchange->arena, exchange->op, PURPOSE_SIGN_OUT, form_value(form, "request"),
                   &grant) != 0)
        return -1;
    if (text_equal(form_value(form, "decision"), "stay"))
        return page_message(exchange, 200,
                            &(struct page_text){.title = "Still signed in",
                                                .text = "Nothing has changed at this demo "
                                                        "provider."});
    session_end(exchange);
    return leave(exchange, &grant);
}
