/* edge/beneath: what is in the folder opens, and nothing else: by openat2(2), name by name, and where
 * a filter forbids openat2(2). */
#include "house.h"

#include "base/text.h"
#include "edge/beneath.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

typedef int opener(int folder, const char *path, struct stat *status);

/* A folder "in", and what lies beside it. */
struct place {
    struct house house;
    int folder;
};

static void make_folder(struct place *place, const char *name) {
    assert_int_equal(mkdir(house_path(&place->house, name), 0700), 0);
}

static void make_file(struct place *place, const char *name) {
    house_write(house_path(&place->house, name), name, 0600);
}

static void make_link(struct place *place, const char *to, const char *name) {
    assert_int_equal(symlink(to, house_path(&place->house, name)), 0);
}

static void make_socket(struct place *place, const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(socket_ >= 0);
    const char *path = house_path(&place->house, name);
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path));
    assert_int_equal(bind(socket_, (struct sockaddr *)&address, sizeof(address)), 0);
    close(socket_);
}

static void open_place(struct place *place, struct arena *arena) {
    house_open(&place->house, arena);
    make_folder(place, "in");
    make_folder(place, "in/deep");
    make_folder(place, "in/deep/deeper");
    make_folder(place, "in/.git");
    make_folder(place, "out");
    make_file(place, "secret");
    make_file(place, "out/secret");
    make_file(place, "in/a.txt");
    make_file(place, "in/a b;c#d?e%2e.txt");
    make_file(place, "in/\xEC\x82\xAC\xEC\xA7\x84.png");
    make_file(place, "in/deep/b.txt");
    make_file(place, "in/deep/deeper/c.txt");
    make_file(place, "in/.htpasswd");
    make_file(place, "in/deep/.hidden");
    make_file(place, "in/.git/config");
    make_file(place, "in/back\\slash");
    make_file(place, "in/line\nbreak");
    make_link(place, "../secret", "in/to_secret");
    make_link(place, house_path(&place->house, "secret"), "in/to_secret_absolutely");
    make_link(place, "../out", "in/to_out");
    make_link(place, "/", "in/root");
    make_link(place, "a.txt", "in/to_a");
    make_link(place, "deep", "in/to_deep");
    make_link(place, ".git", "in/to_git");
    make_link(place, "loop", "in/loop");
    make_link(place, "nothing", "in/to_nothing");
    make_link(place, "/proc/self/root", "in/magic");
    assert_int_equal(mkfifo(house_path(&place->house, "in/fifo"), 0600), 0);
    make_socket(place, "in/socket");
    place->folder = beneath_open_folder(house_path(&place->house, "in"));
    assert_true(place->folder >= 0);
}

static void close_place(struct place *place) {
    close(place->folder);
    house_close(&place->house);
}

/* The text of the file, or NULL if it does not open. */
static const char *text_of(struct place *place, opener *open_, const char *path) {
    struct stat status;
    char text[200];
    int descriptor = open_(place->folder, path, &status);
    if (descriptor < 0)
        return NULL;
    ssize_t got = read(descriptor, text, sizeof(text));
    int flags = fcntl(descriptor, F_GETFD);
    close(descriptor);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(got, status.st_size);
    assert_true((flags & FD_CLOEXEC) != 0);
    return arena_copy(place->house.arena, text, (size_t)got);
}

static void check_files(struct place *place, opener *open_) {
    const char *paths[] = {
        "a.txt",      "a b;c#d?e%2e.txt",  "\xEC\x82\xAC\xEC\xA7\x84.png",
        "deep/b.txt", "deep/deeper/c.txt",
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *text = text_of(place, open_, paths[i]);
        const char *expected = arena_format(place->house.arena, "in/%s", paths[i]);
        if (!text_equal(text, expected))
            fail_msg("%s: %s", paths[i], text == NULL ? strerror(errno) : text);
    }
}

static void check_folders(struct place *place, opener *open_) {
    const char *paths[] = {"", "deep", "deep/", "deep/deeper", "deep/deeper/"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct stat status;
        int descriptor = open_(place->folder, paths[i], &status);
        if (descriptor >= 0 && S_ISDIR(status.st_mode))
            close(descriptor);
        else
            fail_msg("%s: %s", paths[i], strerror(errno));
    }
}

