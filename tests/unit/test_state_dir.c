/* edge/state_dir: key rings appear once and whole, and only from files that are ours alone. */
#include "house.h"

#include "edge/state_dir.h"

#include "base/text.h"
#include "format/base64url.h"
#include "format/signed_text.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#define KEY_1 "AAAAAAA1 1800000000 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"
#define KEY_2 "AAAAAAA2 1700000000 HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"

/* In place of libc's: a process that wants to be killed between writing a ring and naming it. */
static bool killed_before_rename;

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    if (killed_before_rename)
        raise(SIGKILL);
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

static int files_opened;

int openat(int folder, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    files_opened++;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

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

/* ---- rotation -------------------------------------------------------------------------------- */

/* Everything that is protected was made now, or later. */
static const struct key_needs nothing_older = {.since = HOUSE_TIME};

static int rotate(struct house *house, const struct key_needs *needs, struct key_change *change) {
    return state_dir_rotate_keys(&house->context, KEY_RING_SESSION, needs, change);
}

static struct key_ring ring_of(struct house *house) {
    struct key_ring ring = {.count = 0};
    assert_works(house->arena, state_dir_keys(&house->context, KEY_RING_SESSION, &ring));
    return ring;
}

static void a_rotated_ring_signs_anew_and_verifies_as_before(void **state) {
    struct house house;
    struct key_change change;
    const char *payload = NULL;
    house_open(&house, *state);
    struct key_ring old = ring_of(&house);
    const char *cookie = signed_text_make(house.arena, &old, "test", "payload");
    house.clock.fixed += 100;
    assert_works(house.arena, rotate(&house, &nothing_older, &change));
    struct key_ring ring = ring_of(&house);
    assert_int_equal(ring.count, 2);
    assert_int_equal(change.kept, 1);
    assert_int_equal(change.retired, 0);
    assert_int_equal(ring.keys[0].created_at, HOUSE_TIME + 100);
    assert_string_not_equal(ring.keys[0].id, old.keys[0].id);
    assert_memory_not_equal(ring.keys[0].secret, old.keys[0].secret, KEY_SIZE);
    assert_memory_equal(&ring.keys[1], &old.keys[0], sizeof(struct key));
    assert_int_equal(signed_text_open(house.arena, &ring, "test", cookie, &payload, NULL), 0);
    assert_string_equal(payload, "payload");
    assert_true(
        text_starts_with(signed_text_make(house.arena, &ring, "test", "payload"), ring.keys[0].id));
    house_close(&house);
}

static void a_ring_that_was_never_used_is_rotated_too(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    assert_works(house.arena, rotate(&house, &nothing_older, &change));
    assert_int_equal(ring_of(&house).count, 2);
    house_close(&house);
}

/* KEY_1 followed KEY_2 at 1800000000. */
static void a_key_goes_when_nothing_is_that_old_any_more(void **state) {
    struct house house;
    struct key_change change;
    const char *payload = NULL;
    house_open(&house, *state);
    put_keys(&house, KEY_1 KEY_2, 0600);
    struct key_ring before = ring_of(&house);
    struct key_ring older = {.count = 1, .keys = {before.keys[1]}};
    const char *cookie = signed_text_make(house.arena, &older, "test", "payload");
    house.clock.fixed += 100000;

    assert_works(house.arena,
                 rotate(&house, &(struct key_needs){.since = HOUSE_TIME + KEY_LINGER}, &change));
    struct key_ring ring = ring_of(&house);
    assert_int_equal(ring.count, 3);
    assert_int_equal(signed_text_open(house.arena, &ring, "test", cookie, &payload, NULL), 0);

    assert_works(
        house.arena,
        rotate(&house, &(struct key_needs){.since = HOUSE_TIME + KEY_LINGER + 1}, &change));
    ring = ring_of(&house);
    assert_int_equal(change.retired, 1);
    assert_int_equal(change.kept, 2);
    assert_int_equal(ring.count, 3);
    assert_null(key_ring_find(&ring, "AAAAAAA2"));
    assert_non_null(key_ring_find(&ring, "AAAAAAA1"));
    assert_int_equal(signed_text_open(house.arena, &ring, "test", cookie, &payload, NULL), -1);
    house_close(&house);
}

static void a_key_that_seals_something_stays_however_old(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    put_keys(&house, KEY_1 KEY_2, 0600);
    house.clock.fixed += 100000;
    const struct key_needs needs = {.since = INT64_MAX, .ids = "AAAAAAA9 AAAAAAA2"};
    assert_works(house.arena, rotate(&house, &needs, &change));
    struct key_ring ring = ring_of(&house);
    assert_int_equal(ring.count, 2);
    assert_string_equal(ring.keys[1].id, "AAAAAAA2");
    house_close(&house);
}

static void retiring_takes_old_keys_and_makes_none(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    put_keys(&house, KEY_1 KEY_2, 0600);
    const struct key_needs all = {.since = INT64_MAX};
    assert_works(house.arena,
                 state_dir_retire_keys(&house.context, KEY_RING_SESSION, &nothing_older, &change));
    assert_int_equal(change.retired, 0);
    assert_works(house.arena,
                 state_dir_retire_keys(&house.context, KEY_RING_SESSION, &all, &change));
    assert_int_equal(change.retired, 1);
    assert_int_equal(change.kept, 0);
    struct key_ring ring = ring_of(&house);
    assert_int_equal(ring.count, 1);
    assert_string_equal(ring.keys[0].id, "AAAAAAA1");
    assert_works(house.arena,
                 state_dir_retire_keys(&house.context, KEY_RING_SESSION, &all, &change));
    assert_int_equal(change.retired, 0);
    assert_int_equal(ring_of(&house).count, 1);
    house_close(&house);
}

static void a_clock_that_was_set_back_retires_nothing(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    put_keys(&house, KEY_1 KEY_2, 0600);
    house.clock.fixed = 1000;
    assert_works(house.arena, rotate(&house, &(struct key_needs){.since = 1000}, &change));
    assert_int_equal(ring_of(&house).count, 3);
    house_close(&house);
}

static void a_ring_whose_keys_are_all_needed_is_not_rotated(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    for (int i = 1; i < KEY_RING_LIMIT; i++)
        assert_works(house.arena, rotate(&house, &nothing_older, &change));
    struct key_ring before = ring_of(&house);
    assert_int_equal(before.count, KEY_RING_LIMIT);
    assert_fails(house.arena, ERROR_KEY_RING_FULL, rotate(&house, &nothing_older, &change));
    struct key_ring after = ring_of(&house);
    assert_memory_equal(&after, &before, sizeof(after));

    house.clock.fixed += KEY_LINGER + 1;
    assert_works(house.arena,
                 rotate(&house, &(struct key_needs){.since = house.clock.fixed}, &change));
    assert_int_equal(change.retired, KEY_RING_LIMIT - 1);
    house_close(&house);
}

static void looking_for_a_ring_makes_none(void **state) {
    struct house house;
    struct key_ring ring;
    house_open(&house, *state);
    assert_works(house.arena, state_dir_find_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(ring.count, 0);
    assert_int_equal(access(house_path(&house, "keys"), F_OK), -1);
    put_keys(&house, KEY_1, 0644);
    assert_fails(house.arena, ERROR_KEY_FILE,
                 state_dir_find_keys(&house.context, KEY_RING_SESSION, &ring));
    put_keys(&house, KEY_1, 0600);
    assert_works(house.arena, state_dir_find_keys(&house.context, KEY_RING_SESSION, &ring));
    assert_int_equal(ring.count, 1);
    assert_works(house.arena, state_dir_find_keys(&house.context, KEY_RING_TOKEN, &ring));
    assert_int_equal(ring.count, 0);
    assert_int_equal(access(house_path(&house, "keys/token.keys"), F_OK), -1);
    house_close(&house);
}

static void a_rotated_file_is_as_private_as_before(void **state) {
    struct house house;
    struct key_change change;
    struct stat before;
    struct stat after;
    house_open(&house, *state);
    const char *path = put_keys(&house, KEY_1, 0600);
    if (geteuid() == 0) /* the administrator rotates, but the programs are another user's */
        assert_int_equal(chown(path, 65534, 65533), 0);
    assert_int_equal(stat(path, &before), 0);
    mode_t umask_before = umask(0);
    assert_works(house.arena, rotate(&house, &nothing_older, &change));
    umask(umask_before);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_mode & 07777, 0600);
    assert_int_equal(after.st_uid, before.st_uid);
    assert_int_equal(after.st_gid, before.st_gid);
    assert_int_not_equal(after.st_ino, before.st_ino);
    house_close(&house);
}

static void a_ring_that_is_open_to_others_is_not_rotated(void **state) {
    struct house house;
    struct key_change change;
    house_open(&house, *state);
    put_keys(&house, KEY_1, 0640);
    assert_fails(house.arena, ERROR_KEY_FILE, rotate(&house, &nothing_older, &change));
    house_close(&house);
}

static int rotate_and_die(void *closure, int number) {
    struct key_change change;
    (void)number;
    killed_before_rename = true;
    return rotate(closure, &nothing_older, &change);
}

static void killed_before_the_new_ring_has_its_name(void **state) {
    struct house house;
    struct key_change change;
    int status = 0;
    house_open(&house, *state);
    struct key_ring before = ring_of(&house);
    const char *left = house_path(&house, "keys/.session.keys.new");
    for (int i = 0; i < 2; i++) { /* the second meets what the first left */
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(rotate_and_die(&house, 0));
        assert_true(waitpid(child, &status, 0) == child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_equal(house_mode(left), 0600);
        struct key_ring after = ring_of(&house);
        assert_memory_equal(&after, &before, sizeof(after));
    }
    assert_works(house.arena, rotate(&house, &nothing_older, &change));
    assert_int_equal(ring_of(&house).count, 2);
    assert_int_equal(access(left, F_OK), -1);
    house_close(&house);
}

/* A disk that takes no more than a few bytes. */
static int rotate_on_full_disk(void *closure, int number) {
    struct house *house = closure;
    struct key_change change;
    (void)number;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){10, 10});
    if (rotate(house, &nothing_older, &change) == 0)
        return 1;
    return house->arena->error.rule == ERROR_STATE_DIR ? 0 : 2;
}

