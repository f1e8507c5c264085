/*
 * policy: who may come in, as the site ([policy]) and a provider's section say. Both must agree.
 *
 *   allowed_email_domains  the address is in one of these domains, …
 *   allowed_emails         … or is one of these, …
 *   allowed_emails_file    … or one of those in a file: one a line; empty lines and those that
 *                          begin with "#" or ";" are skipped
 *   denied_emails          the address is none of these
 *   denied_subjects        the subject is none of these (of a provider alone)
 *   require                what the provider says meets a requirement (format/mapping.h)
 *
 * Where one of the first three is set, one of them must hold, and for that the address must be
 * verified (oauth/person.h); to be denied, it need not be. Addresses are compared as mail addresses
 * are (format/email_address.h), and the part before the "@" without regard to the case of ASCII
 * letters.
 */
#ifndef LATCHKEY_LOGIN_POLICY_H
#define LATCHKEY_LOGIN_POLICY_H

#include "format/mapping.h"
#include "oauth/person.h"

#define POLICY_FILE_LIMIT (1024U * 1024) /* bytes of an allowed_emails_file */

/* Whether the site lets this person in, who is vouched for by these answers.
 * 0, or -1 with ERROR_POLICY, whose detail is section and setting of the rule ("[policy] require");
 * or with ERROR_CONFIG: an allowed_emails_file cannot be read, or has a mistake. */
int policy_check(struct context *context, const struct provider *provider,
                 const struct person *person, const struct mapping_sources *answers) CHECKED;

/* Rules of a section, and what a refusal by them is. */
struct policy_section {
    const char *name; /* "[rule staff]": for the detail */
    struct policy_rules rules;
    enum error_rule refusal;
};

/* Whether the rules of one section let this person pass; a `require` never does, for there are no
 * answers to look into.
 * 0, or -1 with the section's refusal, or ERROR_CONFIG as above. */
int policy_check_section(struct context *context, const struct policy_section *section,
                         const struct person *person) CHECKED;

/* Whether an allowed_emails_file, if the rules name one, can be read and is right: for who looks
 * before anybody comes. 0, or -1 with ERROR_CONFIG. */
int policy_check_file(struct context *context, const struct policy_rules *rules) CHECKED;

#endif
