#include "operate/key_rotation.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/jwt_keys.h"
#include "edge/state_dir.h"
#include "format/json.h"
#include "login/client.h"
#include "login/event.h"
#include "login/sign_out.h"
#include "login/tokens.h"

/* ---- what is needed -------------------------------------------------------------------------- */

/* Of those that may go on, however long nobody was seen: the idle timeout may be lengthened. */
static int find_oldest_session(struct context *context, int64_t *oldest) {
    struct query query;
    query_open(context, &query, STATEMENT_OPERATOR_OLDEST_SESSION);
    query_put_integer(&query, context_now(context));
    int found = query_next(&query);
    *oldest = query_integer(&query);
    query_close(&query);
    return found < 0 ? -1 : 0;
}

static int find_sealing_keys(struct context *context, const char **ids) {
    struct buffer list;
    struct query query;
    buffer_open(context->arena, &list);
    query_open(context, &query, STATEMENT_OPERATOR_SEALING_KEYS);
    query_put_integer(&query, context_now(context));
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query))
        buffer_add_format(&list, "%s ", query_text(&query));
    query_close(&query);
    *ids = list.bytes;
    return found;
}

static int find_needs(struct context *context, enum key_ring_purpose purpose,
                      struct key_needs *needs) {
    int64_t now = context_now(context);
    int64_t login = context->config->login_timeout;
    *needs = (struct key_needs){.since = now};
    switch (purpose) {
    case KEY_RING_SESSION:
        return find_oldest_session(context, &needs->since);
    case KEY_RING_TRANSACTION:
        needs->since = now - (login > SIGN_OUT_TIMEOUT ? login : SIGN_OUT_TIMEOUT);
        return 0;
    default:
        return find_sealing_keys(context, &needs->ids);
    }
}

/* ---- rotating -------------------------------------------------------------------------------- */

/* What lives long is sealed with the newest key. */
static int seal_anew(struct context *context, int64_t *count) {
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int64_t tokens = 0;
    int result = client_seal_anew(context, &ring, count) != 0 ||
                         tokens_seal_anew(context, &ring, &tokens) != 0
                     ? -1
                     : 0;
    *count += tokens;
    secret_wipe(&ring, sizeof(ring));
    return result;
}

struct rotation {
    enum key_ring_purpose purpose;
    struct key_change change;
    int64_t sealed;
};

static int drop_old(struct context *context, struct rotation *rotation) {
    const struct key_needs nothing = {.since = INT64_MAX};
    struct key_change change;
    if (state_dir_retire_keys(context, rotation->purpose, &nothing, &change) != 0)
        return -1;
    rotation->change.retired += change.retired;
    rotation->change.kept = change.kept;
    return 0;
}

static int rotate(struct operation *operation, struct rotation *rotation) {
    struct context *context = operation->context;
    struct key_needs needs;
    const struct event event = {
        .kind = EVENT_KEYS_ROTATED,
        .detail = key_ring_name(rotation->purpose),
    };
    if (find_needs(context, rotation->purpose, &needs) != 0 ||
        state_dir_rotate_keys(context, rotation->purpose, &needs, &rotation->change) != 0 ||
        event_record(context, NULL, &event) != 0)
        return -1;
    if (rotation->purpose == KEY_RING_TOKEN && seal_anew(context, &rotation->sealed) != 0)
        return -1;
    return operation->drop_old ? drop_old(context, rotation) : 0;
}

static void report(const struct operation *operation, const struct rotation *rotation) {
    struct arena *arena = operation->context->arena;
    const struct key_change *change = &rotation->change;
    const char *name = key_ring_name(rotation->purpose);
    struct json *object = json_object(arena);
    json_put_string(arena, object, "ring", name);
    json_put_integer(arena, object, "older_keys", (int64_t)change->kept);
    json_put_integer(arena, object, "retired", (int64_t)change->retired);
    if (rotation->purpose == KEY_RING_TOKEN)
        json_put_integer(arena, object, "sealed_anew", rotation->sealed);
    operation_report(operation, object, "%s: a new key; %zu older kept, %zu retired", name,
                     change->kept, change->retired);
}

