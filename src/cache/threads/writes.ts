/** Writes on their way from a thread to the main side: many of them in one piece of memory. @module */

import type { Change } from '../stores/driver.ts';

/** One write of a user, to the table of the entries. */
export interface Write extends Change {
  readonly table: 'entries';

  /** Whether those who have asked for updates are told. */
  readonly isPublished: boolean;
}

/** Each write: its flags, the time of expiry, the sizes of key and value, and both. */
const headSize = 1 + 8 + 4 + 4;
const Flag = { value: 1, published: 2 } as const;

/** How many bytes a write takes. */
export function sizeOf({ key, value }: Write): number {
  return headSize + key.length + (value === undefined ? 0 : value.length);
}

/** Puts a write into memory, to which `view` is another view, at the offset `at`. */
export function putWrite(bytes: Uint8Array, view: DataView, at: number, write: Write): void {
  const { key, value, expires, isPublished } = write;
  bytes[at] = (value ? Flag.value : 0) | (isPublished ? Flag.published : 0);
  view.setFloat64(at + 1, expires);
  view.setUint32(at + 9, key.length);
  view.setUint32(at + 13, value?.length ?? 0);
  bytes.set(key, at + headSize);
  if (value) bytes.set(value, at + headSize + key.length);
}

/** The writes in memory of their own. */
export function packWrites(writes: readonly Write[]): Uint8Array {
  const bytes = new Uint8Array(writes.reduce((sum, write) => sum + sizeOf(write), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const write of writes) {
    putWrite(bytes, view, at, write);
    at += sizeOf(write);
  }
  return bytes;
}

/** The writes that were packed; their keys and values are views of `bytes`. */
export function unpackWrites(bytes: Uint8Array): Write[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const writes: Write[] = [];
  for (let at = 0; at < bytes.length;) {
    const flags = bytes[at] as number;
    const keyAt = at + headSize;
    const valueAt = keyAt + view.getUint32(at + 9);
    const end = valueAt + view.getUint32(at + 13);
    writes.push({
      table: 'entries',
      key: bytes.subarray(keyAt, valueAt),
      value: (flags & Flag.value) === 0 ? undefined : bytes.subarray(valueAt, end),
      expires: view.getFloat64(at + 1),
      isPublished: (flags & Flag.published) !== 0,
    });
    at = end;
  }
  return writes;
}
