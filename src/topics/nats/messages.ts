/** Messages of JetStream as they are delivered, and what is said of them. @module */

import type { IncomingMessage } from '../transport.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import type { StoredMessage } from './client-types.ts';
import { headOf } from './headers.ts';

/** The facts of a message that stand in the subject to answer to. */
export interface Delivery {
  readonly attempt: number;
  readonly sequence: number;
  readonly time: number;
}

/** Where the dots of a subject are, which is read at once. */
const ends = new Int32Array(12);

/** `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMER_SEQUENCE.NANOSECONDS.PENDING[.RANDOM]`; `undefined` for another one */
export function deliveryOf(reply: string): Delivery | undefined {
  let dots = 0;
  for (let at = reply.indexOf('.'); at >= 0 && dots < ends.length; at = reply.indexOf('.', at + 1)) ends[dots++] = at;
  if (dots < 8 || !reply.startsWith('$JS.ACK.')) return undefined;
  // The parts after the name of the consumer.
  const from = dots > 8 ? 5 : 3;
  const part = (index: number): string => reply.slice((ends[from + index] as number) + 1, ends[from + index + 1]);
  const told = { attempt: Number(part(0)), sequence: Number(part(1)), time: Number(part(3).slice(0, -6)) };
  return told.attempt > 0 && told.sequence > 0 && told.time >= 0 ? told : undefined;
}

/** A message with the number of its delivery. */
export function incomingOf(message: NatsMessage, delivery: number, told: Delivery): IncomingMessage {
  const { attempt, sequence, time } = told;
  const { key, isNull, headers } = headOf(message.headers);
  return {
    delivery,
    key,
    value: isNull ? null : message.data,
    headers,
    partition: 0,
    position: sequence,
    time,
    attempt,
  };
}

/** A message as its stream has it, which is not delivered any more. */
export function storedOf({ data, header, seq, time }: StoredMessage, attempt: number): IncomingMessage {
  const { key, isNull, headers } = headOf(header);
  const value = isNull ? null : data;
  return { delivery: -1, key, value, headers, partition: 0, position: seq, time: Number(time), attempt };
}

const encoder = new TextEncoder();

/** It is still being worked on. */
export const working: Uint8Array = encoder.encode('+WPI');

/** It is to be delivered again, after `delay` milliseconds. */
export function nakOf(delay: number): Uint8Array {
  return encoder.encode(delay > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(delay * 1e6) })}` : '-NAK');
}

/** The word on a pull that a message without a value brings. */
export type PullStatus = 'beat' | 'over' | 'gone' | 'later' | 'refused';

/** The status of a pull, and how many of its messages will not come any more. */
export function statusOf({ headers }: NatsMessage): { readonly status: PullStatus; readonly left: number } {
  const left = Number(headers?.get('Nats-Pending-Messages') ?? '') || 0;
  switch (headers?.code) {
    case 100:
      return { status: 'beat', left };
    case 404:
    case 408:
      return { status: 'over', left };
    case 409:
      return { status: /deleted/i.test(headers.description) ? 'gone' : 'later', left };
    case 503:
      return { status: 'later', left };
    default:
      return { status: 'refused', left };
  }
}
