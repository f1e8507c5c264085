/*
 * latchkey: who is signed in, for a CGI or FastCGI program in C.
 *
 *     #include <latchkey.h>
 *     #include <stdio.h>
 *
 *     int main(void) {
 *         struct latchkey *latchkey = latchkey_open(NULL);
 *         const char *refusal = latchkey_refusal(latchkey, NULL);
 *         if (refusal != NULL)
 *             fputs(refusal, stdout);
 *         else
 *             printf("Content-Type: text/plain\nCache-Control: no-store\n\n%s\n",
 *                    latchkey_user(latchkey)->sub);
 *         latchkey_close(latchkey);
 *     }
 *
 *     cc -o who.cgi who.c $(pkg-config --cflags --libs --static latchkey)
 *
 * The configuration is found as the programs find it: the environment variable LATCHKEY_CONF, else the
 * path compiled in. The program must run as the user that they run as.
 *
 * Standard input and output are never touched; what goes wrong is logged to standard error, as the
 * programs do. What is told of a person is UTF-8 without control characters. All texts belong to the
 * struct latchkey and live until it is closed. A request has one; one thread uses it at a time. Only names that begin with
 * latchkey are defined. Out of memory, the process ends with status 70 (EX_SOFTWARE).
 *
 * Where something fails, nobody is signed in: no answer of these functions lets anybody in by mistake.
 */
#ifndef LATCHKEY_H
#define LATCHKEY_H

#ifdef __cplusplus
extern "C" {
#endif

/* One request. Every function takes NULL for one of which nothing could be found out. */
struct latchkey;

/* What is known of the person. NULL: not known, unless it says otherwise. */
struct latchkey_user {
    const char *sub;  /* never NULL: never changes, is never given to anyone else */
    const char *name; /* as written by the person: escape it in HTML; so all below */
    const char *email;
    int email_verified; /* 1: by the provider, so that it can be relied on */
    const char *picture;
    const char *locale;
    const char *provider; /* the [provider …] that the person signed in by */
    const char *const
        *groups;            /* ends with NULL, never NULL: what the provider said at this login */
    long long signed_in_at; /* seconds since 1970 */
    const char *csrf_token; /* for forms of the program's own; NULL where a token came, no cookie */
};

/* Reads this request from the environment that a web server made: the process's own for NULL (CGI), or
 * the one of a FastCGI request (`request.envp` of libfcgi). To be closed by latchkey_close(). */
struct latchkey *latchkey_open(char *const *environment);

/* Closes the database, wipes and frees everything. Harmless for NULL. */
void latchkey_close(struct latchkey *latchkey);

/* The person, or NULL: nobody is signed in, or something failed. */
const struct latchkey_user *latchkey_user(struct latchkey *latchkey);

/* NULL: the request may go on. Else the whole answer to write in place of any other, fields and body:
 * 303 to the sign-in page and back for a browser, 401, 403 or 500 as a page or as JSON.
 *
 * `rules` are names of [rule NAME] sections, separated by spaces; all must let the person pass. NULL:
 * being signed in suffices. A request by another method than GET, HEAD and OPTIONS that another site
 * made a browser send is refused too. */
const char *latchkey_refusal(struct latchkey *latchkey, const char *rules);

/* 1: somebody is signed in whom these rules let pass; 0: not, or something failed. For what a page
 * shows to some people and not to others. */
int latchkey_allows(struct latchkey *latchkey, const char *rules);

/* 1: this request was meant by the person: it comes from a page of this site, and the token that came
 * with it is that of the session. `csrf_token` is what the program found in a posted form; NULL: the
 * field X-CSRF-Token is looked at. For whatever changes something. */
int latchkey_was_meant(struct latchkey *latchkey, const char *csrf_token);

/* "/cgi-bin/login.cgi?return_to=…": where to sign in, and then come back to the path `return_to` of
 * this site; NULL: to this request's own. "" if the configuration cannot be read. */
const char *latchkey_sign_in_url(struct latchkey *latchkey, const char *return_to);

/* "/cgi-bin/logout.cgi": a form posts there. "" if the configuration cannot be read. */
const char *latchkey_sign_out_url(struct latchkey *latchkey);

/* What failed, for the operator: "config: /etc/latchkey.conf:3: …". NULL: nothing did. */
const char *latchkey_error(struct latchkey *latchkey);

#ifdef __cplusplus
}
#endif

#endif
