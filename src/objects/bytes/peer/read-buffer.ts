/** The bytes that were read ahead. @module */

/** How many bytes beside a chunk its memory may have: the head of its message. */
const mostBeside = 64;

/** Whether nothing else is in the memory of `chunk`: that of a socket may have several messages. */
const isAlone = ({ buffer, length }: Buffer): boolean => buffer.byteLength - length <= mostBeside;

/**
 * Chunks in order. Those that are taken whole, and whose memory has nothing else, are given away; of others the caller gets a
 * copy, so that code which transfers what it was given does not take more with it.
 */
export class ReadBuffer {
  #chunks: Buffer[] = [];

  /** How much of the first chunk was taken. */
  #taken = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#size += bytes.length;
  }

  /** Takes 1 to `most` bytes; there are some. */
  take(most: number): Buffer {
    const [first] = this.#chunks as [Buffer];
    const left = first.length - this.#taken;
    if (left <= most && isAlone(first)) {
      const bytes = this.#taken === 0 ? first : first.subarray(this.#taken);
      this.#chunks.shift();
      this.#taken = 0;
      this.#size -= left;
      return bytes;
    }
    const length = Math.min(left, most);
    const bytes = Buffer.from(first.subarray(this.#taken, this.#taken + length));
    this.#size -= length;
    if (length < left) this.#taken += length;
    else {
      this.#chunks.shift();
      this.#taken = 0;
    }
    return bytes;
  }

  /** Puts back what was taken last, in the order in which it was taken. */
  putBack(taken: readonly Buffer[]): void {
    if (taken.length === 0) return;
    const rest = this.#chunks[0]?.subarray(this.#taken);
    this.#chunks.splice(0, rest ? 1 : 0, ...taken, ...(rest ? [rest] : []));
    this.#taken = 0;
    for (const { length } of taken) this.#size += length;
  }

  clear(): void {
    this.#chunks = [];
    this.#taken = 0;
    this.#size = 0;
  }
}
