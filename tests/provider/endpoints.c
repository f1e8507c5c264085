#include "endpoints.h"

#include "base/text.h"

#include <string.h>

#define GET "GET HEAD", "GET, HEAD"
#define POST "POST", "POST"
#define GET_POST "GET HEAD POST", "GET, HEAD, POST"

static const struct endpoint endpoints[] = {
    {"/", GET, home},
    {"/.well-known/openid-configuration", GET, metadata},
    {"/jwks", GET, jwks},
    {"/authorize", GET_POST, authorize},
    {"/decide", POST, decide},
    {"/token", POST, token},
    {"/userinfo", GET_POST, userinfo},
    {"/logout", GET_POST, logout},
    {"/logout/decide", POST, logout_decide},
    {"/picture/", GET, picture},
    {"/api/notes", GET_POST, api_notes},
    {"/api/notes/", "DELETE", "DELETE", api_note},
    {"/api/time", GET, api_time},
};

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return length > 1 && folder[length - 1] == '/' && text_starts_with(path, folder);
}

const struct endpoint *endpoint_find(const char *path) {
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
        if (text_equal(endpoints[i].path, path) || is_below(path, endpoints[i].path))
            return &endpoints[i];
    return NULL;
}
