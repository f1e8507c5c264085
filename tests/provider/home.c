/* The provider's own page. */
#include "endpoints.h"
#include "pages.h"

int home(struct exchange *exchange) {
    return page_home(exchange);
}
