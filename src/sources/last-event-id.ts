/** The header `Last-Event-ID`. @module */

/** Servers refuse requests whose headers are longer than 8 to 16 KiB in all. */
const longest = 4096;

/**
 * The value of the header for `id`: a header is made of bytes, those of UTF-8 here. `undefined` if no header can carry the id:
 * it has control characters, spaces at its ends, or is too long.
 */
export function lastEventIdHeader(id: string): string | undefined {
  const bytes = Buffer.from(id).toString('latin1');
  const canCross = bytes.length <= longest && /^[\t\x20-\x7e\x80-\xff]+$/.test(bytes) && !/^[\t ]|[\t ]$/.test(bytes);
  return canCross ? bytes : undefined;
}
