/** Writes on their way from a thread to the main side: many of them in one piece of memory. @module */

/** One write of a user: without a `value`, the entry is removed. */
export interface Write {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;

  /** When the entry expires, in milliseconds since the epoch; 0 for never. */
  readonly expires: number;

  /** Whether those who have asked for updates are told. */
  readonly isPublished: boolean;

  /** Removes the entry only if it expires at this time. */
  readonly ifExpires?: number;
}

/** Each write: its flags, the time of expiry, the sizes of key and value, and both. */
const headSize = 1 + 8 + 4 + 4;
const Flag = { value: 1, published: 2 } as const;
const initialSize = 4096;

/** More memory than this is not kept for the next writes. */
const mostKept = 2 ** 20;

/** Gathers writes. */
export class PackedWrites {
  #bytes = new Uint8Array(initialSize);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** How many bytes they take. */
  get size(): number {
    return this.#at;
  }

  add({ key, value, expires, isPublished }: Write): void {
    const size = headSize + key.length + (value?.length ?? 0);
    if (this.#at + size > this.#bytes.length) this.#grow(size);
    const at = this.#at;
    this.#bytes[at] = (value ? Flag.value : 0) | (isPublished ? Flag.published : 0);
    this.#view.setFloat64(at + 1, expires);
    this.#view.setUint32(at + 9, key.length);
    this.#view.setUint32(at + 13, value?.length ?? 0);
    this.#bytes.set(key, at + headSize);
    if (value) this.#bytes.set(value, at + headSize + key.length);
    this.#at = at + size;
  }

  /** Takes the writes out, in memory of their own. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    if (this.#bytes.length > mostKept) this.#allot(initialSize);
    return bytes;
  }

  #grow(size: number): void {
    const before = this.#bytes;
    this.#allot(Math.max(before.length * 2, this.#at + size));
    this.#bytes.set(before);
  }

  #allot(size: number): void {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
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
      key: bytes.subarray(keyAt, valueAt),
      value: (flags & Flag.value) === 0 ? undefined : bytes.subarray(valueAt, end),
      expires: view.getFloat64(at + 1),
      isPublished: (flags & Flag.published) !== 0,
    });
    at = end;
  }
  return writes;
}