/* ---- keys of access tokens ------------------------------------------------------------------- */

static void report_jwt(const struct operation *operation, const struct jwt_keys_change *change) {
    struct arena *arena = operation->context->arena;
    struct json *object = json_object(arena);
    json_put_string(arena, object, "ring", JWT_KEYS_NAME);
    json_put_integer(arena, object, "older_keys", (int64_t)change->kept);
    json_put_integer(arena, object, "retired", (int64_t)change->retired);
    operation_report(operation, object, "%s: a new key%s; %zu older kept, %zu retired",
                     JWT_KEYS_NAME,
                     change->kept > 0 ? ", which will sign in a quarter of an hour" : "",
                     change->kept, change->retired);
}

/* Most sites have none: that is only told where it was asked for. The exit status, or -1. */
static int rotate_jwt(struct operation *operation) {
    const struct event event = {.kind = EVENT_KEYS_ROTATED, .detail = JWT_KEYS_NAME};
    struct jwt_keys_change change;
    if (jwt_keys_rotate(operation->context, operation->drop_old, &change) != 0)
        return -1;
    if (!change.made)
        return operation->count == 0
                   ? OPERATION_DONE
                   : operation_refuse(operation, "%s: there are no keys yet", JWT_KEYS_NAME);
    if (event_record(operation->context, NULL, &event) != 0)
        return -1;
    report_jwt(operation, &change);
    return OPERATION_DONE;
}

/* ---- the command ----------------------------------------------------------------------------- */

struct choice {
    bool rings[KEY_RING_COUNT];
    bool jwt;
};

static bool choose_one(const char *name, struct choice *choice) {
    if (text_equal(name, JWT_KEYS_NAME)) {
        choice->jwt = true;
        return true;
    }
    for (enum key_ring_purpose purpose = 0; purpose < KEY_RING_COUNT; purpose++)
        if (text_equal(key_ring_name(purpose), name)) {
            choice->rings[purpose] = true;
            return true;
        }
    return false;
}

/* Those named; without arguments, all. */
static bool choose(const struct operation *operation, struct choice *choice) {
    *choice = (struct choice){.jwt = operation->count == 0};
    for (enum key_ring_purpose purpose = 0; purpose < KEY_RING_COUNT; purpose++)
        choice->rings[purpose] = operation->count == 0;
    for (int i = 0; i < operation->count; i++)
        if (!choose_one(operation->arguments[i], choice))
            return false;
    return true;
}

static int rotate_rings(struct operation *operation, const struct choice *choice) {
    for (enum key_ring_purpose purpose = 0; purpose < KEY_RING_COUNT; purpose++) {
        struct rotation rotation = {.purpose = purpose};
        if (!choice->rings[purpose])
            continue;
        if (rotate(operation, &rotation) != 0)
            return -1;
        report(operation, &rotation);
    }
    return 0;
}

int key_rotation_run(struct operation *operation) {
    struct choice choice;
    if (!choose(operation, &choice))
        return operation_misuse(operation, "the rings are session, transaction, token and jwt");
    if (operation->drop_old &&
        !operation_is_agreed(operation, choice.rings[KEY_RING_SESSION]
                                            ? "Drop the old keys? This signs everyone out."
                                            : "Drop the old keys? What they protect is void then."))
        return OPERATION_WRONG;
    if (rotate_rings(operation, &choice) != 0)
        return -1;
    return choice.jwt ? rotate_jwt(operation) : OPERATION_DONE;
}

int key_rotation_retire(struct context *context, int64_t *retired) {
    struct jwt_keys_change jwt;
    *retired = 0;
    for (enum key_ring_purpose purpose = 0; purpose < KEY_RING_COUNT; purpose++) {
        struct key_needs needs;
        struct key_change change;
        if (find_needs(context, purpose, &needs) != 0 ||
            state_dir_retire_keys(context, purpose, &needs, &change) != 0)
            return -1;
        *retired += (int64_t)change.retired;
    }
    if (jwt_keys_retire(context, &jwt) != 0)
        return -1;
    *retired += (int64_t)jwt.retired;
    return 0;
}
