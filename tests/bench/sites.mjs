// The servers that are measured side by side: Latchkey under Apache, lighttpd and nginx, as CGI and as FastCGI, and what
// one could use instead: mod_auth_openidc, Flask + Authlib. All of them run all the time; who is not asked does nothing.
import fs from 'node:fs';
import path from 'node:path';
import { freePort, giveBack, listening, stateFolder, workFolder } from '../e2e/support/place.mjs';
import { startSite } from '../e2e/support/site.mjs';
import { Visitor } from '../e2e/support/visitor.mjs';
import { exists, here, programsFolder, secret, sections, startQuietly } from './stage.mjs';

export const PROCESSES = 2; // of each FastCGI program, and of gunicorn's workers: as many as the bars name

const modules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules'].find((folder) => fs.existsSync(folder));
const load = (...names) => names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so\n`).join('');

// Threads for all connections at once, so that none is closed for want of one; beside that Apache is as it comes.
const threads = `ServerLimit 2
ThreadLimit 256
ThreadsPerChild 256
MinSpareThreads 256
MaxSpareThreads 512
MaxRequestWorkers 512
`;

/** mod_auth_openidc as its documentation begins, with PKCE, as we have it. Its sessions are in shared memory. */
const openidc = (provider, site) => `${load('authn_core', 'authz_user', 'auth_openidc')}
OIDCProviderMetadataURL ${provider.issuer}/.well-known/openid-configuration
OIDCClientID bench
OIDCClientSecret ${secret}
OIDCRedirectURI ${site}/protected/redirect
OIDCCryptoPassphrase ${secret}
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCInfoHook iat exp id_token session
<Location "/protected/">
    AuthType openid-connect
    Require valid-user
</Location>
`;

const flaskVariables = (provider, site, prefix) => ({ BENCH_ORIGIN: site, BENCH_PREFIX: prefix, BENCH_ISSUER: provider.issuer, PYTHONDONTWRITEBYTECODE: '1' });

const flaskUnderCgi = (provider, site) => Object.entries(flaskVariables(provider, site, '/cgi-bin/flask.cgi'))
  .map(([name, value]) => `SetEnv ${name} "${value}"\n`).join('');

async function startGunicorn(provider) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const running = startQuietly('gunicorn', ['--workers', String(PROCESSES), '--bind', `127.0.0.1:${port}`, '--chdir', here, '--log-level', 'error', 'flask_app:app'],
    flaskVariables(provider, origin, ''));
  await listening(port, running, running.log);
  return { origin, port, pid: running.child.pid, log: () => fs.readFileSync(running.log, 'utf8'), stop: running.stop };
}

/** A static file as big as me.cgi's answer, and one that only who is signed in may see. */
function siteFolder() {
  const folder = workFolder('www');
  const answer = JSON.stringify({ sub: 'person-1', name: 'Ada Person 1', text: 'x'.repeat(350) });
  fs.writeFileSync(path.join(folder, 'static.json'), answer);
  fs.mkdirSync(path.join(folder, 'protected'));
  fs.writeFileSync(path.join(folder, 'protected/static.json'), answer);
  return folder;
}

/** A state folder that no disk has to keep; null where the machine has no such place. */
function memoryState() {
  if (!fs.existsSync('/dev/shm')) return null;
  const folder = fs.mkdtempSync('/dev/shm/latchkey-');
  fs.chmodSync(folder, 0o755);
  giveBack(() => fs.rmSync(folder, { recursive: true, force: true }));
  return stateFolder(path.join(folder, 'state'));
}

/** Starts all of them: { apache, fcgid, proxy, openidc, lighttpd, lighttpdFast, nginx, nginxFast, nginxMemory, gunicorn }. */
export async function startSites(provider) {
  // A site under plain CGI has no FastCGI process beside it, which would have its database open.
  const [state, plainState] = ['state', 'plain'].map((name) => stateFolder(path.join(workFolder(name), 'state')));
  // The programs are files of each site's own, so that what their processes share is counted where they run.
  const common = { www: siteFolder(), providers: sections(provider) };
  const begin = (options) => startSite({ ...common, state: options.fastcgi ? state : plainState, ...options, cgi: programsFolder() });
  const fast = { fastcgi: true, environment: { PROCESSES: String(PROCESSES), PROGRAMS: ['login', 'callback', 'me', 'logout', 'check'].filter((name) => exists(`${name}.cgi`)).join(' ') } };
  const sites = {
    apache: await begin({ extra: (site) => threads + flaskUnderCgi(provider, site) }),
    fcgid: await begin({ fastcgi: 'fcgid', extra: () => threads }),
    proxy: await begin({ ...fast, extra: () => threads }),
    openidc: await begin({ extra: (site) => threads + openidc(provider, site) }),
    lighttpd: await begin({ server: 'lighttpd' }),
    lighttpdFast: await begin({ ...fast, server: 'lighttpd' }),
    nginx: await begin({ server: 'nginx' }),
    gunicorn: await startGunicorn(provider),
  };
  const { port } = sites.gunicorn;
  sites.nginxFast = await begin({ ...fast, server: 'nginx',
    extra: (site) => `location /flask/ { proxy_pass http://127.0.0.1:${port}/; proxy_set_header Host ${new URL(site).host}; }\n` });
  const kept = memoryState();
  if (kept) sites.nginxMemory = await begin({ ...fast, server: 'nginx', state: kept });
  return sites;
}

/** Signs in at a site, from this path on; the cookies that it then keeps, as one field. */
export async function signIn(site, start) {
  const headers = { accept: 'application/json, text/html;q=0.5' }; // without text/html, mod_auth_openidc sends nobody to sign in
  const visitor = new Visitor();
  const answer = await visitor.follow(await visitor.get(`${site.origin}${start}`, { headers }), { headers });
  visitor.agent.destroy();
  if (answer.status !== 200 || !answer.body.includes('Ada')) throw new Error(`no login at ${site.origin}${start}: ${answer.status} ${answer.url}\n${answer.body}\n${site.log()}`);
  return visitor.cookiesFor(site.origin);
}

export const latchkeyLogin = '/cgi-bin/login.cgi?provider=one&return_to=/cgi-bin/me.cgi';
