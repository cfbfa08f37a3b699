/** Waits until a source may have grown. @module */

import { after } from '../../../base/clock.ts';
import type { ByteSource } from '../source/source.ts';

/** Begins to watch a source, if that can be watched; gives what ends it. */
export type Watch = (changed: () => void) => ReturnType<NonNullable<ByteSource['watch']>> | undefined;

/** How long to wait before reading again, in milliseconds: for a source that tells of changes, and for one that does not. */
const patience = { watched: 1000, unwatched: 100 };

/** Watches a source from the first time that a stream waits at its end. */
export class Growth {
  readonly #watch: Watch;
  readonly #changed: () => void;
  #stop: (() => void) | undefined;
  #isWatching = false;
  #hasChanged = false;

  constructor(watch: Watch, changed: () => void) {
    this.#watch = watch;
    this.#changed = changed;
  }

  /** Begins to watch; gives whether the source may have grown since it was last read. */
  begin(): boolean {
    const hasChanged = this.#hasChanged || !this.#isWatching;
    this.#hasChanged = false;
    if (this.#isWatching) return hasChanged;
    this.#isWatching = true;
    this.#stop = this.#watch(() => {
      this.#hasChanged = true;
      this.#changed();
    });
    return hasChanged;
  }

  /** Waits by `sleep`, which a change of the source ends, and so does some time: a change may go unnoticed. */
  async wait(sleep: () => Promise<void>): Promise<void> {
    const timer = after(this.#stop ? patience.watched : patience.unwatched, this.#changed);
    try {
      await sleep();
    } finally {
      timer.cancel();
    }
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
