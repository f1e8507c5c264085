/*
 * files.cgi: private files, for those who may see them ([files] and [files NAME]).
 *
 *   GET files.cgi/PATH        the file of that path in the folder of [files]
 *   GET files.cgi/NAME/PATH   that in the folder of [files NAME]
 *
 * Whoever may not see the folder is told so before anything is looked for: a stranger gets 303 to
 * the sign-in page, or 401 as a script, whether the file is there or not. Paths are plain names
 * (edge/beneath.h): what begins with a dot is not there. A folder's path ends with a slash, and is
 * its index page; nothing is listed.
 *
 * Answers to GET and HEAD are as edge/served_file.h says: conditional, and in ranges.
 */
#include "base/text.h"
#include "edge/beneath.h"
#include "edge/config.h"
#include "edge/served_file.h"
#include "format/uri.h"
#include "login/caller.h"
#include "login/folder.h"
#include "login/return_to.h"
#include "login/rule.h"
#include "serve/serve.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "files.cgi"

/* A request on its way. */
struct visit {
    struct context *context;
    const struct request *request;
    struct response *response;
    struct folder *folder; /* NULL: there is no section for this path */
    const char *rest;      /* of PATH_INFO, below the folder's own: "", or "/" and more */
    struct caller caller;  /* nobody, where nobody is asked for */
};

/* ---- who may come in ------------------------------------------------------------------------- */

/* Where there is no section, being signed in is asked for all the same: a stranger does not learn
 * which there are. */
static int check_access(struct visit *visit) {
    if (visit->folder != NULL && visit->folder->access == FOLDER_ANYONE)
        return 0;
    return caller_load(visit->context, visit->request, &visit->caller) != 0
               ? -1
               : rule_check(visit->context, visit->folder == NULL ? NULL : visit->folder->require,
                            &visit->caller);
}

/* Back to this very file; or to its folder, where the file's name is none that may be returned to. */
static const char *place(const struct visit *visit) {
    struct arena *arena = visit->context->arena;
    const char *cgi_path = visit->context->config->cgi_path;
    const char *here = return_to_here(arena, visit->request);
    if (here != NULL)
        return here;
    return visit->folder == NULL || *visit->folder->name == '\0'
               ? arena_format(arena, "%s/" PROGRAM "/", cgi_path)
               : arena_format(arena, "%s/" PROGRAM "/%s/", cgi_path, visit->folder->name);
}

/* 0 if the response leads to the sign-in page, which helps nobody but a person; else -1. */
static int turn_away(const struct visit *visit) {
    struct context *context = visit->context;
    if (visit->caller.session != NULL)
        context->tried = session_display(visit->caller.session);
    if (context->arena->error.rule != ERROR_UNAUTHENTICATED)
        return -1;
    context->login_url = return_to_login_url(context->arena, context->config, place(visit),
                                             visit->caller.session != NULL);
    if (!request_wants_page(visit->request))
        return -1;
    arena_forget_error(context->arena);
    response_redirect(visit->response,
                      config_site_uri(context->arena, context->config, context->login_url));
    return 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The path with a slash behind it, so that the page's own links lead into the folder. */
static int redirect_to_folder(const struct visit *visit) {
    struct arena *arena = visit->context->arena;
    const char *program =
        arena_format(arena, PROGRAM "%s/", uri_encode_path(arena, visit->request->path_info));
    const char *uri = config_program_uri(arena, visit->context->config, program);
    const char *query = visit->request->query_string;
    const char *whole = arena_format(arena, "%s?%s", uri, query);
    struct uri parsed;
    bool has_query =
        *query != '\0' && uri_parse(arena, whole, &parsed) == 0 && parsed.fragment == NULL;
    arena_forget_error(arena);
    response_redirect(visit->response, has_query ? whole : uri);
    return 0;
}

/* Named as the web server reads it: a path in a URL's notation can hold any name. One that is read
 * plainly can, too: no name has a control byte. */
static int hand_over(const struct visit *visit, const char *path, const struct served_file *file) {
    struct arena *arena = visit->context->arena;
    const struct folder *folder = visit->folder;
    const char *whole = arena_format(arena, "%s/%s", folder->path, path);
    if (folder->hand_over == HAND_OVER_PLAIN)
        return served_file_hand_over(visit->response, file, "X-Sendfile", whole);
    if (folder->hand_over == HAND_OVER_SENDFILE)
        return served_file_hand_over(visit->response, file, "X-Sendfile",
                                     uri_encode_path(arena, whole));
    const char *location =
        arena_format(arena, "%s%s", folder->accel_prefix, uri_encode_path(arena, path));
    return served_file_hand_over(visit->response, file, "X-Accel-Redirect", location);
}

static bool ends_with_slash(const char *path) {
    return *path != '\0' && path[strlen(path) - 1] == '/';
}

static int serve_opened(const struct visit *visit, const char *path, int descriptor,
                        const struct stat *status) {
    const struct served_file file = {
        .descriptor = descriptor,
        .status = status,
        .path = path,
        .is_public = visit->folder->access == FOLDER_ANYONE,
    };
    bool is_folder = S_ISDIR(status->st_mode);
    if (is_folder && ends_with_slash(visit->rest))
        return fail(visit->context->arena, ERROR_FILE, "its index page is a folder");
    if (is_folder)
        return redirect_to_folder(visit);
    return visit->folder->hand_over == HAND_OVER_NEVER
               ? served_file_respond(visit->context, visit->request, visit->response, &file)
               : hand_over(visit, path, &file);
}

/* What the person may know: that it is not there. That it is a link, or not ours to read, is as if
 * it were not; the log knows. */
static int refuse(struct arena *arena, int reason) {
    switch (reason) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO:
        return fail(arena, ERROR_FOLDER, "a file cannot be opened: %s", strerror(reason));
    default:
        return fail(arena, ERROR_FILE, "it cannot be opened: %s", strerror(reason));
    }
}

static int serve_beneath(const struct visit *visit, int folder) {
    struct arena *arena = visit->context->arena;
    const char *path = visit->rest + 1;
    struct stat status;
    if (!beneath_is_plain(path))
        return fail(arena, ERROR_REQUEST_PATH, "the path has other than plain names");
    if (ends_with_slash(visit->rest))
        path = arena_format(arena, "%s%s", path, visit->folder->index);
    int descriptor = beneath_open(folder, path, &status);
    if (descriptor < 0)
        return refuse(arena, errno);
    int result = serve_opened(visit, path, descriptor, &status);
    close(descriptor);
    return result;
}

static int serve_file(const struct visit *visit) {
    struct arena *arena = visit->context->arena;
    if (visit->folder == NULL)
        return fail(arena, ERROR_FILE, "there is no [files] section for it");
    if (*visit->rest == '\0')
        return redirect_to_folder(visit);
    int folder = beneath_open_folder(visit->folder->path);
    if (folder < 0)
        return fail(arena, ERROR_FOLDER, "%s cannot be opened: %s", visit->folder->path,
                    strerror(errno));
    int result = serve_beneath(visit, folder);
    close(folder);
    return result;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct visit visit = {.context = context, .request = request, .response = response};
    if (folder_find(context, request->path_info, &visit.folder, &visit.rest) != 0)
        return -1;
    return check_access(&visit) == 0 ? serve_file(&visit) : turn_away(&visit);
}

int main(void) {
    const struct program program = {
        .name = PROGRAM,
        .handle = handle,
        .allow = "GET, HEAD",
        .body = REQUEST_RAW,
        .has_paths = true,
        .mostly_reads = true,
    };
    return serve(&program);
}
