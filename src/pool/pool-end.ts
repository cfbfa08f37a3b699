/** The end of a pool: once its calls are over, or now. @module */

import { after } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import type { Call } from '../call/call.ts';
import { orNeverSettles } from '../wait/loop-waits.ts';
import type { Engine } from './engine.ts';
import type { CloseOptions } from './pool-options.ts';

/** Ends the threads of `engine` once its calls are over. Resolves as {@link terminatePool} does. */
export async function closePool(
  engine: Engine,
  { timeout = Infinity, waiting = 'finish' }: CloseOptions,
): Promise<void> {
  const closing = engine.beginClosing(closedError(engine.name));
  if (waiting === 'reject') rejectWaiting(engine);
  engine.onChange();
  const timer = after(timeout, () => void terminatePool(engine));
  timer.hold();
  await orNeverSettles(closing.opened);
  engine.stop();
  await engine.threads.close();
  timer.cancel();
}

/**
 * Fails the calls of `engine`, and terminates its threads. Resolves when these have ended, or after a second if native
 * code keeps one.
 */
export async function terminatePool(engine: Engine): Promise<void> {
  const { backlog, threads } = engine;
  engine.beginClosing(closedError(engine.name)).open();
  const error = (call: Call): OffloopError =>
    new OffloopError('ERR_OFFLOOP_CLOSED', `The pool was terminated before ${call.name} was done`);
  for (const call of backlog.queued) call.abort(error(call));
  for (const { lane } of threads.alive) for (const call of lane.calls.all()) call.fail(error(call));
  engine.stop();
  await threads.terminate();
}

/** Aborts all calls that have not started, except nested ones, for which running calls wait. */
function rejectWaiting({ backlog, feeder, threads }: Engine): void {
  feeder.putBack(threads.present.flatMap((thread) => thread.takeBack()));
  // Calls that cannot be taken back can still be aborted.
  for (const call of backlog.unstarted.filter(({ depth }) => depth === 0)) {
    const text = `Cannot call ${call.name}: The pool was closed before it had started`;
    call.abort(new OffloopError('ERR_OFFLOOP_CLOSED', text));
  }
  feeder.spread();
}

/** The error of who waits for room in the pool `name`, which is closed. */
export function closedError(name: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot wait for ${name}: it is closed`);
}
