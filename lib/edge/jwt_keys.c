#include "edge/jwt_keys.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/key_file.h"
#include "format/base64url.h"

#include <string.h>

#define FILE_NAME JWT_KEYS_NAME ".keys"
#define FILE_LIMIT (16 * 1024) /* eight keys of RS256 take 14 KiB */
#define SECRET_SIZE 32

/* ---- reading --------------------------------------------------------------------------------- */

/* Those of [token] algorithm; NULL for others. */
static const char *known_algorithm(const char *name) {
    static const char *const known[] = {"ES256", "EdDSA", "RS256", "HS256"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (text_equal(known[i], name))
            return known[i];
    return NULL;
}

static bool has_id(const struct jwt_keys *keys, const char *id) {
    for (size_t i = 0; i < keys->count; i++)
        if (text_equal(keys->keys[i].id, id))
            return true;
    return false;
}

static int parse_key(const struct key_file *file, struct key_line *line, struct jwt_key *key) {
    unsigned char *octets = NULL;
    const char *algorithm = known_algorithm(text_cut(&line->rest, ' '));
    size_t length = 0;
    if (algorithm == NULL ||
        base64url_decode(file->arena, line->rest, strlen(line->rest), &octets, &length) != 0 ||
        length < SECRET_SIZE || (text_equal(algorithm, "HS256") && length != SECRET_SIZE))
        return key_file_malformed(file, line);
    *key = (struct jwt_key){
        .id = line->id,
        .created_at = line->created_at,
        .algorithm = algorithm,
        .octets = octets,
        .length = length,
    };
    return 0;
}

static int add_line(const struct key_file *file, struct key_line *line, struct jwt_keys *keys) {
    struct jwt_key key = {.id = NULL};
    if (parse_key(file, line, &key) != 0)
        return -1;
    if (keys->count == JWT_KEYS_LIMIT)
        return fail(file->arena, ERROR_KEY_FILE, "%s holds more than %d keys", file->path,
                    JWT_KEYS_LIMIT);
    if (has_id(keys, key.id))
        return fail(file->arena, ERROR_KEY_FILE, "%s:%d: the key's id stands there twice",
                    file->path, line->number);
    keys->keys[keys->count++] = key;
    return 0;
}

static int read_keys(const struct key_file *file, const struct key_maker *maker,
                     struct jwt_keys *keys) {
    struct key_line line = {.number = 0};
    struct buffer text;
    int found = 1;
    buffer_open(file->arena, &text);
    keys->count = 0;
    if (key_file_read(file, maker, &text) != 0)
        return -1;
    char *rest = text.bytes;
    while (found == 1) {
        found = key_file_next(file, &rest, &line);
        if (found < 0 || (found == 1 && add_line(file, &line, keys) != 0))
            return -1;
    }
    return 0;
}

/* ---- making ---------------------------------------------------------------------------------- */

static int make_octets(struct arena *arena, struct jwt_key *key) {
    struct signing_key made = {.pkey = NULL};
    if (text_equal(key->algorithm, "HS256")) {
        unsigned char *secret = arena_alloc(arena, SECRET_SIZE);
        secret_random(secret, SECRET_SIZE);
        key->octets = secret;
        key->length = SECRET_SIZE;
        return 0;
    }
    if (signing_key_generate(arena, key->algorithm, NULL, &made) != 0)
        return -1;
    int result = signing_key_octets(arena, &made, &key->octets, &key->length);
    signing_key_free(&made);
    return result;
}

/* A new key, before the others. */
static int add_key(struct context *context, struct jwt_keys *keys) {
    struct arena *arena = context->arena;
    struct jwt_key key = {
        .id = key_file_make_id(arena),
        .created_at = context_now(context),
        .algorithm = context->config->token.algorithm,
    };
    if (keys->count == JWT_KEYS_LIMIT)
        return fail(arena, ERROR_KEY_RING_FULL,
                    "keys/%s holds %d keys, and all are still needed: one more would make tokens "
                    "useless",
                    FILE_NAME, JWT_KEYS_LIMIT);
    if (make_octets(arena, &key) != 0)
        return -1;
    memmove(&keys->keys[1], &keys->keys[0], keys->count * sizeof(keys->keys[0]));
    keys->keys[0] = key;
    keys->count++;
    return 0;
}

static void write_keys(struct buffer *text, const struct jwt_keys *keys) {
    for (size_t i = 0; i < keys->count; i++) {
        const struct jwt_key *key = &keys->keys[i];
        buffer_add_format(text, "%s %lld %s %s\n", key->id, (long long)key->created_at,
                          key->algorithm, base64url_encode(text->arena, key->octets, key->length));
    }
}

static int make_file(void *closure, struct buffer *text) {
    struct jwt_keys keys = {.count = 0};
    if (add_key(closure, &keys) != 0)
        return -1;
    write_keys(text, &keys);
    return 0;
}

static int replace(const struct key_file *file, const struct jwt_keys *keys) {
    struct buffer text;
    buffer_open(file->arena, &text);
    write_keys(&text, keys);
    return key_file_replace(file, text.bytes);
}

/* ---- which signs ----------------------------------------------------------------------------- */

const struct jwt_key *jwt_keys_signer(const struct jwt_keys *keys, const char *algorithm,
                                      int64_t now) {
    const struct jwt_key *oldest = NULL;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jwt_key *key = &keys->keys[i];
        if (!text_equal(key->algorithm, algorithm))
            continue;
        if (key->created_at + JWT_KEYS_LEAD <= now)
            return key;
        oldest = key;
    }
    return oldest;
}

