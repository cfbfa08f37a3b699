/** An entity stream of the other side, as it is consumed from here. @module */

import { argumentError } from '../../../../base/errors.ts';
import { OffloopError } from '../../../../base/errors.ts';
import type { EntityStream } from '../../../entity-stream.ts';
import { standsFor } from '../remote.ts';
import type { Remote } from '../remote.ts';
import { mostPulled } from './entity-gate.ts';
import type { Pulled } from './entity-gate.ts';

/** The values come when it is iterated over, at most `window` ahead. */
export class LinkedEntityStream implements EntityStream<unknown> {
  readonly window: number;
  readonly #remote: Remote;
  #isTaken = false;
  #closing: Promise<void> | undefined;

  constructor(remote: Remote, window: number) {
    this.window = window;
    this.#remote = remote;
    standsFor(this, remote);
  }

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` the second time: a stream has one consumer. */
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    if (this.#isTaken || this.#closing)
      throw argumentError('Cannot iterate over an entity stream twice: it is closed, or has its consumer');
    this.#isTaken = true;
    return this.#items();
  }

  async *#items(): AsyncGenerator<unknown, void, undefined> {
    // Half of the window is here, the other half under way.
    const count = Math.min(Math.max(1, Math.floor(this.window / 2)), mostPulled);
    let ahead: Promise<Pulled> | undefined;
    let isTold = false;
    try {
      for (;;) {
        const { items, isOver } = await (ahead ?? this.#pull(count));
        ahead = isOver || this.window === 0 ? undefined : this.#pull(count);
        // Its error is met when it is waited for.
        ahead?.catch(() => undefined);
        yield* items;
        if (isOver) return;
      }
    } catch (error) {
      isTold = true;
      throw error;
    } finally {
      // What comes of the end is for those who have asked for it, and does not hide why it is over.
      isTold ||= this.#closing !== undefined;
      const closing = this.close();
      await (isTold ? closing.catch(() => undefined) : closing);
    }
  }

  async #pull(count: number): Promise<Pulled> {
    const pulled = (await this.#remote.call('pull', [count])) as Partial<Pulled> | undefined;
    const { items, isOver } = pulled ?? {};
    if (!Array.isArray(items) || items.length > count || typeof isOver !== 'boolean')
      throw new OffloopError(
        'ERR_OFFLOOP_BYTES',
        'Cannot read an entity stream of a peer: the peer has sent no values',
      );
    return { items, isOver };
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      await this.#remote.call('close', []);
    } catch (error) {
      // If the link is over because it was closed, so is the stream.
      if ((error as { code?: unknown } | null)?.code !== 'ERR_OFFLOOP_CLOSED') throw error;
    } finally {
      await this.#remote.release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
