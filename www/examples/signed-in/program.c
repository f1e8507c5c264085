/* The program behind compiled.cgi: cc -o program program.c */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *name = getenv("LATCHKEY_NAME");
    printf("Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n\n");
    printf("Hello, %s.\n", name != NULL ? name : getenv("REMOTE_USER"));
    return 0;
}
