/** A progress line: drawn only between rounds, so that it does not disturb them. @module */

import { SingleBar } from 'cli-progress';

const { isTTY } = process.stderr;

/** Starts the line; `total` is in rounds. */
export function startProgress(total) {
  const bar = new SingleBar({
    format: `${isTTY ? '{bar} ' : ''}{percentage}%, {eta_formatted} left: {row}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: !isTTY,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    fps: 2,
    etaBuffer: 200,
  });
  bar.start(total, 0, { row: 'starting' });
  return {
    advance: (row) => bar.increment(1, { row }),
    stop: () => bar.stop(),
  };
}
