/** Messages of Kafka as they are delivered. @module */

import type { IncomingMessage } from '../transport.ts';
import type { Flight } from './part.ts';

const none: Readonly<Record<string, string>> = Object.freeze({});

/** A message with the number of its delivery. */
export function incomingOf({ message, part, attempt }: Flight, delivery: number): IncomingMessage {
  return {
    delivery,
    key: message.key ?? undefined,
    value: message.value,
    headers: message.headers ? headersOf(message.headers) : none,
    partition: part.partition,
    position: Number(message.offset),
    time: Number(message.timestamp),
    attempt,
  };
}

/** Of several values of a header the first one counts. */
function headersOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (first instanceof Uint8Array) headers.push([name, Buffer.from(first).toString()]);
    else if (typeof first === 'string') headers.push([name, first]);
  }
  return Object.fromEntries(headers);
}
