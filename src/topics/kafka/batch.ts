/** Messages that go to Kafka in one request. @module */

import type { Due } from '../deadlines.ts';
import type { OutgoingMessage, Placed } from '../transport.ts';
import type { KafkaOutgoing } from './client-types.ts';

/** A message that was not confirmed. */
export interface Pending extends Due {
  readonly topic: string;
  readonly record: KafkaRecord;
  failure: unknown;
  resolve(placed: Placed): void;
  reject(reason: unknown): void;
}

/** A message as the client is given it. */
export interface KafkaRecord extends KafkaOutgoing {
  /** Where it goes: chosen once, so that a broker can tell that it has come before. */
  chosen: number | undefined;

  /** The error for which it cannot go anywhere. */
  refusal: Error | undefined;
}

/** How many messages go in one request, and how many bytes, of which a broker takes 1 MiB for each partition. */
const mostMessages = 1000;
const mostBytes = 900_000;

/** What a message takes beside its key, its value and its headers, in bytes. */
const overhead = 64;

/** `key` and `value` are copied: whoever has made them may write on. */
export function recordOf({ key, value, headers, partition }: OutgoingMessage): KafkaRecord {
  return {
    key: key ? Buffer.from(key) : null,
    value: value && Buffer.from(value),
    headers,
    partition,
    chosen: undefined,
    refusal: undefined,
  };
}

/** Takes the next ones of `waiting` that fit into one request, at least one. */
export function takeBatch(waiting: Pending[]): Pending[] {
  let bytes = 0;
  let count = 0;
  for (const { record } of waiting) {
    bytes += sizeOf(record);
    if (count > 0 && (bytes > mostBytes || count === mostMessages)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

function sizeOf({ key, value, headers = {} }: KafkaOutgoing): number {
  let size = overhead + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name of Object.keys(headers)) size += 3 * (name.length + String(headers[name]).length);
  return size;
}

/** The places of the messages of a batch that was stored, in order. */
export function placesOf(
  batch: readonly Pending[],
  stored: readonly { readonly partition: number; readonly baseOffset?: string }[],
): Placed[] {
  const next = new Map(stored.map(({ partition, baseOffset }) => [partition, Number(baseOffset ?? -1)]));
  return batch.map(({ record }) => {
    const partition = record.chosen ?? record.partition ?? 0;
    const position = next.get(partition) ?? -1;
    if (position >= 0) next.set(partition, position + 1);
    return { partition, position };
  });
}
