/** Processes files, and measures the time and the delay of the event loop. @module */

import PQueue from 'p-queue';

import { OffloopError } from '../../base/errors.ts';
import { watchLoop } from './delay.ts';
import type { LoopDelay } from './delay.ts';
import type { FileFacts } from './facts.ts';
import { failure } from './tally.ts';
import type { FileFailure } from './tally.ts';
import type { FoundFile } from './walk.ts';

/** Options of {@link runPhase}. */
export interface PhaseOptions {
  /** Processes one file; its error is the file's failure, not the phase's, unless it is one of the library's own. */
  digest: (path: string) => Promise<FileFacts>;

  /** How many files may be under way at once; from 1. */
  concurrency: number;

  /** Ends the phase before the next file. */
  signal: AbortSignal;

  /** Called with the facts about each processed file. */
  onFacts?: (facts: FileFacts) => void;

  /** Called after each file, whether it failed or not. */
  onFile?: (file: FoundFile) => void;
}

/** The measurements of a phase. */
export interface PhaseResult {
  /** How many files were done; failures are not counted. */
  readonly files: number;

  readonly bytes: number;

  /** In milliseconds, from the first file to the last. */
  readonly time: number;

  /** Of all threads together, in milliseconds; far less than `time` times the threads if other programs were busy too. */
  readonly cpuTime: number;

  /** The threads that did the work, by `threadId`, in the order in which they first answered. */
  readonly threadIds: readonly number[];

  readonly delay: LoopDelay;
  readonly failures: readonly FileFailure[];
}

/**
 * Does all files, no more than `concurrency` at once, and settles once the last is done.
 *
 * @throws `signal.reason` if `signal` is aborted before that; files that are under way are left to `digest`.
 * @throws {OffloopError} if the library itself could not do a call.
 */
export async function runPhase(files: readonly FoundFile[], options: PhaseOptions): Promise<PhaseResult> {
  const { digest, concurrency, signal, onFacts, onFile } = options;
  const queue = new PQueue({ concurrency });
  const threadIds = new Set<number>();
  const failures: FileFailure[] = [];
  let done = 0;
  let bytes = 0;

  const one = async (file: FoundFile): Promise<void> => {
    signal.throwIfAborted();
    try {
      const facts = await digest(file.path);
      done += 1;
      bytes += facts.bytes;
      threadIds.add(facts.thread);
      onFacts?.(facts);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OffloopError) throw error;
      failures.push(failure(file.path, error));
    }
    onFile?.(file);
  };

  const watch = await watchLoop();
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  let delay: LoopDelay;
  try {
    await queue.addAll(files.map((file) => () => one(file)));
  } finally {
    queue.clear();
    delay = watch.stop();
  }

  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuTime = (user + system) / 1000;
  return { files: done, bytes, time, cpuTime, threadIds: [...threadIds], delay, failures };
}

/** Bytes per second. */
export function speed({ bytes, time }: PhaseResult): number {
  return bytes / (time / 1000);
}
