/*
 * config: the configuration file (README.md lists every setting; a test compares).
 *
 * Read once a process; under FastCGI again when the file changed. Everything is checked when it
 * is read: an unknown section or name, a missing or malformed value, a file that anyone may
 * change, or with a secret that anyone may read, each is an error with file and line. An empty
 * value leaves the default, but in [policy], where it is an error.
 *
 * Sections of which there can be many bear a name ([a-z0-9][a-z0-9_-]{0,31}): here their form is
 * checked and they are kept; what one means is its owner's business: [provider NAME]
 * oauth/provider.h, [api NAME] login/api_record.h, [rule NAME] login/rule.h, [files] and [files
 * NAME] login/folder.h.
 */
#ifndef LATCHKEY_EDGE_CONFIG_H
#define LATCHKEY_EDGE_CONFIG_H

#include "format/ini.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a session outlives the browser. */
enum remember {
    REMEMBER_ALWAYS,
    REMEMBER_NEVER,
    REMEMBER_ASK, /* a box on the sign-in page */
};

/* What is kept of the addresses that people come from. */
enum kept_address {
    ADDRESS_KEPT_WHOLE,
    ADDRESS_KEPT_MASKED,
    ADDRESS_NOT_KEPT,
};

/* Who may come in; a NULL sets no rule. Judged by login/policy.h. */
struct policy_rules {
    const char *allowed_email_domains; /* words; so below, unless it says otherwise */
    const char *allowed_emails;
    const char *allowed_emails_file; /* a path, as it is written */
    const char *denied_emails;
    const char *denied_subjects; /* of a provider alone */
    const char *require;         /* MAPPING_REQUIREMENT (format/mapping.h) */
};

/* What an access token of ours must not outlive, in seconds: keys are kept as long as that. */
#define TOKEN_LIFETIME_MAX (24 * 3600)

/* Access tokens that we issue (login/access_token.h). */
struct token_settings {
    const char *algorithm; /* "ES256", "EdDSA", "RS256" or "HS256" */
    int64_t lifetime;      /* seconds, at most TOKEN_LIFETIME_MAX */
    const char
        *audience;      /* absolute URIs, the default first; NULL: base_url, which always is one */
    const char *claims; /* words, of those of access_token.h; NULL: none */
    const char *client_id; /* NULL: base_url */
    /* of HS256, which has one of them, and an audience besides us */
    const char *secret;
    const char *secret_file; /* a path, as it is written */
};

struct config {
    const char *file;
    /* [site] */
    const char *base_url; /* an origin, without "/" at its end */
    const char *cgi_path; /* "/cgi-bin", or "" for the root; no "/" at its end */
    const char *state_dir;
    const char *home; /* a local path */
    const char *title;
    const char *templates; /* a folder */
    const char *ca_file;   /* NULL: the system's alone */
    bool secure;           /* base_url is https */
    /* [session], in seconds */
    int64_t idle_timeout; /* never above absolute_timeout */
    int64_t absolute_timeout;
    int64_t short_timeout; /* of a session that is not remembered; never above absolute_timeout */
    enum remember remember;
    /* [account] */
    int64_t confirm_after; /* seconds: what matters asks for a login as fresh as that */
    bool sign_up;          /* who has no account yet may get one */
    /* [policy] */
    struct policy_rules policy;
    /* [audit] */
    int64_t audit_keep; /* seconds */
    enum kept_address audit_address;
    /* [login], in seconds */
    int64_t login_timeout;          /* from the sign-in page to the callback */
    int64_t clock_leeway;           /* for times in tokens */
    int64_t new_instances_per_hour; /* servers that visitors name: login/instance.h */
    /* [token] */
    struct token_settings token;
    /* the whole file, for the sections of others */
    const struct ini_section *sections;
};

/* The file named by LATCHKEY_CONF, else the path compiled in. */
const char *config_path(void);

/* Reads and checks the file. 0, or -1 with ERROR_CONFIG. */
int config_load(struct arena *arena, const char *path, struct config *config) CHECKED;

/* The section [kind name], or NULL; of [kind] alone, the name is "". */
const struct ini_section *config_section(const struct config *config, const char *kind,
                                         const char *name);

/* Who is told of each mistake: "latchkey.conf:12: …". */
struct config_witness {
    void (*tell)(void *closure, const char *mistake);
    void *closure;
    int mistakes; /* told */
};

/* The same, but goes on after a mistake, so that all are told at once. What could be read is in
 * *config. 0, or -1 if there was a mistake; no error is recorded. */
int config_examine(struct arena *arena, const char *path, struct config *config,
                   struct config_witness *witness) CHECKED;

/* "https://www.example.org/cgi-bin/callback.cgi/forum": the absolute URI of a program of ours.
 * `program` may have a path behind it. */
char *config_program_uri(struct arena *arena, const struct config *config, const char *program);

/* An absolute URI of this site for a local path ("/…"). */
char *config_site_uri(struct arena *arena, const struct config *config, const char *path);

#endif
