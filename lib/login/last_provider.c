#include "login/last_provider.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/cookie.h"

static const char *name(struct context *context) {
    return cookie_name(context->arena, context->config->secure, "last");
}

void last_provider_remember(struct context *context, struct response *response,
                            const struct provider *provider) {
    const struct set_cookie cookie = {
        .name = name(context),
        .value = provider->id,
        .max_age = LAST_PROVIDER_AGE,
        .same_site = SAME_SITE_LAX,
        .secure = context->config->secure,
    };
    response_cookie(response, &cookie);
}

const char *last_provider_recall(struct context *context, const struct request *request,
                                 const struct provider_list *list) {
    const char *id = NULL;
    if (cookie_value(context->arena, request, name(context), &id) != 0)
        arena_forget_error(context->arena); /* two of them are as good as none */
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(id, list->providers[i].id))
            return list->providers[i].id;
    return NULL;
}
