/** How long a cluster is waited for. @module */

import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { pause } from '../../base/pause.ts';

/** How long to wait before the cluster is asked again, in milliseconds. */
const between = 250;

/** How long each step of the end of a consumer or a producer is waited for, in milliseconds; it goes on by itself then. */
export const closeTime = 2000;

/**
 * Asks again while the cluster is away, for `time` milliseconds or until `isOver`. The client itself tries several times as
 * well.
 */
export async function insist<T>(ask: () => Promise<T>, time: number, isOver: () => boolean): Promise<T> {
  const deadline = now() + time;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || isOver() || now() >= deadline) throw error;
    }
    await pause(between);
  }
}

/** By these names the client says that it has given up what may go well later. */
const givenUp: ReadonlySet<unknown> = new Set(['KafkaJSNumberOfRetriesExceeded', 'KafkaJSGroupCoordinatorNotFound']);

/**
 * Whether the cluster may take it later. The client may say of its own error that it may not, and of the cause that it may; of
 * some errors it says nothing.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof OffloopError) return false;
  const { name, retriable, cause } = (error ?? {}) as Failure;
  return retriable !== false || givenUp.has(name) || isRetriable(cause);
}

interface Failure {
  readonly name?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
}

/** A cause may have a cause of its own. */
function isRetriable(error: unknown): boolean {
  const { retriable, cause } = (error ?? {}) as Failure;
  return retriable === true || (cause !== undefined && cause !== error && isRetriable(cause));
}
