/** Sections: native code during which a thread must not be ended, because that would end the process. @module */

import type { Worker } from 'node:worker_threads';
import { Promise, waitAsync } from '../base/intrinsics.ts';
import { shared, threadState } from '../base/realm.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';

/** States of a thread: outside of a section; in one; in one whose end is awaited; told to end. */
const State = { outside: 0, inside: 1, awaited: 2, ended: 3 } as const;

/** The word after those that identify the memory, as with primitives. */
const at = 2;

/** How long to wait until a thread is looked at again that may have ended within a section, in milliseconds. */
const longestWait = 100;

/** How long the process waits at its exit for the section of one thread, in milliseconds. */
const longestExit = 1000;

/**
 * The sections of this thread. Add-ons made with node-addon-api end the whole process if a thread is terminated while
 * it runs some of their functions. So a thread enters a section before it calls such an add-on and leaves it
 * afterwards; the owner of the thread terminates it in between.
 *
 * Invariant: a thread that was told to end enters no section.
 */
class Sections {
  readonly #words: Int32Array | undefined;

  constructor() {
    // Only the threads of the library are terminated by it.
    if (!threadState()) return;
    this.#words = new Int32Array(new SharedArrayBuffer((at + 1) * Int32Array.BYTES_PER_ELEMENT));
    mayHold(kind, this.#words);
  }

  enter(): void {
    const words = this.#words;
    if (words && Atomics.compareExchange(words, at, State.outside, State.inside) !== State.outside) halt(words);
  }

  leave(): void {
    const words = this.#words;
    if (!words || Atomics.compareExchange(words, at, State.inside, State.outside) === State.inside) return;
    Atomics.store(words, at, State.ended);
    Atomics.notify(words, at);
    halt(words);
  }
}

const kind = 'section';

/** Sleeps until this thread is terminated. */
function halt(words: Int32Array): void {
  for (;;) Atomics.wait(words, at, State.ended);
}

/**
 * The sections of this thread, which its owner knows of as soon as it has answered a message that this thread sends
 * afterwards.
 */
export function sectionsHere(): Sections {
  return shared('sections', () => new Sections());
}

export type { Sections };

/** The words of each thread with sections, and of the threads that it owns, by its id. */
const known = shared('sections of threads', () => new Map<number, Set<Int32Array>>());

let isListening = false;

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on('exit', endAllNow);
}

defineHolding(kind, {
  recover: () => undefined,
  isHeldBy: () => false,
  noted(words, threadId, by) {
    listen();
    for (const id of [threadId, by ?? threadId]) {
      const all = known.get(id) ?? new Set();
      known.set(id, all.add(words));
    }
  },
});

/** Makes `worker.terminate()` wait until the thread, and those that it owns, are in no section. */
export function endBetweenSections(worker: Worker): void {
  const { threadId, terminate } = worker;
  const end = async (): Promise<number> => Reflect.apply(terminate, worker, []);
  worker.terminate = async () => {
    const all = known.get(threadId);
    if (all) await Promise.all([...all].map(async (words) => told(words, () => known.has(threadId))));
    return end();
  };
  worker.once('exit', () => forget(threadId));
}

function forget(threadId: number): void {
  const own = known.get(threadId);
  if (!own) return;
  known.delete(threadId);
  for (const all of known.values()) for (const words of own) all.delete(words);
}

/** Resolves once the thread of `words` is in no section, and will enter none. */
async function told(words: Int32Array, isAlive: () => boolean): Promise<void> {
  while (isAlive() && !isOutside(words)) await waitAsync(words, at, State.awaited, longestWait).value;
}

/** Tells the thread of `words` to enter no section; gives whether it is in none. */
function isOutside(words: Int32Array): boolean {
  const state = Atomics.compareExchange(words, at, State.outside, State.ended);
  if (state === State.outside || state === State.ended) return true;
  Atomics.compareExchange(words, at, State.inside, State.awaited);
  return Atomics.load(words, at) === State.ended;
}

/** Called when this thread exits, which terminates the threads that it owns. */
function endAllNow(): void {
  for (const all of known.values())
    for (const words of all)
      while (!isOutside(words)) if (Atomics.wait(words, at, State.awaited, longestExit) === 'timed-out') break;
}