/* What must not open, and the errno if that is the same both ways (0: any). */
static const struct {
    const char *path;
    int reason;
} closed[] = {
    {"nothing", ENOENT},
    {"deep/nothing", ENOENT},
    {"nothing/a.txt", ENOENT},
    {"A.TXT", ENOENT},
    {"a.txt/", ENOTDIR},
    {"a.txt/b", ENOTDIR},
    {"deep/b.txt/", ENOTDIR},
    {".", ENOENT},
    {"..", ENOENT},
    {"../secret", ENOENT},
    {"../in/a.txt", ENOENT},
    {"deep/../a.txt", ENOENT},
    {"deep/../../secret", ENOENT},
    {"deep/./b.txt", ENOENT},
    {"./a.txt", ENOENT},
    {"...", ENOENT},
    {"..;/secret", ENOENT},
    {"deep/..", ENOENT},
    {"deep/.", ENOENT},
    {"/", ENOENT},
    {"/a.txt", ENOENT},
    {"/etc/passwd", ENOENT},
    {"//etc/passwd", ENOENT},
    {"deep//b.txt", ENOENT},
    {"deep/b.txt//", ENOENT},
    {".htpasswd", ENOENT},
    {".git", ENOENT},
    {".git/config", ENOENT},
    {"deep/.hidden", ENOENT},
    {"back\\slash", ENOENT},
    {"..\\secret", ENOENT},
    {"line\nbreak", ENOENT},
    {"a.txt\x01", ENOENT},
    {"a.txt\x7F", ENOENT},
    {"to_secret", ELOOP},
    {"to_secret_absolutely", ELOOP},
    {"to_a", ELOOP},
    {"to_out", ELOOP},
    {"to_deep", ELOOP},
    {"to_git", ELOOP},
    {"loop", ELOOP},
    {"to_nothing", ELOOP},
    {"to_out/secret", 0},
    {"to_deep/b.txt", 0},
    {"to_git/config", 0},
    {"to_deep/", 0},
    {"root/etc/passwd", 0},
    {"magic/etc/passwd", 0},
    {"loop/a", 0},
    {"fifo", ENXIO},
    {"socket", ENXIO},
};

static void check_closed(struct place *place, opener *open_) {
    for (size_t i = 0; i < COUNT(closed); i++) {
        struct stat status;
        errno = 0;
        int descriptor = open_(place->folder, closed[i].path, &status);
        int reason = errno;
        if (descriptor >= 0)
            fail_msg("open: %s", closed[i].path);
        if (closed[i].reason != 0 && reason != closed[i].reason)
            fail_msg("%s: %s", closed[i].path, strerror(reason));
        assert_int_not_equal(reason, 0);
    }
}

static void check_all(struct place *place, opener *open_) {
    check_files(place, open_);
    check_folders(place, open_);
    check_closed(place, open_);
}

static void in_one_step(void **state) {
    struct place place;
    open_place(&place, *state);
    check_all(&place, beneath_open);
    close_place(&place);
}

static void name_by_name(void **state) {
    struct place place;
    open_place(&place, *state);
    check_all(&place, beneath_walk);
    close_place(&place);
}

/* ---- without openat2(2) ---------------------------------------------------------------------- */

/* From now on openat2(2) fails like this, in this process. */
static bool forbid_openat2(int reason) {
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)reason),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {COUNT(instructions), instructions};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static bool is_forbidden(int reason) {
    const struct open_how how = {.flags = O_RDONLY};
    return syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)) == -1 && errno == reason;
}

/* An assert cannot leave a child: 0 if everything is as it must be. */
static int without_openat2(struct place *place, int reason) {
    struct stat status;
    if (!forbid_openat2(reason) || !is_forbidden(reason))
        return 1;
    if (!text_equal(text_of(place, beneath_open, "deep/b.txt"), "in/deep/b.txt"))
        return 2;
    for (size_t i = 0; i < COUNT(closed); i++)
        if (beneath_open(place->folder, closed[i].path, &status) >= 0)
            return 3;
    return 0;
}

