/* edge/state_dir: key rings appear once and whole, and only from files that are ours alone. */
#include "house.h"

#include "edge/state_dir.h"

#include <dirent.h>

#define KEY_1 "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"
#define KEY_2 "AAAAAAA2 1700000000 HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"

/* Writes a key file, with its folder. */
static char *put_keys(struct house *house, const char *text, mode_t mode) {
    mkdir(house_path(house, "keys"), 0700);
    char *path = house_path(house, "keys/session.keys");
    house_write(path, text, mode);
    return path;
}

static void first_use_makes_a_ring_of_one_key(void **state) {
    struct house house;
    struct key_ring ring;
    struct key_ring again;
    mode_t umask_before = umask(0);
    house_open(&house, *state);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    umask(umask_before);
    assert_int_equal(ring.count, 1);
    assert_int_equal(ring.keys[0].created_at, HOUSE_TIME);
    assert_int_equal(strlen(ring.keys[0].id), 8);
    assert_int_equal(house_mode(house_path(&house, "keys")), 0700);
    assert_int_equal(house_mode(house_path(&house, "keys/session.keys")), 0600);

    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &again));
    assert_string_equal(again.keys[0].id, ring.keys[0].id);
    assert_memory_equal(again.keys[0].secret, ring.keys[0].secret, KEY_SIZE);
    house_close(&house);
}

static void each_purpose_has_keys_of_its_own(void **state) {
    struct house house;
    struct key_ring session;
    struct key_ring transaction;
    house_open(&house, *state);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &session));
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_TRANSACTION, &transaction));
    assert_memory_not_equal(session.keys[0].secret, transaction.keys[0].secret, KEY_SIZE);
    house_close(&house);
}

static void no_other_file_is_left_behind(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    int files = 0;
    DIR *folder = opendir(house_path(&house, "keys"));
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        files += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(folder);
    assert_int_equal(files, 1);
    house_close(&house);
}

static void a_ring_is_read_in_order(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    put_keys(&house, KEY_1 KEY_2, 0600);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(ring.count, 2);
    assert_string_equal(ring.keys[0].id, "AAAAAAA1");
    assert_int_equal(ring.keys[1].created_at, 1700000000);
    assert_int_equal(ring.keys[1].secret[0], 0x1F);
    assert_int_equal(ring.keys[1].secret[31], 0x1F);
    house_close(&house);
}

static void a_malformed_file_is_refused(void **state) {
    const char *bad[] = {
        "",
        "\n",
        "AAAAAAA1",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        KEY_1 "\n",
        KEY_1 "# a comment\n",
        " " KEY_1,
        "AAAAAAA1  1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAAA 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAA.1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAAA1 -1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAAA1  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAAA1 99999999999999999999 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg\n",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9\n",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 x\n",
        "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\r\n",
        KEY_1 KEY_2 KEY_1,
    };
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put_keys(&house, bad[i], 0600);
        assert_fails(house.arena, ERROR_KEY_FILE,
                     state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    }
    house_close(&house);
}

