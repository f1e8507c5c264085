/* format/user_agent: the fields of today's browsers, by the names that people call them. */
#include "unit.h"

#include "format/user_agent.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MOZILLA "Mozilla/5.0 "
#define WEBKIT " AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "

static void browsers_are_called_by_their_names(void **state) {
    static const struct {
        const char *field;
        const char *name;
    } fields[] = {
        {MOZILLA "(Windows NT 10.0; Win64; x64)" WEBKIT "Safari/537.36", "Chrome, Windows"},
        {MOZILLA "(Windows NT 10.0; Win64; x64)" WEBKIT "Safari/537.36 Edg/131.0.2903.86",
         "Edge, Windows"},
        {MOZILLA "(Windows NT 10.0; Win64; x64)" WEBKIT "Safari/537.36 OPR/116.0.0.0",
         "Opera, Windows"},
        {MOZILLA "(Windows NT 10.0; Win64; x64)" WEBKIT "Whale/4.29.282.14 Safari/537.36",
         "Whale, Windows"},
        {MOZILLA "(Linux; Android 10; K)" WEBKIT "Mobile Safari/537.36", "Chrome, Android"},
        {MOZILLA "(Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "SamsungBrowser/27.0 "
                 "Chrome/125.0.0.0 Mobile Safari/537.36",
         "Samsung Internet, Android"},
        {MOZILLA "(Linux; Android 10; K)" WEBKIT "Mobile Safari/537.36 EdgA/131.0.0.0",
         "Edge, Android"},
        {MOZILLA "(X11; CrOS x86_64 14541.0.0)" WEBKIT "Safari/537.36", "Chrome, ChromeOS"},
        {MOZILLA "(X11; Linux x86_64)" WEBKIT "Safari/537.36", "Chrome, Linux"},
        {MOZILLA "(X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox, Linux"},
        {MOZILLA "(Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
         "Firefox, macOS"},
        {MOZILLA "(Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox, Android"},
        {MOZILLA "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                 "Version/18.1 "
                 "Safari/605.1.15",
         "Safari, macOS"},
        {MOZILLA "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
                 "Gecko) Version/18.1 "
                 "Mobile/15E148 Safari/604.1",
         "Safari, iPhone"},
        {MOZILLA "(iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                 "CriOS/131.0.6778.73 "
                 "Mobile/15E148 Safari/604.1",
         "Chrome, iPad"},
        {MOZILLA "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
                 "Gecko) FxiOS/133.0 "
                 "Mobile/15E148 Safari/605.1.15",
         "Firefox, iPhone"},
        {MOZILLA "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
                 "Gecko) Version/18.0 "
                 "EdgiOS/131.0 Mobile/15E148 Safari/604.1",
         "Edge, iPhone"},
        {"curl/8.5.0", "curl"},
        {"Lynx/2.8.9 (Windows)", "Windows"},
    };
    for (size_t i = 0; i < COUNT(fields); i++)
        assert_string_equal(user_agent_describe(*state, fields[i].field), fields[i].name);
}

static void what_nobody_knows_has_no_name(void **state) {
    static const char *const fields[] = {NULL,         "",         "Lynx/2.8.9",
                                         "chrome/131", "<script>", "Mozilla/5.0"};
    for (size_t i = 0; i < COUNT(fields); i++)
        assert_null(user_agent_describe(*state, fields[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(browsers_are_called_by_their_names),
        unit_test(what_nobody_knows_has_no_name),
    };
    return cmocka_run_group_tests_name("user_agent", tests, NULL, NULL);
}
