/**
 * Shared memory through which all threads get the worker view that one of them made, and the hits: statements that a
 * thread found must not be in the view. @module
 */

import { growable } from '../../base/growable.ts';
import type { GrowableMemory } from '../../base/growable.ts';
import { hashOf } from '../hash.ts';
import type { WorkerView } from '../view/worker-view.ts';

interface Entry {
  /** Hash of the text that the view was made from: the file may change between two threads. */
  readonly hash: string;
  readonly view: WorkerView;

  /** How many hits were known when the view was made. */
  readonly version: number;
}

/** A view as a thread gets it. */
export type SharedView = Pick<Entry, 'view' | 'version'>;

// Indices of the header. `claim` is the version that a thread makes, plus one. `offset` is that of the finished entry
// (its length, its version, then its JSON), or 0. `ahead` is 1 while the main side makes the first view.
const claim = 0;
const offset = 1;
const allocated = 2;
const ahead = 3;
const hitsAt = 64;

/** The most hits of a module. Each hit costs a thread, so a program with more hits cannot have a view. */
const mostHits = 64;
const headerSize = hitsAt + 8 * mostHits;

/**
 * Address space that is reserved, not memory that is used: for the views of a module's successive versions, as JSON,
 * each about as long as the module.
 */
const bytesPerByte = 8;
const leastRoom = 2 ** 18;

/** How long to wait for a view, in milliseconds: longer than slicing the largest modules takes. */
const longEnough = 5000;

/** Options of {@link sharedView}. */
export interface SharedViewOptions {
  /** How long to wait for a thread that may have been terminated in the meantime. @defaultValue `5000` */
  patience?: number;
}

/**
 * Makes an empty cache for a module of `size` bytes; the main thread makes one for each evaluation of a module. If a
 * view does not fit in, each thread makes it for itself.
 */
export function createViewCache(size = 0): SharedArrayBuffer {
  return growable(headerSize, leastRoom + size * bytesPerByte);
}

/**
 * The view of `text`. The first thread that asks calls `make` with the positions of the known hits. Other threads wait
 * for its result, and make their own only if the result does not come or was made from another text.
 */
export function sharedView(
  cache: SharedArrayBuffer,
  text: string,
  make: (leftOut: readonly number[]) => WorkerView,
  { patience = longEnough }: SharedViewOptions = {},
): SharedView {
  const header = new Int32Array(cache, 0, headerSize / 4);
  const hash = hashOf(text);
  const hits = hitsIn(cache);
  const version = hits.length;
  const isMine = claims(header, version + 1);
  const before = Atomics.load(header, offset);
  if (!isMine && versionAt(cache, before) < version) Atomics.wait(header, offset, before, patience);
  const entry = readEntry(cache);
  if (entry?.hash === hash && entry.version >= version) return entry;
  try {
    const places = hits.flatMap(({ of, position }) => (of === shortHash(hash) ? position : []));
    const made = { hash, view: make(places), version };
    publish(cache as GrowableMemory, header, made);
    return made;
  } finally {
    // No thread has to wait any longer, whether `make` worked or not. Without an entry the next thread makes its own.
    if (isMine && !hasView(cache, version)) Atomics.compareExchange(header, claim, version + 1, 0);
    Atomics.notify(header, offset);
  }
}

/**
 * Lets the main side make the first view of `text` while the first thread starts. The view is not claimed, since the
 * main side may be held up at any time; it is published only if no thread has made one by then.
 */
export async function viewAhead(
  cache: SharedArrayBuffer,
  text: string,
  make: () => PromiseLike<WorkerView | undefined>,
): Promise<void> {
  const header = new Int32Array(cache, 0, headerSize / 4);
  if (Atomics.load(header, claim) !== 0) return;
  Atomics.store(header, ahead, 1);
  try {
    const view = await make();
    if (view && !hasView(cache, 0)) publish(cache as GrowableMemory, header, { hash: hashOf(text), view, version: 0 });
  } finally {
    Atomics.store(header, ahead, 0);
    Atomics.notify(header, ahead);
  }
}

/** Blocks, for at most `patience` milliseconds, while the main side makes the view. */
export function awaitAhead(cache: SharedArrayBuffer, patience: number): void {
  Atomics.wait(new Int32Array(cache, 0, headerSize / 4), ahead, 1, patience);
}

