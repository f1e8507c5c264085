/* login/folder: the sections of private files, their mistakes, and which one a path belongs to. */
#include "fixture.h"

#include "login/folder.h"

#define OP "\n[provider op]\n" FIXTURE_PROVIDER

static void configure(struct fixture *fixture, const char *text) {
    assert_works(fixture->arena,
                 fixture_config_load(fixture, arena_format(fixture->arena, "%s" OP, text)));
}

static struct folder load(struct fixture *fixture, const char *name) {
    struct folder folder;
    assert_works(fixture->arena, folder_load(fixture->context, name, &folder));
    return folder;
}

static void a_folder_is_for_those_who_are_signed_in(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "[files]\nfolder = /srv/members/");
    struct folder folder = load(fixture, "");
    assert_string_equal(folder.name, "");
    assert_string_equal(folder.path, "/srv/members");
    assert_string_equal(folder.index, "index.html");
    assert_null(folder.require);
    assert_int_equal(folder.access, FOLDER_SIGNED_IN);
    assert_int_equal(folder.hand_over, HAND_OVER_NEVER);
}

static void all_can_be_said(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "[files staff]\nfolder = /home/ada/.private files\nrequire = a  b\n"
                       "index = start.htm\naccess = signed-in\nhand_over = x-sendfile\n"
                       "[rule a]\nallowed_emails = a@example.org\n"
                       "[rule b]\nrecent = 15m\n"
                       "[files plain]\nfolder = /srv/plain\nhand_over = x-sendfile-plain\n"
                       "[files open]\nfolder = /srv/open\naccess = anyone\n"
                       "hand_over = x-accel-redirect:/protected/open/\n");
    struct folder folder = load(fixture, "staff");
    assert_string_equal(folder.name, "staff");
    assert_string_equal(folder.path, "/home/ada/.private files");
    assert_string_equal(folder.require, "a  b");
    assert_string_equal(folder.index, "start.htm");
    assert_int_equal(folder.hand_over, HAND_OVER_SENDFILE);
    assert_null(folder.accel_prefix);
    folder = load(fixture, "plain");
    assert_int_equal(folder.hand_over, HAND_OVER_PLAIN);
    folder = load(fixture, "open");
    assert_int_equal(folder.access, FOLDER_ANYONE);
    assert_int_equal(folder.hand_over, HAND_OVER_ACCEL);
    assert_string_equal(folder.accel_prefix, "/protected/open/");
}