static void a_full_disk_changes_nothing(void **state) {
    struct house house;
    house_open(&house, *state);
    struct key_ring before = ring_of(&house);
    house_race(1, rotate_on_full_disk, &house);
    struct key_ring after = ring_of(&house);
    assert_memory_equal(&after, &before, sizeof(after));
    house_close(&house);
}

static int rotate_once(void *closure, int number) {
    struct key_change change;
    (void)number;
    return rotate(closure, &nothing_older, &change);
}

static void seven_rotations_at_once_lose_no_key(void **state) {
    struct house house;
    house_open(&house, *state);
    struct key_ring before = ring_of(&house);
    house_race(KEY_RING_LIMIT - 1, rotate_once, &house);
    struct key_ring after = ring_of(&house);
    assert_int_equal(after.count, KEY_RING_LIMIT);
    assert_memory_equal(&after.keys[KEY_RING_LIMIT - 1], &before.keys[0], sizeof(struct key));
    house_close(&house);
}

/* Readers never meet half a ring, or none. */
static int rotate_or_read(void *closure, int number) {
    struct house *house = closure;
    struct key_ring ring;
    if (number == 0)
        return rotate_once(house, 0);
    for (int i = 0; i < 50; i++)
        if (state_dir_keys(&house->context, KEY_RING_SESSION, &ring) != 0 || ring.count == 0 ||
            key_ring_find(&ring, "AAAAAAA1") == NULL)
            return 1;
    return 0;
}

