/* who.cgi: who is signed in? Build it with
 *     cc -o who.cgi who.c $(pkg-config --cflags --libs --static latchkey)
 */
#include <latchkey.h>
#include <stdio.h>

int main(void) {
    struct latchkey *latchkey = latchkey_open(NULL);
    const char *refusal = latchkey_refusal(latchkey, NULL);
    if (refusal != NULL)
        fputs(refusal, stdout); /* sign in first */
    else
        printf("Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n\nYou are %s.\n",
               latchkey_user(latchkey)->sub);
    latchkey_close(latchkey);
}