static void mistakes_open_nothing(void **state) {
    const struct {
        const char *text, *detail;
    } cases[] = {
        {"", ":4: [files] needs folder"},
        {"folder =", ":5: folder needs a value"},
        {"folder = srv", ":5: folder needs the absolute path"},
        {"folder = ./srv", ":5: folder needs"},
        {"folder = /", ":5: folder needs"},
        {"folder = ///", ":5: folder needs"},
        {"folder = //srv", ":5: folder needs"},
        {"folder = /srv//x", ":5: folder needs"},
        {"folder = /srv/./x", ":5: folder needs"},
        {"folder = /srv/../x", ":5: folder needs"},
        {"folder = /srv/..", ":5: folder needs"},
        {"folder = /srv/.", ":5: folder needs"},
        {"folder = /srv\nrequire =", ":6: require needs a value"},
        {"folder = /srv\nrequire = nobody", ":6: require is wrong: "},
        {"folder = /srv\naccess =", ":6: access needs"},
        {"folder = /srv\naccess = everyone", ":6: access needs signed-in or anyone"},
        {"folder = /srv\naccess = Anyone", ":6: access needs"},
        {"folder = /srv\naccess = anyone\nrequire = a", ":7: require is nothing that anyone"},
        {"folder = /srv\nindex =", ":6: index needs"},
        {"folder = /srv\nindex = a/b", ":6: index needs the name of a file"},
        {"folder = /srv\nindex = a/", ":6: index needs"},
        {"folder = /srv\nindex = ..", ":6: index needs"},
        {"folder = /srv\nindex = .htaccess", ":6: index needs"},
        {"folder = /srv\nindex = a\\b", ":6: index needs"},
        {"folder = /srv\nhand_over = yes", ":6: hand_over needs x-sendfile"},
        {"folder = /srv\nhand_over = X-Sendfile", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-sendfile:/srv/", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:/", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:/a", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:a/", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect://a/", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:/a/../", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:/a?b/", ":6: hand_over needs"},
        {"folder = /srv\nhand_over = x-accel-redirect:/%61/", ":6: hand_over needs"},
        {"folder = /srv\nfolders = /srv", ":6: [files] has no setting folders"},
        {"folder = /srv\nallowed_emails = a@example.org", ":6: [files] has no setting"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct folder folder;
        configure(fixture, arena_format(fixture->arena, "[files]\n%s", cases[i].text));
        if (folder_load(fixture->context, "", &folder) == 0)
            fail_msg("no mistake: %s", cases[i].text);
        assert_int_equal(fixture->arena->error.rule, ERROR_CONFIG);
        if (strstr(fixture->arena->error.detail, cases[i].detail) == NULL)
            fail_msg("%s: %s", cases[i].text, fixture->arena->error.detail);
        arena_forget_error(fixture->arena);
    }
}

/* The state folder of the fixture is /tmp/latchkey-unit-…, and its configuration lies in there. */
static void what_is_ours_is_not_served(void **state) {
    struct fixture *fixture = *state;
    const char *ours[] = {
        fixture->house.folder,
        house_path(&fixture->house, "keys"),
        house_path(&fixture->house, ""),
        "/tmp",
    };
    for (size_t i = 0; i < FIXTURE_COUNT(ours); i++) {
        struct folder folder;
        configure(fixture, arena_format(fixture->arena, "[files]\nfolder = %s", ours[i]));
        assert_fails(fixture->arena, ERROR_CONFIG, folder_load(fixture->context, "", &folder));
    }
    /* a name that only begins like it */
    configure(fixture,
              arena_format(fixture->arena, "[files]\nfolder = %s-files", fixture->house.folder));
    load(fixture, "");
}

static void files_with_secrets_are_not_served(void **state) {
    const char *settings[] = {
        "[policy]\nallowed_emails_file = /srv/members/list.txt",
        "[rule staff]\nallowed_emails_file = /srv/members/deep/list.txt",
        "[api weather]\nkey_file = /srv/members/weather.key",
        "[provider other]\nclient_secret_file = /srv/members/secret",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(settings); i++) {
        struct folder folder;
        configure(fixture,
                  arena_format(fixture->arena, "[files]\nfolder = /srv/members\n%s", settings[i]));
        assert_fails(fixture->arena, ERROR_CONFIG, folder_load(fixture->context, "", &folder));
        configure(fixture, arena_format(fixture->arena, "[files]\nfolder = /srv/members/deeper\n%s",
                                        settings[i]));
        load(fixture, "");
    }
    /* beside the configuration */
    configure(fixture, "[files]\nfolder = /srv/members\n[policy]\nallowed_emails_file = list.txt");
    load(fixture, "");
}

static void the_configuration_is_not_served(void **state) {
    struct fixture *fixture = *state;
    struct folder folder;
    configure(fixture, "[files]\nfolder = /srv/members");
    fixture->house.config.file = "/srv/members/latchkey.conf";
    assert_fails(fixture->arena, ERROR_CONFIG, folder_load(fixture->context, "", &folder));
    fixture->house.config.file = "/srv/latchkey.conf";
    load(fixture, "");
}

/* ---- which one ------------------------------------------------------------------------------- */

static void assert_found(struct fixture *fixture, const char *path_info, const char *name,
                         const char *rest) {
    struct folder *folder = NULL;
    const char *found = NULL;
    assert_works(fixture->arena, folder_find(fixture->context, path_info, &folder, &found));
    if (name == NULL) {
        assert_null(folder);
        return;
    }
    if (folder == NULL || !text_equal(folder->name, name) || !text_equal(found, rest))
        fail_msg("%s: %s, %s", path_info, folder == NULL ? "-" : folder->name, found);
}

static void a_name_comes_before_what_is_in_the_folder_without_one(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "[files]\nfolder = /srv/members\n[files staff]\nfolder = /srv/staff");
    assert_found(fixture, "", "", "");
    assert_found(fixture, "/", "", "/");
    assert_found(fixture, "/a/b", "", "/a/b");
    assert_found(fixture, "/staff", "staff", "");
    assert_found(fixture, "/staff/", "staff", "/");
    assert_found(fixture, "/staff/a/b", "staff", "/a/b");
    assert_found(fixture, "/staff//a", "staff", "//a");
    assert_found(fixture, "/staff2/a", "", "/staff2/a");
    assert_found(fixture, "/Staff/a", "", "/Staff/a");
    assert_found(fixture, "/a/staff", "", "/a/staff");
    assert_found(fixture, "//staff/a", "", "//staff/a");
    assert_found(fixture, "/staff\\a", "", "/staff\\a");
}

static void without_a_section_there_is_none(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "[files staff]\nfolder = /srv/staff");
    assert_found(fixture, "/staff/x", "staff", "/x");
    assert_found(fixture, "", NULL, NULL);
    assert_found(fixture, "/", NULL, NULL);
    assert_found(fixture, "/other/x", NULL, NULL);
    configure(fixture, "");
    assert_found(fixture, "/staff/x", NULL, NULL);
}

