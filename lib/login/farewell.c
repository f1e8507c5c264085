#include "login/farewell.h"

int farewell_to_identity(struct context *context, int64_t account, int64_t identity) {
    (void)context;
    (void)account;
    (void)identity;
    return 0;
}

int farewell_to_account(struct context *context, int64_t account) {
    (void)context;
    (void)account;
    return 0;
}
