/** The end of an object: it is disposed of once no call is in flight, unless its thread has ended. @module */

import { inspect } from 'node:util';
import { after } from '../../base/clock.ts';
import { configuration } from '../../base/config.ts';
import { OffloopError, WorkerExitError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { Op } from '../crossing/form.ts';
import type { Generation } from './generation.ts';

/** How long calls that were given up may run on when the object is released, in milliseconds. */
const grace = 1000;

/** Disposes of the object that was started, whose class is `name`, once no call is in flight. */
export async function dispose(generation: Generation, name: string): Promise<void> {
  const watch = watchCalls(generation, name);
  try {
    await Promise.race([generation.ask(Op.settle, 'release', 0, Infinity), watch.late]);
  } finally {
    watch.stop();
  }
  await generation.dispose(0);
}

/** Rejects once only calls that were given up have been in flight for a while. */
function watchCalls({ thread }: Generation, name: string): { late: Promise<never>; stop(): void } {
  let stop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const look = (isAlone: boolean): void => {
      const { cancel } = after(grace, () => {
        if (!thread.isWanted && isAlone) reject(lateError(name));
        else look(!thread.isWanted);
      });
      stop = cancel;
    };
    if (!configuration.inline) look(!thread.isWanted);
  });
  return { late, stop: () => stop() };
}

/** Settles as `releasing`, unless the thread has ended: then there is nothing to release any more. */
export async function orEnded({ thread }: Generation, releasing: Promise<void>): Promise<void> {
  try {
    await releasing;
  } catch (error) {
    if (!(error instanceof WorkerExitError && thread.hasEnded)) throw error;
  }
}

/** Reports an error by which the thread of an object has ended: no call has thrown it, so no caller may hear of it. */
export function reportEnd(name: string, end: unknown): void {
  if (!(end instanceof WorkerExitError) || end.cause === undefined) return;
  const { message, stack } = end.cause instanceof Error ? end.cause : new Error(inspect(end.cause));
  process.emitWarning(`The thread of ${name} has ended by an error that no call has thrown: ${message}`, {
    type: 'OffloopWarning',
    code: 'OFFLOOP_OBJECT_LOST',
    detail: stack ?? message,
  });
}

function lateError(name: string): OffloopError {
  const text = `Cannot release ${name}: calls that were given up still run after ${grace} ms, so it was not disposed of`;
  return new OffloopError('ERR_OFFLOOP_TIMEOUT', `${text}. Let its methods end when callSignal() is aborted`);
}

/** The error of a call of an object whose thread has ended by `cause`. */
export function deadError(name: string, cause: unknown): OffloopError {
  const { exitCode = 1, threadId = 0 } = cause as Partial<WorkerExitError>;
  const text = `Cannot call ${name}: the thread of its object has ended, and the object was not started again`;
  return new WorkerExitError(text, { exitCode, threadId }, { cause });
}
