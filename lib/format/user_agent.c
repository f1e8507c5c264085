#include "format/user_agent.h"

#include <string.h>

struct sign {
    const char *word; /* that stands in the field */
    const char *name;
};

/* Nearly all claim to be others too: the most particular comes first. */
static const struct sign browsers[] = {
    {"Edg/", "Edge"},      {"EdgiOS/", "Edge"},     {"EdgA/", "Edge"},
    {"OPR/", "Opera"},     {"Whale/", "Whale"},     {"SamsungBrowser/", "Samsung Internet"},
    {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"},
    {"Chrome/", "Chrome"}, {"Safari/", "Safari"},   {"curl/", "curl"},
};

static const struct sign systems[] = {
    {"iPhone", "iPhone"},  {"iPad", "iPad"},     {"Android", "Android"}, {"Windows", "Windows"},
    {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
};

static const char *find(const struct sign *signs, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (strstr(text, signs[i].word) != NULL)
            return signs[i].name;
    return NULL;
}

const char *user_agent_describe(struct arena *arena, const char *user_agent) {
    if (user_agent == NULL)
        return NULL;
    const char *browser = find(browsers, sizeof(browsers) / sizeof(browsers[0]), user_agent);
    const char *system = find(systems, sizeof(systems) / sizeof(systems[0]), user_agent);
    if (browser != NULL && system != NULL)
        return arena_format(arena, "%s, %s", browser, system);
    return browser != NULL ? browser : system;
}
