/// <reference path="../../../www/latchkey.d.ts" />
// The same for a plain script, where `latchkey` is simply there.
latchkey.user().then((who) => console.log(who?.sub));
window.latchkey.signIn();