static void readers_meet_the_old_ring_or_the_new(void **state) {
    struct house house;
    house_open(&house, *state);
    put_keys(&house, KEY_1, 0600);
    house_race(8, rotate_or_read, &house);
    assert_int_equal(ring_of(&house).count, 2);
    house_close(&house);
}

/* ---- keeping what was read ------------------------------------------------------------------- */

static const char *secret_of(struct house *house) {
    struct key_ring ring = ring_of(house);
    return base64url_encode(house->arena, ring.keys[0].secret, KEY_SIZE);
}

static void assert_refused(struct house *house, enum error_rule rule) {
    struct key_ring ring;
    assert_fails(house->arena, rule, state_dir_keys(&house->context, KEY_RING_SESSION, &ring));
}

/* What was only just changed is not kept yet. */
static void wait_until_kept(struct house *house) {
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int before = files_opened - 1;
    for (int i = 0; i < 500 && files_opened != before; i++) {
        nanosleep(&pause, NULL);
        before = files_opened;
        ring_of(house);
    }
    assert_int_equal(files_opened, before);
}

static void a_ring_is_read_once_for_many_requests(void **state) {
    struct house house;
    struct key_ring transaction;
    house_open(&house, *state);
    house.context.key_rings = key_rings_new();
    const char *made = secret_of(&house);
    assert_string_equal(secret_of(&house), made);
    assert_works(house.arena, state_dir_keys(&house.context, KEY_RING_TRANSACTION, &transaction));
    wait_until_kept(&house);
    int before = files_opened;
    for (int i = 0; i < 3; i++)
        assert_string_equal(secret_of(&house), made);
    assert_int_equal(files_opened, before);
    assert_memory_not_equal(transaction.keys[0].secret, ring_of(&house).keys[0].secret, KEY_SIZE);
    key_rings_free(house.context.key_rings);
    key_rings_free(NULL);
    house_close(&house);
}

