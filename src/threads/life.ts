/** Reports threads that start, end and are replaced; costs nothing while there are no listeners. @module */

import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import { emit } from './emit.ts';
import type { PoolEvents, ThreadStartEvent } from './events.ts';

type LifeEvents = Omit<PoolEvents, 'error'>;

/** The facts of a thread that events report. */
export type ThreadFacts = Pick<ThreadStartEvent, 'threadId' | 'number'>;

/** The thread that another one replaces. */
export interface Predecessor {
  readonly threadId: number;
  readonly reason: ThreadEndReason;
}

const channels: Readonly<Record<keyof LifeEvents, Channel>> = {
  threadStart: channel('offloop:thread:start'),
  threadEnd: channel('offloop:thread:end'),
  threadReplace: channel('offloop:thread:replace'),
};

/** Reports threads on the diagnostics channels, and to the listeners of `pool` if they are threads of a pool. */
export class Life {
  readonly #pool: EventEmitter<PoolEvents> | undefined;

  constructor(pool?: EventEmitter<PoolEvents>) {
    this.#pool = pool;
  }

  started(thread: ThreadFacts): void {
    if (this.#isHeard('threadStart')) this.#tell('threadStart', this.#facts(thread));
  }

  replaced(thread: ThreadFacts, { threadId: replaced, reason }: Predecessor): void {
    if (this.#isHeard('threadReplace')) this.#tell('threadReplace', { ...this.#facts(thread), replaced, reason });
  }

  ended(thread: ThreadFacts, reason: ThreadEndReason, { exitCode, cause: error }: ThreadEnd): void {
    if (this.#isHeard('threadEnd')) this.#tell('threadEnd', { ...this.#facts(thread), reason, exitCode, error });
  }

  #facts({ threadId, number }: ThreadFacts): ThreadStartEvent {
    return { threadId, number, pool: this.#pool };
  }

  #isHeard(name: keyof LifeEvents): boolean {
    return channels[name].hasSubscribers || (this.#pool?.listenerCount(name) ?? 0) > 0;
  }

  #tell<K extends keyof LifeEvents>(name: K, event: LifeEvents[K][0]): void {
    channels[name].publish(event);
    if (this.#pool) emit(this.#pool, name, event);
  }
}

/** Why a thread has ended: the reason it was told to end for, if any, else what the end itself shows. */
export function endReason(
  reason: ThreadEndReason | undefined,
  { cause }: ThreadEnd,
  isDiscarded: boolean,
): ThreadEndReason {
  if (reason) return reason;
  if (isDiscarded) return 'discarded';
  return cause === undefined ? 'exit' : 'error';
}
