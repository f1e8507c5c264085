/*
 * rule: who may come through a gate: the [rule NAME] sections.
 *
 *   allowed_email_domains, allowed_emails, allowed_emails_file, denied_emails
 *                     as in [policy] (login/policy.h). The address judged is that of the identity
 *                     by which the person signed in; to be denied, that of any identity suffices
 *   allowed_subjects  or the account's `sub` is one of these
 *   denied_subjects   it is none of these
 *   providers         the person signed in by one of these
 *   groups            and is in one of these groups, by what that provider told at the login. Words,
 *                     in single quotes where a name has spaces
 *   recent            the person signed in not longer ago than this
 *
 * All that are set must hold; of the four allowed_*, one. A section that sets nothing, or names what
 * is not there, is an error and no open gate. Where there are several providers, `groups` needs
 * `providers`: at some of them anybody can make a group of any name.
 *
 * What an identity says holds only for sessions that were begun by it (login/membership.h).
 */
#ifndef LATCHKEY_LOGIN_RULE_H
#define LATCHKEY_LOGIN_RULE_H

#include "edge/config.h"
#include "login/caller.h"

#define RULE_NAMES_LIMIT 16 /* that are asked for at once */

struct rule {
    const char *name;
    struct policy_rules people;   /* `denied_subjects` and `require` of it are not used */
    const char *allowed_subjects; /* words; NULL: not set. So below */
    const char *denied_subjects;
    const char *providers;
    const char *groups; /* as it is written */
    int64_t recent;     /* seconds; 0: not set */
};

/* The [rule NAME] of that name. 0, or -1 with ERROR_CONFIG: there is none, or it has a mistake. An
 * allowed_emails_file is not looked at: that is policy_check_file()'s. */
int rule_load(struct context *context, const char *name, struct rule *rule) CHECKED;

/* Whether these are names of rules that are right, one or several, separated by spaces: for a
 * setting `require`. 0, or -1 with ERROR_CONFIG. */
int rule_check_names(struct context *context, const char *names) CHECKED;

/* Whether all of these rules let the caller pass. NULL: who is signed in passes.
 * 0, or -1 with ERROR_UNAUTHENTICATED: nobody is signed in, or must sign in anew (`recent`; then the
 * caller's session is there); ERROR_RULE: it is not for him; ERROR_CONFIG as rule_check_names(),
 * whoever it is that asks; a database error. */
int rule_check(struct context *context, const char *names, const struct caller *caller) CHECKED;

#endif
