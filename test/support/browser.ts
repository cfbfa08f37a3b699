/** A real browser without a window, where one is installed. @module */

import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const found = [process.env['OFFLOOP_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Whether a missing browser is a failure: CI installs one. */
const isRequired = process.env['OFFLOOP_BROWSER'] === 'required';

/** Whether tests of pages can run; if not, that is printed once. */
export function hasBrowser(): boolean {
  if (found !== undefined || isRequired) return true;
  console.log('Left out: the tests in a browser, since there is no /usr/bin/chromium');
  return false;
}

/** Starts it. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  return chromium.launch({
    executablePath: found ?? '/usr/bin/chromium',
    args: [...args, '--disable-component-update', '--disable-sync'],
  });
}