const struct jwt_key *jwt_keys_get(const struct jwt_keys *keys, const char *algorithm,
                                   const char *id) {
    for (size_t i = 0; i < keys->count; i++)
        if (text_equal(keys->keys[i].algorithm, algorithm) && text_equal(keys->keys[i].id, id))
            return &keys->keys[i];
    return NULL;
}

/* ---- what is needed -------------------------------------------------------------------------- */

/* The key that the one at `place` was followed by: the next newer one of its algorithm; for one of
 * an algorithm that is not configured any more, the next newer one at all. NULL: none. */
static const struct jwt_key *successor(const struct jwt_keys *keys, size_t place) {
    for (size_t i = place; i-- > 0;)
        if (text_equal(keys->keys[i].algorithm, keys->keys[place].algorithm))
            return &keys->keys[i];
    return place > 0 ? &keys->keys[place - 1] : NULL;
}

/* Until the last token that it may have signed is over, whatever [token] lifetime was then. */
static bool is_needed(struct context *context, const struct jwt_keys *keys, size_t place) {
    const struct jwt_key *key = &keys->keys[place];
    const struct jwt_key *next = successor(keys, place);
    int64_t now = context_now(context);
    if (key == jwt_keys_signer(keys, context->config->token.algorithm, now) || next == NULL)
        return true;
    return now <= next->created_at + JWT_KEYS_LEAD + TOKEN_LIFETIME_MAX + KEY_LINGER;
}

static void retire(struct context *context, struct jwt_keys *keys) {
    const struct jwt_keys before = *keys;
    keys->count = 0;
    for (size_t i = 0; i < before.count; i++)
        if (is_needed(context, &before, i))
            keys->keys[keys->count++] = before.keys[i];
}

/* ---- changing -------------------------------------------------------------------------------- */

enum change {
    CHANGE_ENSURE, /* that there is one of [token] algorithm */
    CHANGE_ROTATE,
    CHANGE_REPLACE, /* all of them by a new one */
    CHANGE_RETIRE,
};

/* Whether the change asks for a new key. */
static bool wants_key(struct context *context, const struct jwt_keys *keys, enum change change) {
    if (change == CHANGE_ENSURE)
        return jwt_keys_signer(keys, context->config->token.algorithm, 0) == NULL;
    return change != CHANGE_RETIRE;
}

