import './latchkey.js';

declare const latchkey: Latchkey;
export const user: Latchkey['user'];
export const fetch: Latchkey['fetch'];
export const token: Latchkey['token'];
export const signIn: Latchkey['signIn'];
export const refresh: Latchkey['refresh'];
export default latchkey;
