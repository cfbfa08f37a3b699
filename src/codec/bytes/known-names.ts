/** The names of properties that were read before: most values of a program have the same few shapes. @module */

/** The names of one shape, and the bytes that give them. */
interface Known {
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
}

/** How many shapes are kept, a power of 2; and from how many bytes on none is. */
const slots = 64;
const mostBytes = 256;

const known: (Known | undefined)[] = Array.from({ length: slots });

/** Gives the names whose bytes begin at `at`, if they were read before. They are equal byte by byte. */
export function namesAt(bytes: Uint8Array, at: number): Known | undefined {
  const found = known[slotOf(bytes, at)];
  if (!found) return undefined;
  const { bytes: own } = found;
  for (let i = 0; i < own.length; i += 1) if (bytes[at + i] !== own[i]) return undefined;
  return found;
}

/** Keeps `names`, which were read from the bytes from `start` to `end`. */
export function noteNames(bytes: Uint8Array, start: number, end: number, names: readonly string[]): void {
  if (end - start > mostBytes || names.length === 0) return;
  // Names that are properties of an object are internalized, and so found faster than those cut from a text.
  const internal = Object.keys(Object.fromEntries(names.map((name) => [name, true])));
  const isSame = internal.length === names.length && internal.every((name, i) => name === names[i]);
  known[slotOf(bytes, start)] = {
    bytes: Uint8Array.from(bytes.subarray(start, end)),
    names: isSame ? internal : names,
  };
}

/** Two shapes with the same number of names, and the same size and beginning of the first one, displace each other. */
function slotOf(bytes: Uint8Array, at: number): number {
  const head = (bytes[at] ?? 0) * 31 + (bytes[at + 1] ?? 0) * 17;
  return (head + (bytes[at + 2] ?? 0) * 7 + (bytes[at + 3] ?? 0)) & (slots - 1);
}
