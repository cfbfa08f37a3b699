/** Looks for results of short calls before the loop sleeps: being woken costs more than such a call. @module */

import { now, setImmediate } from '../clock.ts';

/** What can be looked at; says whether more is awaited soon. */
interface Looked {
  look(): boolean;

  /** It is not looked at any more, although something is awaited. */
  rest?(): void;
}

/** How long after the last short call was sent, in milliseconds. */
const longest = 0.1;

/** How many polls in a row are left out at the most, after others that found nothing. */
const mostSkipped = 256;

/** After how long without a poll nothing is left out any more, in milliseconds: what kept the processors may be over. */
const forgottenAfter = 20;

const lanes = new Set<Looked>();
let until = 0;
let isPolling = false;

/** Whether lanes are being looked at. */
let isLooking = false;

/** Whether a call was sent since the last look. */
let isAwaiting = false;

/** How many polls are left out, and how many after the next one that finds nothing. */
let skips = 0;
let nextSkips = 1;

/**
 * Looks at `lane` in every turn of the loop, for a moment. The loop is not held up, and messages wake it as ever. Where
 * no processor is free, the thread that is looked for waits for the one that looks: polls that find nothing are left out,
 * twice as many each time.
 */
export function poll(lane: Looked): void {
  if (!isPolling && isSkipped()) return lane.rest?.();
  lanes.add(lane);
  isAwaiting = true;
  // What was found is answered, and more is awaited.
  if (isLooking) nextSkips = 1;
  if (isPolling) return;
  isPolling = true;
  setImmediate(turn);
}

function isSkipped(): boolean {
  if (skips === 0) return false;
  skips = now() - until > forgottenAfter ? 0 : skips - 1;
  return skips > 0;
}

function turn(): void {
  isLooking = true;
  for (const lane of lanes) if (!lane.look()) lanes.delete(lane);
  isLooking = false;
  const time = now();
  if (isAwaiting) until = time + longest;
  isAwaiting = false;
  if (lanes.size === 0) nextSkips = 1;
  isPolling = lanes.size > 0 && time < until;
  if (isPolling) return void setImmediate(turn);
  if (lanes.size > 0) {
    skips = nextSkips;
    nextSkips = Math.min(mostSkipped, nextSkips * 2);
  }
  const left = [...lanes];
  lanes.clear();
  for (const lane of left) lane.rest?.();
}