static void a_section_with_a_mistake_is_no_way_to_another(void **state) {
    struct fixture *fixture = *state;
    struct folder *folder = NULL;
    const char *rest = NULL;
    configure(fixture, "[files]\nfolder = /srv/members\n[files staff]\nfolder = /srv/../staff");
    assert_fails(fixture->arena, ERROR_CONFIG,
                 folder_find(fixture->context, "/staff/x", &folder, &rest));
}

/* ---- what is there --------------------------------------------------------------------------- */

static int examine(struct fixture *fixture, const char *path) {
    const struct folder folder = {.name = "", .path = path};
    return folder_examine(fixture->context, &folder);
}

static void a_folder_is_looked_at_before_anybody_comes(void **state) {
    struct fixture *fixture = *state;
    char place[] = "/tmp/latchkey-folder-XXXXXX";
    assert_non_null(mkdtemp(place));
    const char *link = arena_format(fixture->arena, "%s/link", place);
    const char *file = arena_format(fixture->arena, "%s/file", place);
    assert_works(fixture->arena, examine(fixture, place));
    assert_fails(fixture->arena, ERROR_FOLDER, examine(fixture, link));
    house_write(file, "", 0600);
    assert_fails(fixture->arena, ERROR_FOLDER, examine(fixture, file));
    /* a link to where the keys are */
    assert_int_equal(symlink(fixture->house.folder, link), 0);
    assert_fails(fixture->arena, ERROR_CONFIG, examine(fixture, link));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("/tmp", link), 0);
    assert_fails(fixture->arena, ERROR_CONFIG, examine(fixture, link));
    assert_int_equal(nftw(place, house_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void what_looks_public_is_noticed(void **state) {
    struct fixture *fixture = *state;
    const struct {
        const char *path, *root;
    } cases[] = {
        {"/home/ada/public_html/members", "/home/ada/public_html"},
        {"/var/www/html", "/var/www"},
        {"/srv/htdocs/a/b", "/srv/htdocs"},
        {"/srv/members", NULL},
        {"/srv/members/html2", NULL},
        {"/home/ada/private", NULL},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const struct folder folder = {.path = cases[i].path};
        const char *root = folder_document_root(fixture->arena, &folder);
        if (cases[i].root == NULL ? root != NULL : !text_equal(root, cases[i].root))
            fail_msg("%s: %s", cases[i].path, root == NULL ? "-" : root);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_folder_is_for_those_who_are_signed_in),
        fixture_test(all_can_be_said),
        fixture_test(mistakes_open_nothing),
        fixture_test(what_is_ours_is_not_served),
        fixture_test(files_with_secrets_are_not_served),
        fixture_test(the_configuration_is_not_served),
        fixture_test(a_name_comes_before_what_is_in_the_folder_without_one),
        fixture_test(without_a_section_there_is_none),
        fixture_test(a_section_with_a_mistake_is_no_way_to_another),
        fixture_test(a_folder_is_looked_at_before_anybody_comes),
        fixture_test(what_looks_public_is_noticed),
    };
    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
