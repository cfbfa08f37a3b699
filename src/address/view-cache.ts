/** A place in shared memory through which all threads get a worker view that one of them made. @module */

import { growable } from '../growable.ts';
import type { GrowableMemory } from '../growable.ts';
import { hashOf } from './registry.ts';
import type { WorkerView } from './view/worker-view.ts';

interface Entry {
  /** Of the text that the view was made from: a file may change between two threads. */
  readonly hash: string;
  readonly view: WorkerView;
}

// Words of the header. `offset` is that of the finished entry (its length, then its JSON), 0 while there is none.
const claim = 0;
const offset = 1;
const allocated = 2;
const headerSize = 64;

/**
 * Address space that is reserved, not memory that is used: for views, as JSON, of a module and of what becomes of it, which
 * are about as long as the module is.
 */
const bytesPerByte = 8;
const leastRoom = 2 ** 18;

/** Longer than the largest modules take to slice, in milliseconds. */
const longEnough = 5000;

/** Options of {@link sharedView}. */
export interface SharedViewOptions {
  /** How long to wait for a thread that may have been terminated in the meantime. @defaultValue `5000` */
  patience?: number;
}

/**
 * Makes an empty cache for a module of `size` bytes; on the main thread, one for each evaluation of a module. A view that
 * finds no room in it is made by each thread for itself.
 */
export function createViewCache(size = 0): SharedArrayBuffer {
  return growable(headerSize, leastRoom + size * bytesPerByte);
}

/**
 * The view of `text`: `make` is called by the first thread that asks, others wait for its result and make their own
 * only if it does not come, or if it was made from another text.
 */
export function sharedView(
  cache: SharedArrayBuffer,
  text: string,
  make: () => WorkerView,
  { patience = longEnough }: SharedViewOptions = {},
): WorkerView {
  const header = new Int32Array(cache, 0, headerSize / 4);
  const hash = hashOf(text);
  const mine = Atomics.compareExchange(header, claim, 0, 1) === 0;
  if (!mine) Atomics.wait(header, offset, 0, patience);
  const entry = readEntry(cache);
  if (entry?.hash === hash) return entry.view;
  try {
    const view = make();
    publish(cache as GrowableMemory, header, { hash, view });
    return view;
  } finally {
    // Whether it worked or not, nobody has to wait any longer; without an entry the next thread makes its own.
    if (mine && !hasView(cache)) Atomics.store(header, claim, 0);
    Atomics.notify(header, offset);
  }
}

/** The finished view, if any thread has made it. */
export function readView(cache: SharedArrayBuffer): WorkerView | undefined {
  return readEntry(cache)?.view;
}

/** Whether a view is finished. */
export function hasView(cache: SharedArrayBuffer): boolean {
  return cache.byteLength >= headerSize && Atomics.load(new Int32Array(cache, 0, headerSize / 4), offset) > 0;
}

function readEntry(cache: SharedArrayBuffer): Entry | undefined {
  if (!hasView(cache)) return undefined;
  const start = Atomics.load(new Int32Array(cache, 0, headerSize / 4), offset);
  const [length = 0] = new Int32Array(cache, start, 1);
  // A copy, since decoders refuse shared memory.
  return JSON.parse(new TextDecoder().decode(new Uint8Array(cache).slice(start + 4, start + 4 + length))) as Entry;
}

/** Every entry has a place of its own, so that two threads that publish at once do not mix theirs. */
function publish(cache: GrowableMemory, header: Int32Array, entry: Entry): void {
  const bytes = new TextEncoder().encode(JSON.stringify(entry));
  const size = 4 + Math.ceil(bytes.length / 4) * 4;
  const start = headerSize + Atomics.add(header, allocated, size);
  if (start + size > cache.maxByteLength) return;
  if (!growTo(cache, start + size)) return;
  new Int32Array(cache, start, 1)[0] = bytes.length;
  new Uint8Array(cache, start + 4, bytes.length).set(bytes);
  Atomics.store(header, offset, start);
}

function growTo(cache: GrowableMemory, length: number): boolean {
  while (cache.byteLength < length) {
    try {
      cache.grow(length);
    } catch {
      // Another thread grew it further in the meantime, which is as good; anything else is a lack of memory.
      if (cache.byteLength < length) return false;
    }
  }
  return true;
}
