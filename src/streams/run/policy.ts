/** How an item, and its event, is treated for which a function has failed. @module */

import type { Delivery } from './delivery.ts';
import type { Ended } from './calls.ts';
import { sendTo } from './sink.ts';
import type { Send, Sink } from './sink.ts';

/**
 * How an item is treated for which a function has failed. `'stop'` acknowledges nothing and ends the stream with the error.
 * The others go on with the next item: `'nack'` hands the event back to its source, `'ack'` counts it as dealt with, `'skip'`
 * sends it to `deadLetter` and counts it as dealt with.
 */
export type OnError = 'stop' | 'nack' | 'ack' | 'skip';

/** How a stream treats errors and acknowledgements. */
export interface Policy {
  readonly onError: OnError;

  /** How often an event may be delivered before `'nack'` does as `'skip'` does, or `'stop'` without a `deadLetter`. */
  readonly maxDeliver: number;
  readonly deadLetter: Sink<never> | undefined;

  /** Whether consumers acknowledge by hand. */
  readonly isManual: boolean;
}

/** The delivery of an item that has failed. */
export type Treated = Pick<Delivery, 'events' | 'accept' | 'handBack' | 'blame'>;

/** The run that it happens in. */
type Treating = Ended & { readonly policy: Policy };

/**
 * Treats an item for which a function has failed with `error`: throws it where the stream is to stop. Gives what is to be
 * awaited, if there is something, before the stream goes on with the next item.
 */
export function treat(run: Treating, error: unknown, value: unknown, delivery: Treated | undefined): unknown {
  switch (howToTreat(run.policy, delivery)) {
    case 'ack':
      delivery?.accept();
      return undefined;
    case 'nack':
      if (!comesBack(delivery)) break;
      delivery?.handBack();
      return undefined;
    case 'skip':
      return sendAway(run, value, delivery);
    default:
      delivery?.blame();
      throw error;
  }
  // A source that is over takes nothing back: to go on would be to lose the item.
  if (run.policy.deadLetter) return sendAway(run, value, delivery);
  throw error;
}

function comesBack(delivery: Treated | undefined): boolean {
  return delivery?.events.every((event) => event.comesBack) === true;
}

/** Says how an item with `delivery` is treated, if a function has failed for it. */
export function howToTreat(
  { onError, maxDeliver, deadLetter }: Policy,
  delivery: Pick<Delivery, 'events'> | undefined,
): OnError {
  if (onError !== 'nack') return onError;
  // Without an event there is no source to hand the item back to.
  if (!delivery || delivery.events.length === 0) return 'stop';
  if (!delivery.events.every(({ isHeard }) => isHeard)) return 'stop';
  if (delivery.events.every(({ attempt }) => attempt < maxDeliver)) return 'nack';
  return deadLetter ? 'skip' : 'stop';
}

/** The senders to the dead letters of runs. One that is made for each item would listen until the run ends. */
const senders = new WeakMap<Treating, Send>();

function senderOf(run: Treating): Send {
  let send = senders.get(run);
  if (!send) senders.set(run, (send = sendTo(run.policy.deadLetter as Sink<never>, run)));
  return send;
}

async function sendAway(run: Treating, value: unknown, delivery: Treated | undefined): Promise<void> {
  const send = senderOf(run);
  const events = delivery?.events ?? [];
  for (const event of events) await send(event.value, event);
  if (events.length === 0) await send(value, undefined);
  delivery?.accept();
}
