/** Looks for results of short calls before the loop sleeps: being woken costs more than such a call. @module */

import { now, setImmediate } from '../clock.ts';

/** What can be looked at; says whether short calls are out. */
interface Looked {
  look(): boolean;
}

/** How long after the last short call was sent, in milliseconds. */
const longest = 0.1;

const lanes = new Set<Looked>();
let until = 0;
let isPolling = false;

/** Looks at `lane` in every turn of the loop, for a moment. The loop is not held up, and messages wake it as ever. */
export function poll(lane: Looked): void {
  lanes.add(lane);
  until = now() + longest;
  if (isPolling) return;
  isPolling = true;
  setImmediate(turn);
}

function turn(): void {
  for (const lane of lanes) if (!lane.look()) lanes.delete(lane);
  isPolling = lanes.size > 0 && now() < until;
  if (isPolling) setImmediate(turn);
  else lanes.clear();
}
