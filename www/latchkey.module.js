import './latchkey.js';

export const { user, fetch, token, signIn, refresh } = latchkey;
export default latchkey;
