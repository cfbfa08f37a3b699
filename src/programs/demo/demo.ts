/** Does the same heavy work over real files twice: some on the main thread, then all of them off the loop. @module */

import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { ThreadPool } from '../../index.ts';
import type { FileFacts } from './facts.ts';
import { digest } from './job.ts';
import { runPhase, speed } from './phase.ts';
import type { PhaseResult } from './phase.ts';
import { spread } from './sample.ts';
import { failure, Tally } from './tally.ts';
import type { FileFailure, Findings } from './tally.ts';
import { walk } from './walk.ts';
import type { FoundFile } from './walk.ts';

/** Options of {@link runDemo}. */
export interface DemoOptions {
  /** How many threads the pool may have; from 1. */
  threads: number;

  /** How many files to do at most, chosen at even distances; from 1. */
  files: number;

  /** Stops the demo. */
  signal: AbortSignal;

  /** Receives the progress of the demo. */
  progress: DemoProgress;

  /** Is given the pool, before it has anything to do. */
  onPool?: ((pool: ThreadPool) => void) | undefined;
}

/** Receives the progress of the demo. */
export interface DemoProgress {
  begin(phase: PhaseName, files: number, bytes: number): void;
  advance(file: FoundFile): void;
  end(): void;
}

/** The demo's two halves. */
export type PhaseName = 'main thread' | 'off the loop';

/** The result of the demo. */
export interface DemoResult {
  readonly root: string;

  /** The files below `root`, and those of them that were chosen. */
  readonly found: Amount;
  readonly chosen: Amount;

  /** A sample of the chosen files, done on the main thread. */
  readonly main: PhaseResult;

  /** All chosen files, done in worker threads. */
  readonly offLoop: PhaseResult;

  /** Bytes per second off the loop, as a multiple of those on the main thread; `undefined` if there was nothing to do. */
  readonly speedUp: number | undefined;

  readonly findings: Findings;

  /** The files and folders that could not be read, each once. */
  readonly failures: readonly FileFailure[];
}

/** A number of files and their bytes. */
interface Amount {
  readonly files: number;
  readonly bytes: number;
}

// Enough of each that a thread never waits for its next file, few enough that memory stays flat.
const callsPerThread = 4;

// One in five, and never fewer than a handful, keeps the blocked part of the demo short.
const sampleShare = 0.2;
const sampleLeast = 20;

/**
 * Runs the demo over the files at or below `root`.
 *
 * @throws the file system's error if there is nothing at `root`.
 * @throws `signal.reason` once `signal` is aborted; all threads are gone by then.
 */
export async function runDemo(
  root: string,
  { threads, files, signal, progress, onPool }: DemoOptions,
): Promise<DemoResult> {
  await stat(root);
  const failures: FileFailure[] = [];
  const found: FoundFile[] = [];
  for await (const file of walk(root, { onFailure: (path, error) => failures.push(failure(path, error)) })) {
    signal.throwIfAborted();
    found.push(file);
  }
  // The largest first, so that no thread is left alone with a large file at the end.
  const chosen = spread(found, files).sort((a, b) => b.size - a.size);
  const sample = spread(chosen, Math.max(sampleLeast, Math.ceil(chosen.length * sampleShare)));

  const phase = async (name: PhaseName, list: readonly FoundFile[], options: PhaseWork): Promise<PhaseResult> => {
    const { files, bytes } = amount(list);
    progress.begin(name, files, bytes);
    try {
      return await runPhase(list, { ...options, signal, onFile: (file) => progress.advance(file) });
    } finally {
      progress.end();
    }
  };

  const main = await phase('main thread', sample, { digest: digestHere, concurrency: 1 });
  const tally = new Tally();
  const pool = new ThreadPool({ size: threads, name: 'demo' });
  onPool?.(pool);
  try {
    const offLoop = await phase('off the loop', chosen, {
      digest: digest.with({ pool, signal }),
      concurrency: threads * callsPerThread,
      onFacts: (facts) => tally.add(facts),
    });
    return {
      root,
      found: amount(found),
      chosen: amount(chosen),
      main,
      offLoop,
      speedUp: main.bytes > 0 && offLoop.bytes > 0 ? speed(offLoop) / speed(main) : undefined,
      findings: tally.findings(),
      failures: oncePerPath([...failures, ...main.failures, ...offLoop.failures]),
    };
  } finally {
    // Every call has settled, or the demo was stopped and waits for none of them.
    await pool.terminate();
  }
}

type PhaseWork = Pick<Parameters<typeof runPhase>[1], 'digest' | 'concurrency' | 'onFacts'>;

/** Blocks for each file, but gives way between files, as an honest server would. */
async function digestHere(path: string): Promise<FileFacts> {
  try {
    return digest.syncCall(path);
  } finally {
    await nextTurn();
  }
}

function amount(files: readonly FoundFile[]): Amount {
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function oncePerPath(failures: readonly FileFailure[]): FileFailure[] {
  return [...new Map(failures.map((failed) => [failed.path, failed])).values()];
}