static void more_keys_than_a_ring_holds_are_refused(void **state) {
    struct house house;
    struct key_ring ring;
    struct buffer text;
    house_open(&house, *state);
    buffer_open(house.arena, &text);
    for (int i = 0; i < KEY_RING_LIMIT; i++)
        buffer_add_format(&text, "AAAAAAA%d 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", i);
    put_keys(&house, text.bytes, 0600);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(ring.count, KEY_RING_LIMIT);
    buffer_add_text(&text, "AAAAAAA9 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    put_keys(&house, text.bytes, 0600);
    assert_fails(house.arena, ERROR_KEY_FILE,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    for (int i = 0; i < 100; i++)
        buffer_add_text(&text, KEY_1);
    put_keys(&house, text.bytes, 0600);
    assert_fails(house.arena, ERROR_KEY_FILE,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_close(&house);
}

static void a_file_open_to_others_is_refused(void **state) {
    const mode_t bad[] = {0640, 0604, 0660, 0620, 0601};
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *path = put_keys(&house, KEY_1, bad[i]);
        assert_int_equal(state_dir_keys(&house.context, KEY_RING_SESSION, &ring), -1);
        assert_int_equal(house.arena->error.rule, ERROR_KEY_FILE);
        assert_non_null(strstr(house.arena->error.detail, "chmod 600 "));
        house.arena->error = (struct error){.rule = ERROR_NONE};
        unlink(path);
    }
    house_close(&house);
}

static void a_file_that_is_none_is_refused(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    const char *path = put_keys(&house, KEY_1, 0600);
    const char *aside = house_path(&house, "keys/aside");
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(aside, path), 0);
    assert_fails(house.arena, ERROR_KEY_FILE,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(house.arena, ERROR_KEY_FILE,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_close(&house);
}

static void folders_open_to_others_are_refused(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    assert_int_equal(chmod(house.folder, 0777), 0);
    assert_fails(house.arena, ERROR_STATE_DIR,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(chmod(house.folder, 0770), 0);
    put_keys(&house, KEY_1, 0600);
    assert_int_equal(chmod(house_path(&house, "keys"), 0750), 0);
    assert_fails(house.arena, ERROR_STATE_DIR,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(chmod(house_path(&house, "keys"), 0700), 0);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_close(&house);
}

static void a_missing_folder_is_told(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    house.config.state_dir = house_path(&house, "nowhere");
    assert_fails(house.arena, ERROR_STATE_DIR,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_write(house.config.state_dir, "", 0600);
    assert_fails(house.arena, ERROR_STATE_DIR,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_close(&house);
}

static void a_folder_behind_a_link_is_refused(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    assert_int_equal(mkdir(house_path(&house, "elsewhere"), 0700), 0);
    assert_int_equal(symlink("elsewhere", house_path(&house, "keys")), 0);
    assert_fails(house.arena, ERROR_STATE_DIR,
                 state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    house_close(&house);
}

/* As nobody, whom a test run by root becomes: what is another's, or cannot be written, is
 * refused. */
static int refuse_as_nobody(void *closure, int number) {
    struct house *house = closure;
    struct key_ring ring;
    (void)number;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (state_dir_keys(&house->context, KEY_RING_SESSION, &ring) == 0)
        return 2;
    return house->arena->error.rule == ERROR_STATE_DIR ? 0 : 3;
}

static void a_folder_that_is_not_ours_is_refused(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    assert_int_equal(chmod(house.folder, 0755), 0);
    if (geteuid() == 0) {
        house_race(1, refuse_as_nobody, &house);
        assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
        house_race(1, refuse_as_nobody, &house);
    } else {
        house.config.state_dir = "/usr";
        house_race(1, refuse_as_nobody, &house);
    }
    house_close(&house);
}

static int write_key_id(void *closure, int number) {
    struct house *house = closure;
    struct key_ring ring;
    if (state_dir_keys(&house->context, KEY_RING_SESSION, &ring) != 0 || ring.count != 1)
        return 1;
    house_write(house_path(house, arena_format(house->arena, "id-%d", number)), ring.keys[0].id,
                0600);
    return 0;
}

static void twenty_first_requests_agree(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    house_race(20, write_key_id, &house);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_SESSION, &ring));
    for (int number = 0; number < 20; number++) {
        char id[16] = "";
        int file = open(house_path(&house, arena_format(house.arena, "id-%d", number)), O_RDONLY);
        assert_int_equal(read(file, id, sizeof(id)), 8);
        close(file);
        assert_string_equal(id, ring.keys[0].id);
    }
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(first_use_makes_a_ring_of_one_key),
        unit_test(each_purpose_has_keys_of_its_own),
        unit_test(no_other_file_is_left_behind),
        unit_test(a_ring_is_read_in_order),
        unit_test(a_malformed_file_is_refused),
        unit_test(more_keys_than_a_ring_holds_are_refused),
        unit_test(a_file_open_to_others_is_refused),
        unit_test(a_file_that_is_none_is_refused),
        unit_test(folders_open_to_others_are_refused),
        unit_test(a_missing_folder_is_told),
        unit_test(a_folder_behind_a_link_is_refused),
        unit_test(a_folder_that_is_not_ours_is_refused),
        unit_test(twenty_first_requests_agree),
    };
    return cmocka_run_group_tests_name("state_dir", tests, NULL, NULL);
}
