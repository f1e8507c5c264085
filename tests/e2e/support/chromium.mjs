// Chromium, for tests that need a person's browser.
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { giveBack } from './place.mjs';

/** Starts it; it is ended after the tests. */
export async function startChromium() {
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'], { encoding: 'utf8' }).trim();
  // A closed network: whatever is not on this machine does not exist, and is not waited for.
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'],
  });
  giveBack(() => browser.close());
  return browser;
}
