/** The page, without anything that would have to be loaded from elsewhere. @module */

import text from './page.html';

/** The page, whose scripts have the `nonce` that the policy of its response names. */
export function pageWith(nonce: string): string {
  return text.replaceAll('NONCE', nonce);
}
