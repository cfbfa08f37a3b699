/** Sends the gathered writes of a thread, and sees to their outcomes. @module */

import { threadId } from 'node:worker_threads';
import { runningCall } from '../../wait/running-call.ts';
import { failuresOf, verdictOn, writeApartTo, writeTo } from '../main/writing.ts';
import type { Failures } from '../main/writing.ts';
import type { Sending } from './gathered.ts';
import { Outcome } from './outcome.ts';
import type { Pressure } from './pressure.ts';

let tickets = 0;

/** The writes of a message succeed or fail together: the store has no bounds. */
export function sendingTogether(path: string, pressure: Pressure): Sending {
  return {
    outcomeAfter: (outcome) => outcome ?? Outcome.make(),
    send(bytes, [outcome]) {
      pressure.relieve();
      const reply = writeTo(path, bytes);
      pressure.sent(reply);
      if (!outcome) return;
      // The call sees to a reply that nobody awaits.
      if (runningCall()) outcome.onAwaited = () => outcome.follow(reply);
      else outcome.follow(reply);
    },
  };
}

/** Each write succeeds or fails by itself: one that finds no room in a bounded store concerns no other. */
export function sendingApart(path: string, pressure: Pressure): Sending {
  return {
    outcomeAfter: () => Outcome.make(),
    send(bytes, outcomes) {
      pressure.relieve();
      const loose = outcomes.flatMap((outcome, i) => (outcome.isAwaited ? [] : [i]));
      const isKept = loose.length > 0 && runningCall() !== undefined;
      const ticket = isKept ? `${threadId} ${(tickets += 1)}` : undefined;
      const reply = writeApartTo(path, bytes, ticket);
      pressure.sent(reply);
      if (ticket !== undefined) keep(ticket, loose, outcomes);
      void settleApart(reply, outcomes, isKept ? 'failQuietly' : 'fail');
    },
  };
}

async function settleApart(
  reply: Promise<Failures>,
  outcomes: readonly Outcome[],
  fail: 'fail' | 'failQuietly',
): Promise<void> {
  try {
    const errors = failuresOf(await reply);
    for (const [i, outcome] of outcomes.entries())
      if (errors.has(i)) outcome[fail](errors.get(i));
      else outcome.done();
  } catch (error) {
    for (const outcome of outcomes) outcome[fail](error);
  }
}

/** Lets the call reject as the writes at `loose` do, which nobody awaits so far; unless all of them are awaited later. */
function keep(ticket: string, loose: readonly number[], outcomes: readonly Outcome[]): void {
  const verdict = verdictOn(ticket, loose);
  let left = loose.length;
  const awaited = (): void => {
    left -= 1;
    // The promise of a call to the main side knows whether it is awaited.
    if (left === 0) verdict.then(nothing, nothing);
  };
  for (const i of loose) (outcomes[i] as Outcome).onAwaited = awaited;
}

const nothing = (): void => undefined;
