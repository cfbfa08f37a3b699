/** Bounds how many objects live at once, each in a thread of its own. @module */

import { configuration } from '../../base/config.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { Latch } from '../../base/latch.ts';
import { Line } from '../../base/line.ts';
import { after } from '../../base/clock.ts';
import { shared } from '../../base/realm.ts';
import { reasonOf, throwIfAborted } from '../../base/signal.ts';
import { onAbort } from '../../codec/live/on-abort.ts';

/** How an object waits for its place. */
export interface WaitForPlace {
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly queueTimeout?: number | undefined;
}

const state = shared('places of objects', () => ({
  /** The objects that have a place although there was no line. */
  first: new Set<Latch>(),
  line: undefined as Promise<Line> | undefined,
}));

/**
 * Waits for a place, of which there are `maxWorkers`; gives the function that frees it.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_QUEUE_TIMEOUT` after `queueTimeout`.
 * @throws `signal.reason` if `signal` is aborted before a place came free.
 */
export async function takePlace({ name, signal, queueTimeout = Infinity }: WaitForPlace): Promise<() => void> {
  if (!state.line && state.first.size < configuration.maxWorkers) return firstPlace();
  const line = await (state.line ??= makeLine());
  line.most = configuration.maxWorkers;
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const giveUp = (reason: unknown): void => {
      isGivenUp = true;
      finish();
      reject(reason);
    };
    const text = `${name} waited for a place longer than its queueTimeout: ${queueTimeout} ms`;
    const timer = after(queueTimeout, () => giveUp(new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', text)));
    const stop = signal && onAbort(signal, () => giveUp(reasonOf(signal)));
    const finish = (): void => {
      timer.cancel();
      stop?.();
    };
    void line.add(async () => {
      if (isGivenUp) return;
      finish();
      await new Promise<void>((free) => resolve(free));
    });
  });
}

/** Gives a place of which there are some left: p-queue is not loaded before an object has to wait. */
function firstPlace(): () => void {
  const over = new Latch();
  state.first.add(over);
  return () => {
    state.first.delete(over);
    over.open();
  };
}

/** Makes the line; the places that were given before are taken in it, too. */
async function makeLine(): Promise<Line> {
  const line = await Line.ofAtMost(configuration.maxWorkers);
  for (const { opened } of state.first) void line.add(() => opened);
  return line;
}
