/**
 * A place in shared memory through which all threads get a worker view that one of them made, and what one of them found
 * out that must not be in it. @module
 */

import { growable } from '../base/growable.ts';
import type { GrowableMemory } from '../base/growable.ts';
import { hashOf } from './hash.ts';
import type { WorkerView } from './view/worker-view.ts';

interface Entry {
  /** Of the text that the view was made from: a file may change between two threads. */
  readonly hash: string;
  readonly view: WorkerView;

  /** How many hits there were when it was made. */
  readonly version: number;
}

/** A view as a thread gets it. */
export type SharedView = Pick<Entry, 'view' | 'version'>;

// Words of the header. `claim` is one more than the version that a thread makes; `offset` is that of the finished entry
// (its length, its version, then its JSON), 0 while there is none; `ahead` is 1 while the main side makes the first view.
const claim = 0;
const offset = 1;
const allocated = 2;
const ahead = 3;
const hitsAt = 64;

/** Each hit costs a thread: a program with more of them is not one that a view can be made of. */
const mostHits = 64;
const headerSize = hitsAt + 8 * mostHits;

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
 * The view of `text`: `make` is called by the first thread that asks, with the places of the hits that are known; others
 * wait for its result and make their own only if it does not come, or if it was made from another text.
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
    // Whether it worked or not, nobody has to wait any longer; without an entry the next thread makes its own.
    if (isMine && !hasView(cache, version)) Atomics.compareExchange(header, claim, version + 1, 0);
    Atomics.notify(header, offset);
  }
}

/**
 * The first view of `text`, made by the main side while the first thread starts: it is not claimed, as the main side may
 * be held up at any time. It is of use only if `make` gives one before a thread has.
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

/** Blocks, for `patience` milliseconds at the most, while the main side makes the view. */
export function awaitAhead(cache: SharedArrayBuffer, patience: number): void {
  Atomics.wait(new Int32Array(cache, 0, headerSize / 4), ahead, 1, patience);
}

/** Whether this thread is the one to make `version`. */
function claims(header: Int32Array, version: number): boolean {
  for (;;) {
    const claimed = Atomics.load(header, claim);
    if (claimed >= version) return false;
    if (Atomics.compareExchange(header, claim, claimed, version) === claimed) return true;
  }
}

/** What a hit adds to what is known: something; nothing that this thread had been told; or nothing at all. */
export type HitNote = 'new' | 'known' | 'useless';

/**
 * Notes that the statement at `position` of the finished view, which a thread has loaded in its `version`, must not be in
 * a view. Once a process is enough.
 */
export function noteHit(cache: SharedArrayBuffer, position: number, version: number): HitNote {
  const entry = readEntry(cache);
  if (!entry) return 'useless';
  const words = hitWords(cache);
  const word = BigInt(shortHash(entry.hash)) * 2n ** 32n + BigInt(position + 1);
  for (let i = 0; i < mostHits; i += 1) {
    const known = Atomics.compareExchange(words, i, 0n, BigInt.asIntN(64, word));
    if (known === 0n) return 'new';
    // A view that was made without it has it all the same.
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

/** Whether a view is finished that knows of the first `version` hits. @defaultValue all of them */
export function hasView(cache: SharedArrayBuffer, version: number = hitsIn(cache).length): boolean {
  return versionAt(cache, startOf(cache)) >= version;
}

/** Where the finished entry is; 0 if there is none. */
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
  // A copy, since decoders refuse shared memory.
  return JSON.parse(new TextDecoder().decode(new Uint8Array(cache).slice(start + 8, start + 8 + length))) as Entry;
}

/** Every entry has a place of its own, so that two threads that publish at once do not mix theirs. */
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
      // Another thread grew it further in the meantime, which is as good; anything else is a lack of memory.
      if (cache.byteLength < length) return false;
    }
  }
  return true;
}