static void a_rotation_counts_with_the_next_request(void **state) {
    struct house house;
    struct key_change change;
    const struct key_needs none = {.since = INT64_MAX};
    house_open(&house, *state);
    house.context.key_rings = key_rings_new();
    const char *old = secret_of(&house);
    wait_until_kept(&house);
    for (int i = 0; i < 5; i++) {
        assert_works(house.arena, rotate(&house, &nothing_older, &change));
        assert_int_equal(ring_of(&house).count, 2);
        const char *new = secret_of(&house);
        assert_string_not_equal(new, old);
        assert_works(house.arena,
                     state_dir_retire_keys(&house.context, KEY_RING_SESSION, &none, &change));
        assert_int_equal(ring_of(&house).count, 1);
        assert_string_equal(secret_of(&house), new);
        wait_until_kept(&house);
        old = new;
    }
    key_rings_free(house.context.key_rings);
    house_close(&house);
}

static void what_is_kept_is_given_up_when_anything_changes(void **state) {
    static const char first[] = "AAAAAAAA 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    static const char second[] = "AAAAAAAA 1 BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA\n";
    static const char broken[] = "AAAAAAAA 1 CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC!\n";
    struct house house;
    struct house other;
    house_open(&house, *state);
    house_open(&other, *state);
    house.context.key_rings = key_rings_new();
    const char *file = put_keys(&house, first, 0600);
    const char *folder = house_path(&house, "keys");
    const char *aside = house_path(&house, "aside");
    const char *a = secret_of(&house);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), a);

    assert_int_equal(chmod(file, 0640), 0);
    assert_refused(&house, ERROR_KEY_FILE);
    assert_int_equal(chmod(file, 0600), 0);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), a);
    assert_int_equal(chmod(folder, 0750), 0);
    assert_refused(&house, ERROR_STATE_DIR);
    assert_int_equal(chmod(folder, 0700), 0);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), a);
    assert_int_equal(chmod(house.folder, 0702), 0);
    assert_refused(&house, ERROR_STATE_DIR);
    assert_int_equal(chmod(house.folder, 0700), 0);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), a);

    house_write(file, second, 0600);
    const char *b = secret_of(&house);
    assert_string_not_equal(b, a);
    house_write(file, broken, 0600);
    assert_refused(&house, ERROR_KEY_FILE);
    assert_refused(&house, ERROR_KEY_FILE);
    house_write(file, second, 0600);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), b);

    house.config.state_dir = other.folder;
    assert_string_not_equal(secret_of(&house), b);
    house.config.state_dir = house.folder;
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), b);

    assert_int_equal(rename(folder, aside), 0);
    assert_int_equal(symlink("aside", folder), 0);
    assert_refused(&house, ERROR_STATE_DIR);
    assert_int_equal(unlink(folder), 0);
    assert_int_equal(rename(aside, folder), 0);
    wait_until_kept(&house);
    assert_string_equal(secret_of(&house), b);
    assert_int_equal(unlink(file), 0);
    assert_string_not_equal(secret_of(&house), b); /* made anew */
    key_rings_free(house.context.key_rings);
    house_close(&other);
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
        unit_test(a_rotated_ring_signs_anew_and_verifies_as_before),
        unit_test(a_ring_that_was_never_used_is_rotated_too),
        unit_test(a_key_goes_when_nothing_is_that_old_any_more),
        unit_test(a_key_that_seals_something_stays_however_old),
        unit_test(retiring_takes_old_keys_and_makes_none),
        unit_test(a_clock_that_was_set_back_retires_nothing),
        unit_test(a_ring_whose_keys_are_all_needed_is_not_rotated),
        unit_test(looking_for_a_ring_makes_none),
        unit_test(a_rotated_file_is_as_private_as_before),
        unit_test(a_ring_that_is_open_to_others_is_not_rotated),
        unit_test(killed_before_the_new_ring_has_its_name),
        unit_test(a_full_disk_changes_nothing),
        unit_test(seven_rotations_at_once_lose_no_key),
        unit_test(readers_meet_the_old_ring_or_the_new),
        unit_test(a_ring_is_read_once_for_many_requests),
        unit_test(a_rotation_counts_with_the_next_request),
        unit_test(what_is_kept_is_given_up_when_anything_changes),
    };
    return cmocka_run_group_tests_name("state_dir", tests, NULL, NULL);
}
