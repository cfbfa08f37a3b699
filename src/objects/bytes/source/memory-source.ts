/** Bytes in memory as the source of a byte stream. @module */

import { nothing } from '../mode.ts';
import type { StreamMode } from '../mode.ts';
import type { ByteSource, OpenableSource } from './source.ts';

/** How bytes are used: read as they are, or a copy of them read and written. */
export type MemoryMode = 'r' | 'r+';

export const memoryModes: readonly MemoryMode[] = ['r', 'r+'];

/**
 * Bytes that grow by half when they have no room.
 *
 * Invariant: the bytes from `#start` to `#end` are at the same positions in `#bytes`.
 */
class MemorySource implements ByteSource {
  #bytes: Uint8Array;
  #start = 0;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  read(position: number, length: number): Uint8Array | undefined {
    if (position < this.#start) return undefined;
    return this.#bytes.subarray(position, Math.min(position + length, this.#end));
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, Math.ceil(this.#bytes.length * 1.5)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#end = Math.max(this.#end, end);
  }

  length(): number {
    return this.#end;
  }

  start(): number {
    return this.#start;
  }

  truncateBefore(position: number): void {
    this.#start = position;
  }

  truncateAfter(position: number): void {
    this.#end = position;
  }
}

/** `bytes` as they are, or a copy of them that can be written. */
export function memorySource(bytes: Uint8Array, mode: MemoryMode): OpenableSource {
  const writable = mode === 'r+';
  const optional: (keyof StreamMode)[] = ['dataLock', 'startLock', 'endLock', 'seekBackward', 'seekForward'];
  if (writable)
    optional.push(
      'readable',
      'writable',
      'startCanIncrease',
      'canMoveStart',
      'endCanDecrease',
      'endCanIncrease',
      'canMoveEnd',
    );
  return {
    source: new MemorySource(
      writable ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    ),
    appends: false,
    optional: new Set(optional),
    mode: {
      ...nothing,
      readable: true,
      writable,
      startBounded: true,
      startCanIncrease: writable,
      canMoveStart: writable,
      endBounded: true,
      endCanDecrease: writable,
      endCanIncrease: writable,
      canMoveEnd: writable,
      seekBackward: true,
      seekForward: true,
      fixedData: !writable,
      dataLock: writable,
      startLock: writable,
      endLock: writable,
    },
  };
}
