/** The side of an entity stream that has its values. @module */

import { setImmediate } from '../../../../base/clock.ts';
import { OffloopError } from '../../../../base/errors.ts';
import { Promise } from '../../../../base/intrinsics.ts';
import { Latch } from '../../../../base/latch.ts';
import type { EntityStream } from '../../../entity-stream.ts';
import type { Gate } from '../gate.ts';

/** The most values of an answer, and about how many bytes or characters they have. */
export const mostPulled = 1024;
const enough = 64 * 1024;

/** The answer to a pull. */
export interface Pulled {
  readonly items: unknown[];
  readonly isOver: boolean;
}

/** Lets the values be pulled: as many as there are at once, and at least one. */
export function entityGate(stream: EntityStream<unknown>): Gate {
  const puller = new Puller(stream);
  return {
    call(name, [count]) {
      if (name === 'pull' && typeof count === 'number' && count >= 1) return puller.pull(Math.min(count, mostPulled));
      if (name === 'close') return puller.close();
      throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', 'Cannot reach a member of an entity stream of a peer');
    },
    read: () => {
      throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', 'Cannot read a member of an entity stream of a peer');
    },
    released: () => void puller.close().catch(() => undefined),
  };
}

const later: unique symbol = Symbol('later');

/** Invariant: at most one pull and one value are under way. */
class Puller {
  readonly #stream: EntityStream<unknown>;
  readonly #closed = new Latch();
  #iterator: AsyncIterator<unknown> | undefined;
  #next: Promise<IteratorResult<unknown>> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(stream: EntityStream<unknown>) {
    this.#stream = stream;
  }

  pull(count: number): Promise<Pulled> {
    const pulled = this.#last.then(() => this.#pull(count));
    this.#last = pulled.catch(() => undefined);
    return pulled;
  }

  async #pull(count: number): Promise<Pulled> {
    const items: unknown[] = [];
    let size = 0;
    let turn: Promise<typeof later> | undefined;
    while (items.length < count && size < enough && !this.#closed.isOpen) {
      this.#next ??= this.#ask();
      const others = items.length === 0 ? this.#closed.opened : (turn ??= nextTurn());
      // An error after values is left for the next pull.
      const found = await Promise.race([items.length === 0 ? this.#next : this.#next.catch(() => later), others]);
      if (found === later || found === undefined) break;
      this.#next = undefined;
      const { done, value } = found as IteratorResult<unknown>;
      if (done === true) {
        this.#closed.open();
        break;
      }
      items.push(value);
      size += sizeOf(value);
    }
    return { items, isOver: this.#closed.isOpen };
  }

  #ask(): Promise<IteratorResult<unknown>> {
    this.#iterator ??= this.#stream[Symbol.asyncIterator]();
    const next = Promise.resolve(this.#iterator.next());
    // It may be asked for only later.
    next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    if (this.#closed.isOpen) return;
    this.#closed.open();
    // A generator that waits cannot be told before it goes on.
    if (this.#iterator) await this.#iterator.return?.();
    else await this.#stream.close();
  }
}

function nextTurn(): Promise<typeof later> {
  return new Promise((resolve) => setImmediate(() => resolve(later)));
}

/** About how many bytes `value` has; it is not looked at closely. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 8;
  for (const part of Object.values(value)) {
    if (typeof part === 'string') size += part.length;
    else size += ArrayBuffer.isView(part) ? part.byteLength : 8;
  }
  return size;
}