static void where_a_filter_or_an_old_kernel_has_no_openat2(void **state) {
    const int reasons[] = {EPERM, ENOSYS};
    struct place place;
    open_place(&place, *state);
    for (size_t i = 0; i < COUNT(reasons); i++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(without_openat2(&place, reasons[i]));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    close_place(&place);
}

/* ---- while somebody moves things --------------------------------------------------------------- */

/* Turns in/deep into a link that leads out and back again, all the time. */
static void swap_forever(struct place *place) {
    const char *deep = house_path(&place->house, "in/deep");
    const char *link = house_path(&place->house, "in/to_out");
    for (;;)
        if (renameat2(AT_FDCWD, deep, AT_FDCWD, link, RENAME_EXCHANGE) != 0)
            _exit(1);
}

static void check_while_swapped(struct place *place, opener *open_) {
    int opened = 0;
    for (int i = 0; i < 20000; i++) {
        struct stat status;
        char text[100] = "";
        int descriptor = open_(place->folder, "deep/secret", &status);
        if (descriptor >= 0)
            fail_msg("%zd bytes from outside", read(descriptor, text, sizeof(text)));
        descriptor = open_(place->folder, "deep/b.txt", &status);
        if (descriptor < 0)
            continue;
        opened++;
        close(descriptor);
    }
    assert_true(opened > 0);
}

static void a_link_that_comes_in_between_leads_nowhere(void **state) {
    struct place place;
    int status = 0;
    open_place(&place, *state);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        swap_forever(&place);
    check_while_swapped(&place, beneath_open);
    check_while_swapped(&place, beneath_walk);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it was at it until then */
    close_place(&place);
}

/* ---- the rest ---------------------------------------------------------------------------------- */

static void names_have_a_length(void **state) {
    char name[NAME_MAX + 2];
    struct place place;
    struct stat status;
    open_place(&place, *state);
    memset(name, 'a', sizeof(name) - 1);
    name[NAME_MAX + 1] = '\0';
    assert_false(beneath_is_plain(name));
    assert_int_equal(beneath_open(place.folder, name, &status), -1);
    name[NAME_MAX] = '\0';
    assert_true(beneath_is_plain(name));
    assert_int_equal(beneath_open(place.folder, name, &status), -1);
    assert_int_equal(errno, ENOENT);
    close_place(&place);
}

/* More names than a path of the kernel's may have bytes: an answer, and no overflow. */
static void paths_may_be_long(void **state) {
    opener *const openers[] = {beneath_open, beneath_walk};
    struct place place;
    struct buffer path;
    struct stat status;
    open_place(&place, *state);
    buffer_open(*state, &path);
    for (int i = 0; i < 4000; i++)
        buffer_add_text(&path, "a/");
    for (size_t i = 0; i < COUNT(openers); i++)
        assert_int_equal(openers[i](place.folder, path.bytes, &status), -1);
    close_place(&place);
}

static void nothing_stays_open(void **state) {
    struct place place;
    open_place(&place, *state);
    int before = dup(place.folder);
    close(before);
    check_all(&place, beneath_open);
    check_all(&place, beneath_walk);
    int after = dup(place.folder);
    close(after);
    assert_int_equal(after, before);
    close_place(&place);
}

static void a_folder_is_a_folder(void **state) {
    struct place place;
    open_place(&place, *state);
    make_link(&place, "in", "link");
    int folder = beneath_open_folder(house_path(&place.house, "link"));
    assert_true(folder >= 0);
    close(folder);
    assert_int_equal(beneath_open_folder(house_path(&place.house, "secret")), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(beneath_open_folder(house_path(&place.house, "nothing")), -1);
    assert_int_equal(errno, ENOENT);
    close_place(&place);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(in_one_step),
        unit_test(name_by_name),
        unit_test(where_a_filter_or_an_old_kernel_has_no_openat2),
        unit_test(a_link_that_comes_in_between_leads_nowhere),
        unit_test(names_have_a_length),
        unit_test(paths_may_be_long),
        unit_test(nothing_stays_open),
        unit_test(a_folder_is_a_folder),
    };
    return cmocka_run_group_tests_name("beneath", tests, NULL, NULL);
}
