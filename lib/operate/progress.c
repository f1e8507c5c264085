#include "operate/progress.h"

#include "base/text.h"
#include "operate/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define TO_LINE_START "\r\033[K" /* and everything behind it is erased */

void progress_open(struct progress *progress, const struct operation *operation, int64_t total) {
    const char *terminal = getenv("TERM");
    *progress = (struct progress){
        .arena = operation->context->arena,
        .shown = !operation->quiet && isatty(STDERR_FILENO) != 0 && !text_is_empty(terminal) &&
                 !text_equal(terminal, "dumb"),
        .total = total > 0 ? total : 1,
    };
}

void progress_show(struct progress *progress, int64_t done, const char *what) {
    static const char full[] = "########################";
    static const char empty[] = "........................";
    if (!progress->shown)
        return;
    progress->done = done < progress->total ? done : progress->total;
    int filled = (int)(progress->done * BAR_WIDTH / progress->total);
    fflush(stdout);
    fprintf(stderr, TO_LINE_START "[%.*s%.*s] %3d%% %s", filled, full, BAR_WIDTH - filled, empty,
            (int)(progress->done * 100 / progress->total), console_text(progress->arena, what));
}

void progress_hide(struct progress *progress) {
    if (progress->shown)
        fputs(TO_LINE_START, stderr);
}