/** Claims `version` for this thread; gives `false` if another thread has claimed it. */
function claims(header: Int32Array, version: number): boolean {
  for (;;) {
    const claimed = Atomics.load(header, claim);
    if (claimed >= version) return false;
    if (Atomics.compareExchange(header, claim, claimed, version) === claimed) return true;
  }
}

/** Whether a hit is new, was noted before but after this thread's view was made, or does not help. */
export type HitNote = 'new' | 'known' | 'useless';

/**
 * Notes that the statement at `position` must not be in a view. `version` is the version of the view that this thread
 * has loaded. Each hit is noted once in a process.
 */
export function noteHit(cache: SharedArrayBuffer, position: number, version: number): HitNote {
  const entry = readEntry(cache);
  if (!entry) return 'useless';
  const words = hitWords(cache);
  const word = BigInt(shortHash(entry.hash)) * 2n ** 32n + BigInt(position + 1);
  for (let i = 0; i < mostHits; i += 1) {
    const known = Atomics.compareExchange(words, i, 0n, BigInt.asIntN(64, word));
    if (known === 0n) return 'new';
    // A view that was made without the statement has it all the same, so leaving it out does not help.
    if (BigInt.asUintN(64, known) === word) return i < version ? 'useless' : 'known';
  }
  return 'useless';
}

interface Hit {
  readonly of: number;
  readonly position: number;
}

function hitsIn(cache: SharedArrayBuffer): Hit[] {
  const words = hitWords(cache);
  const hits: Hit[] = [];
  for (let i = 0; i < mostHits; i += 1) {
    const word = BigInt.asUintN(64, Atomics.load(words, i));
    if (word === 0n) break;
    hits.push({ of: Number(word >> 32n), position: Number(word & 0xffffffffn) - 1 });
  }
  return hits;
}

const hitWords = (cache: SharedArrayBuffer): BigInt64Array => new BigInt64Array(cache, hitsAt, mostHits);

/** The part of a hash that is a number of 32 bits. */
const shortHash = (hash: string): number => Number.parseInt(hash, 36) >>> 0;

/** The finished view, if any thread has made it. */
export function readView(cache: SharedArrayBuffer): WorkerView | undefined {
  return readEntry(cache)?.view;
}

/** Whether there is a finished view that was made with the first `version` hits. @defaultValue all hits */
export function hasView(cache: SharedArrayBuffer, version: number = hitsIn(cache).length): boolean {
  return versionAt(cache, startOf(cache)) >= version;
}

/** The offset of the finished entry; 0 if there is none. */
function startOf(cache: SharedArrayBuffer): number {
  return cache.byteLength < headerSize ? 0 : Atomics.load(new Int32Array(cache, 0, headerSize / 4), offset);
}

/** The version of the entry at `start`; -1 if there is none. */
function versionAt(cache: SharedArrayBuffer, start: number): number {
  const [, version = -1] = start === 0 ? [] : new Int32Array(cache, start, 2);
  return version;
}

function readEntry(cache: SharedArrayBuffer): Entry | undefined {
  const start = startOf(cache);
  if (start === 0) return undefined;
  const [length = 0] = new Int32Array(cache, start, 1);
  // Copied first, because decoders refuse shared memory.
  return JSON.parse(new TextDecoder().decode(new Uint8Array(cache).slice(start + 8, start + 8 + length))) as Entry;
}

/**
 * Publishes `entry`. Each entry is written to its own range, so that two threads that publish at once do not interfere.
 */
function publish(cache: GrowableMemory, header: Int32Array, entry: Entry): void {
  const bytes = new TextEncoder().encode(JSON.stringify(entry));
  const size = 8 + Math.ceil(bytes.length / 4) * 4;
  const start = headerSize + Atomics.add(header, allocated, size);
  if (start + size > cache.maxByteLength) return;
  if (!growTo(cache, start + size)) return;
  new Int32Array(cache, start, 2).set([bytes.length, entry.version]);
  new Uint8Array(cache, start + 8, bytes.length).set(bytes);
  for (let known = startOf(cache); versionAt(cache, known) <= entry.version;) {
    const found = Atomics.compareExchange(header, offset, known, start);
    if (found === known) return;
    known = found;
  }
}

function growTo(cache: GrowableMemory, length: number): boolean {
  while (cache.byteLength < length) {
    try {
      cache.grow(length);
    } catch {
      // Another thread may have grown the memory further in the meantime; any other failure is a lack of memory.
      if (cache.byteLength < length) return false;
    }
  }
  return true;
}
