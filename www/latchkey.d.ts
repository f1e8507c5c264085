/**
 * latchkey.js: who is signed in, for pages. One file of less than 4 KB; it needs nothing, and loads nothing but answers
 * of this site's own programs.
 *
 *     <script src="/latchkey.js" defer></script>                        then there is `latchkey`
 *     import latchkey, { user } from '/latchkey.module.js';             the same for modules, which import that file
 *
 * What a page says in attributes is done when it has been read, and again by `latchkey.refresh()`. Without scripts the page
 * is as it was written, so let links and forms be real ones:
 *
 *     <a href="/cgi-bin/login.cgi" data-latchkey-sign-in>             the way in, and back to this page, query included
 *     <a href="…?provider=google" data-latchkey-sign-in>              the same, straight to that provider;
 *     <a data-latchkey-sign-in="google">                              … which can also be said so
 *     <form method="post" action="/cgi-bin/logout.cgi" data-latchkey-sign-out><button>…
 *                                                                     the way out, and back to this page
 *     <p data-latchkey-show="signed-in" hidden>                       is there only for those who are signed in;
 *     <p data-latchkey-show="signed-out">                             … only for everybody else;
 *     <p data-latchkey-show="trouble" hidden>                         … if the server could not tell (besides "signed-out")
 *     <span data-latchkey="name email">                               its text: the first of these claims that is known,
 *                                                                     never read as HTML. None: it is hidden
 *     <img data-latchkey="picture" alt="" referrerpolicy="no-referrer">   its address, if it is https (or the page's own
 *                                                                     scheme). None: it is hidden
 *     <script src="/latchkey.js" data-cgi="/programs" defer>          where the programs are, if not in /cgi-bin: a path of
 *                                                                     this site, without a slash at the end. For modules, on
 *                                                                     any script of the page
 *
 * A Content-Security-Policy needs `script-src 'self'; connect-src 'self'`, and for pictures `img-src https:`. If it has
 * `form-action`, that must allow the providers at which people are signed out, too.
 */
declare global {
  var latchkey: Latchkey;

  interface DocumentEventMap {
    /**
     * When it is known who is signed in, and when that has changed: after the page was brought up to date. Null: nobody,
     * as far as could be found out.
     */
    latchkey: CustomEvent<LatchkeyUser | null>;
  }

  /** What me.cgi tells: the claims of OpenID Connect Core 5.1. What is not known is absent. */
  interface LatchkeyUser {
    /** The name to know somebody by in your own data: it never changes, and is never given to anybody else. */
    sub: string;
    name?: string;
    email?: string;
    email_verified?: boolean;
    picture?: string;
    locale?: string;
    /** The provider's ID in the configuration. */
    provider: string;
    identities: { provider: string; sub: string; email?: string }[];
    /** Seconds since 1970. */
    session: { created_at: number; expires_at: number };
    /** For forms and requests of your own that change something. `latchkey.fetch()` sends it by itself. */
    csrf_token: string;
  }

  interface LatchkeyOptions extends Omit<RequestInit, 'mode'> {}

  /** What a promise is rejected with if the server refused. (If it cannot be reached: a TypeError, as by fetch().) */
  interface LatchkeyError extends Error {
    status: number;
    /** A word for programs, such as "unauthenticated"; absent if the answer was not JSON. */
    error?: string;
    /** Signing in there, once more or for more, will help; it leads back to this page. */
    login_url?: string;
  }

  interface Latchkey {
    /** Who is signed in; null: nobody. The server is asked once a page, and again after a failure. */
    user(): Promise<LatchkeyUser | null>;

    /**
     * Calls an API through api.cgi: `[api NAME]` of the configuration. `path` is what stands behind its base_url, query
     * included, in the form in which it is sent: encode what came from elsewhere (encodeURIComponent), or it is refused,
     * as dots are that would lead out of the API. Methods other than GET and HEAD carry the CSRF token.
     *
     * Resolves to the Response, whatever its status, as fetch() does; but if signing in would help, it is rejected with a
     * LatchkeyError that has the `login_url`.
     */
    fetch(api: string, path: string, options?: LatchkeyOptions): Promise<Response>;

    /**
     * A JWT of the signed-in person for an API, to be sent as `Authorization: Bearer`. `audience` is one of those that the
     * configuration allows; without it, the default. Kept until shortly before it expires. Rejected if nobody is signed in.
     */
    token(audience?: string): Promise<string>;

    /** Leaves for the sign-in page, or straight to a provider, and comes back here. */
    signIn(provider?: string): void;

    /** Asks anew who is signed in, and brings the page up to date: after you have changed the page or its address. */
    refresh(): Promise<void>;
  }
}

export {};
