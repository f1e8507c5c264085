/* What every program of ours is compared to: one that does nothing but answer. */
#include <unistd.h>

int main(void) {
    static const char answer[] = "Content-Type: application/json\r\n\r\n{}";
    return write(STDOUT_FILENO, answer, sizeof(answer) - 1) == (ssize_t)sizeof(answer) - 1 ? 0 : 1;
}
