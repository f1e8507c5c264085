/* The people's pictures: a circle with the first letter of the name, as SVG. */
#include "endpoints.h"
#include "pages.h"

#include "format/template.h"

#include <string.h>

static const char drawing[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\">"
    "<circle cx=\"48\" cy=\"48\" r=\"48\" fill=\"hsl(%d 60%% 42%%)\"/>"
    "<text x=\"48\" y=\"48\" dy=\".36em\" font-family=\"system-ui, sans-serif\" font-size=\"46\" "
    "font-weight=\"600\" fill=\"#fff\" text-anchor=\"middle\">%s</text></svg>\n";

int picture(struct exchange *exchange) {
    const struct person *person = person_find(exchange->request.path + strlen("/picture/"));
    if (person == NULL || !person->picture)
        return page_message(
            exchange, 404,
            &(struct page_text){.title = "Nothing here", .text = "There is no such picture."});
    int hue = 230 + 75 * (int)(person - people);
    const char *initial = html_escape(exchange->arena, person_initial(exchange->arena, person));
    reply_field(&exchange->reply, "Content-Security-Policy", "default-src 'none'");
    reply_body(&exchange->reply, 200, "image/svg+xml",
               arena_format(exchange->arena, drawing, hue % 360, initial));
    return 0;
}
