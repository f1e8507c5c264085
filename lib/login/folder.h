/*
 * folder: private files: [files], below files.cgi/, and [files NAME], below files.cgi/NAME/.
 *
 *   folder     its absolute path. The state folder, the configuration and the files that it names
 *              must not lie in it
 *   require    rules that who may see it must meet (login/rule.h)
 *   access     signed-in: only who is signed in; or anyone, and then there are no rules
 *   index      the file that stands for a folder
 *   hand_over  x-sendfile, x-sendfile-plain or x-accel-redirect:/prefix/: the web server is told
 *              which file to send
 */
#ifndef LATCHKEY_LOGIN_FOLDER_H
#define LATCHKEY_LOGIN_FOLDER_H

#include "edge/config.h"
#include "edge/context.h"

enum folder_access {
    FOLDER_SIGNED_IN,
    FOLDER_ANYONE,
};

enum hand_over {
    HAND_OVER_NEVER,    /* we send files ourselves */
    HAND_OVER_SENDFILE, /* X-Sendfile: a path of this machine, percent-encoded */
    HAND_OVER_PLAIN,    /* the same as it is, for those that do not decode it */
    HAND_OVER_ACCEL,    /* X-Accel-Redirect: a path of the site, for the web server alone */
};

struct folder {
    const char *name; /* "" of [files] */
    const char *path; /* without a slash at its end */
    const char *index;
    const char *require; /* NULL: none */
    enum folder_access access;
    enum hand_over hand_over;
    const char *accel_prefix; /* "/protected/"; NULL without HAND_OVER_ACCEL */
};

/* The section of that name ("": [files]).
 * 0, or -1 with ERROR_CONFIG: there is none, or it has a mistake. */
int folder_load(struct context *context, const char *name, struct folder *folder) CHECKED;

/* *folder = the one whose files have that PATH_INFO, or NULL if there is none; *rest = what follows
 * its own path in there: "", or "/" and more. A section with a name comes before what bears the
 * same name in [files].
 * 0, or -1 with ERROR_CONFIG. */
int folder_find(struct context *context, const char *path_info, struct folder **folder,
                const char **rest) CHECKED;

/* For who looks before anybody comes: it is there, can be read, and holds nothing of ours, by
 * whatever links it is reached. 0, or -1 with ERROR_FOLDER or ERROR_CONFIG. */
int folder_examine(struct context *context, const struct folder *folder) CHECKED;

/* The part of its path, links resolved, that looks like a web server's document root
 * ("/home/ada/public_html"): what lies there, the web server may give to anybody by itself. NULL if
 * none does. */
const char *folder_document_root(struct arena *arena, const struct folder *folder);

#endif
