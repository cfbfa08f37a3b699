/** Polls for the results of short calls before the event loop sleeps: a wake-up costs more than such a call. @module */

import { now, setImmediate } from '../base/clock.ts';
import { Backoff } from './backoff.ts';

/** An object that can be polled. */
interface Pollable {
  /** Reads what has arrived; gives whether more is awaited soon. */
  look(): boolean;

  /** Called when polling stops although something is still awaited. */
  rest?(): void;
}

/**
 * How long to poll after the last short call was sent, in milliseconds, and for how many turns of the loop at the most.
 */
const longest = 0.1;
const mostTurns = 1024;

const lanes = new Set<Pollable>();
const backoff = new Backoff();
let until = 0;
let turns = 0;
let isPolling = false;

/** Whether lanes are being polled just now. */
let isLooking = false;

/** Whether a call was sent since the last turn. */
let isAwaiting = false;

/** Polls `lane` in every turn of the event loop, for a moment. The loop is not blocked, and messages still wake it. */
export function poll(lane: Pollable): void {
  if (!isPolling && backoff.skips()) return lane.rest?.();
  lanes.add(lane);
  isAwaiting = true;
  // A call that is sent during a look follows a result that the look found.
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
