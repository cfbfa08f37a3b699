/** Looks for results of short calls before the loop sleeps: being woken costs more than such a call. @module */

import { now, setImmediate } from '../base/clock.ts';
import { Backoff } from './backoff.ts';

/** What can be looked at; says whether more is awaited soon. */
interface Looked {
  look(): boolean;

  /** It is not looked at any more, although something is awaited. */
  rest?(): void;
}

/** How long after the last short call was sent, in milliseconds, and in how many turns of the loop at the most. */
const longest = 0.1;
const mostTurns = 1024;

const lanes = new Set<Looked>();
const backoff = new Backoff();
let until = 0;
let turns = 0;
let isPolling = false;

/** Whether lanes are being looked at. */
let isLooking = false;

/** Whether a call was sent since the last look. */
let isAwaiting = false;

/** Looks at `lane` in every turn of the loop, for a moment. The loop is not held up, and messages wake it as ever. */
export function poll(lane: Looked): void {
  if (!isPolling && backoff.skips()) return lane.rest?.();
  lanes.add(lane);
  isAwaiting = true;
  // What was found is answered, and more is awaited.
  if (isLooking) backoff.found();
  if (isPolling) return;
  isPolling = true;
  setImmediate(turn);
}

function turn(): void {
  isLooking = true;
  for (const lane of lanes) if (!lane.look()) lanes.delete(lane);
  isLooking = false;
  const time = now();
  turns += 1;
  if (isAwaiting) {
    until = time + longest;
    turns = 0;
  }
  isAwaiting = false;
  if (lanes.size === 0) backoff.found();
  isPolling = lanes.size > 0 && time < until && turns < mostTurns;
  if (isPolling) return setImmediate(turn);
  if (lanes.size > 0) backoff.missed();
  const left = [...lanes];
  lanes.clear();
  for (const lane of left) lane.rest?.();
}
