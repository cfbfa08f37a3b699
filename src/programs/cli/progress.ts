/** Shows how far the demo is: a bar in a terminal, else a line now and then. @module */

import { SingleBar } from 'cli-progress';

import type { DemoProgress, PhaseName } from '../demo/demo.ts';
import type { FoundFile } from '../demo/walk.ts';
import { bytes, count, files } from '../demo/wording.ts';

// How often a line is printed where there is no terminal, in milliseconds.
const lineInterval = 2000;

/**
 * Draws to stderr, so that stdout has only the result.
 *
 * Invariant: a bar has been started only between `begin` and `end`, so the cursor is never left hidden.
 */
export class Progress implements DemoProgress {
  readonly #draw: boolean;
  #bar: SingleBar | undefined;
  #phase: PhaseName | undefined;
  #files = 0;
  #done = 0;

  constructor({ draw }: { draw: boolean }) {
    this.#draw = draw;
  }

  begin(phase: PhaseName, total: number, size: number): void {
    this.#phase = phase;
    this.#files = total;
    this.#done = 0;
    if (!this.#draw || total === 0) return;

    const { isTTY } = process.stderr;
    const bar = isTTY ? '{bar} ' : '';
    this.#bar = new SingleBar({
      // Files differ too much in size for their number to tell how much is left.
      format: `${phase.padEnd(12)} ${bar}{percentage}% of ${bytes(size)}, {done} of ${files(total)}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      // Without a terminal there is nothing to clear, but the library would add an empty line.
      clearOnComplete: !isTTY,
      noTTYOutput: true,
      notTTYSchedule: lineInterval,
      // The program's own handling of signals stops the bar, on every way out.
      gracefulExit: false,
    });
    this.#bar.start(size, 0, { done: count(0) });
  }

  advance({ size }: FoundFile): void {
    this.#done += 1;
    this.#bar?.increment(size, { done: count(this.#done) });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  /** How far it has got, in words. */
  get reached(): string {
    if (this.#phase === undefined) return 'before the first file';
    return `${count(this.#done)} of ${files(this.#files)} done, ${this.#phase}`;
  }
}
