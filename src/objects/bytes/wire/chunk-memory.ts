/** The memory of the chunks that an end of a connection sends. @module */

/** A shorter chunk is no reason to keep memory of this size. */
const worthKeeping = 0.5;

/** The most buffers that wait to be used again. */
const mostFree = 8;

/** How many bytes a buffer has that is used again. */
const usual = 256 * 1024;

/**
 * Gives memory for chunks, each in a buffer of its own, which can be transferred. In front of a chunk are `headroom` bytes
 * for the connection that carries it, so that it need not copy the chunk to put a head before it.
 *
 * Invariant: no memory is used again that was not given back, or was given back twice.
 */
export class ChunkMemory {
  readonly headroom: number;
  readonly #free: ArrayBuffer[] = [];

  /** The buffers that were given and may come back. */
  readonly #used = new WeakSet<ArrayBufferLike>();
  readonly #isReused: boolean;

  constructor({ headroom = 0, isReused = false }: { readonly headroom?: number; readonly isReused?: boolean } = {}) {
    this.headroom = headroom;
    this.#isReused = isReused;
  }

  /** Memory for `length` bytes, with anything in it. */
  take(length: number): Buffer {
    const isUsual = this.#isReused && length <= usual && length >= usual * worthKeeping;
    if (!isUsual) return Buffer.allocUnsafeSlow(this.headroom + length).subarray(this.headroom);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.headroom + usual).buffer;
    this.#used.add(buffer);
    return Buffer.from(buffer, this.headroom, length);
  }

  /** A copy of `bytes`. */
  copy(bytes: Uint8Array): Buffer {
    const copy = this.take(bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** The first `length` bytes of `chunk`, which nobody has but the caller: in less memory, if it was far too much. */
  shorten(chunk: Buffer, length: number): Buffer {
    if (length === chunk.length) return chunk;
    const part = chunk.subarray(0, length);
    if (length >= chunk.length * worthKeeping) return part;
    const copy = this.copy(part);
    this.giveBack(chunk);
    return copy;
  }

  /** Takes back the memory of a chunk that nobody reads or writes any more. Any other is let go. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#used.delete(buffer) && this.#free.length < mostFree) this.#free.push(buffer as ArrayBuffer);
  }
}
