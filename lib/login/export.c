#include "login/export.h"

int export_account(struct context *context, int64_t account, struct json **document) {
    (void)account;
    *document = json_object(context->arena);
    return 0;
}
