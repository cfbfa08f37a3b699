/** A short hash to compare texts by. @module */

/** FNV-1a over UTF-16 units, with the length: short to send, and two different functions practically never share it. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(36) + '.' + text.length.toString(36);
}