static int change_keys(struct context *context, struct jwt_keys *keys, enum change change,
                       struct jwt_keys_change *done) {
    size_t before = keys->count;
    if (change == CHANGE_REPLACE)
        keys->count = 0;
    else
        retire(context, keys);
    *done = (struct jwt_keys_change){.kept = keys->count, .retired = before - keys->count};
    done->made = wants_key(context, keys, change);
    return done->made ? add_key(context, keys) : 0;
}

/* Nobody's keys stay as they are: the first is made by who needs it. */
static int change_file(struct context *context, const struct key_file *file, enum change change,
                       struct jwt_keys_change *done) {
    struct jwt_keys keys;
    if (key_file_lock(file) != 0 || read_keys(file, NULL, &keys) != 0)
        return -1;
    if (keys.count == 0)
        return 0;
    if (change_keys(context, &keys, change, done) != 0)
        return -1;
    return done->made || done->retired > 0 ? replace(file, &keys) : 0;
}

static int change_existing(struct context *context, enum change change,
                           struct jwt_keys_change *done) {
    struct key_file file;
    *done = (struct jwt_keys_change){.made = false};
    if (key_file_find(context, FILE_NAME, FILE_LIMIT, &file) != 0)
        return -1;
    int result = file.folder < 0 ? 0 : change_file(context, &file, change, done);
    key_file_close(&file);
    return result;
}

int jwt_keys_rotate(struct context *context, bool drop_old, struct jwt_keys_change *change) {
    return change_existing(context, drop_old ? CHANGE_REPLACE : CHANGE_ROTATE, change);
}

int jwt_keys_retire(struct context *context, struct jwt_keys_change *change) {
    return change_existing(context, CHANGE_RETIRE, change);
}

/* ---- the whole ------------------------------------------------------------------------------- */

int jwt_keys_find(struct context *context, struct jwt_keys *keys) {
    struct key_file file;
    keys->count = 0;
    if (key_file_find(context, FILE_NAME, FILE_LIMIT, &file) != 0)
        return -1;
    int result = read_keys(&file, NULL, keys);
    key_file_close(&file);
    return result;
}

static int load_or_make(struct context *context, struct jwt_keys *keys) {
    const struct key_maker maker = {.make = make_file, .closure = context};
    struct key_file file;
    if (key_file_open(context, FILE_NAME, FILE_LIMIT, &file) != 0)
        return -1;
    int result = read_keys(&file, &maker, keys);
    key_file_close(&file);
    return result;
}

int jwt_keys_load(struct context *context, struct jwt_keys *keys) {
    struct jwt_keys_change change;
    if (load_or_make(context, keys) != 0)
        return -1;
    if (!wants_key(context, keys, CHANGE_ENSURE))
        return 0;
    /* Another algorithm was configured. */
    return change_existing(context, CHANGE_ENSURE, &change) != 0 ? -1
                                                                 : jwt_keys_find(context, keys);
}

int jwt_keys_open(struct arena *arena, const struct jwt_key *key, struct signing_key *opened) {
    if (signing_key_open(arena, key->octets, key->length, key->algorithm, opened) != 0) {
        arena_forget_error(arena);
        return fail(arena, ERROR_KEY_FILE, "keys/%s: %s is not a key for %s", FILE_NAME, key->id,
                    key->algorithm);
    }
    opened->kid = key->id;
    return 0;
}

static int add_public(struct arena *arena, const struct jwt_key *key, struct json *list) {
    struct signing_key opened;
    struct json *jwk = NULL;
    if (jwt_keys_open(arena, key, &opened) != 0)
        return -1;
    int result = signing_key_public(arena, &opened, &jwk);
    signing_key_free(&opened);
    if (result == 0)
        json_append(list, jwk);
    return result;
}

int jwt_keys_public(struct arena *arena, const struct jwt_keys *keys, struct json **set) {
    struct json *list = json_array(arena);
    for (size_t i = 0; i < keys->count; i++)
        if (!text_equal(keys->keys[i].algorithm, "HS256") &&
            add_public(arena, &keys->keys[i], list) != 0)
            return -1;
    *set = json_object(arena);
    json_put(arena, *set, "keys", list);
    return 0;
}
