/** Where the partitions of a topic begin for a group. @module */

import { settled } from '../../streams/run/scope.ts';
import type { StartPosition } from '../transport.ts';
import type { KafkaAdmin, KafkaClient } from './client-types.ts';

/** Asks with an admin client of its own. */
async function asking<T>(client: KafkaClient, ask: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  const admin = client.admin();
  try {
    await admin.connect();
    return await ask(admin);
  } finally {
    await settled(async () => admin.disconnect());
  }
}

/** The position in each partition of `start`. */
export async function positionsOf(
  client: KafkaClient,
  topic: string,
  start: StartPosition,
): Promise<Map<number, number>> {
  return asking(client, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    const times = start.at === 'time' ? await admin.fetchTopicOffsetsByTimestamp(topic, start.time) : [];
    return new Map(
      offsets.map(({ partition, low, high }) => {
        const [first, end] = [Number(low), Number(high)];
        const timed = Number(times.find((other) => other.partition === partition)?.offset ?? end);
        return [partition, within(first, end, wished(start, partition, { first, end, timed }))];
      }),
    );
  });
}

/** The positions that a group has committed. */
export async function committedOf(client: KafkaClient, topic: string, groupId: string): Promise<Map<number, number>> {
  return asking(client, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const known = (found?.partitions ?? []).filter(({ offset }) => Number(offset) >= 0);
    return new Map(known.map(({ partition, offset }) => [partition, Number(offset)]));
  });
}

function wished(
  start: StartPosition,
  partition: number,
  { first, end, timed }: { readonly first: number; readonly end: number; readonly timed: number },
): number {
  switch (start.at) {
    case 'first':
      return first;
    case 'last':
      return end - 1;
    case 'new':
      return end;
    case 'position':
      return start.position;
    case 'time':
      return timed < 0 ? end : timed;
    default:
      return start.positions[partition] ?? first;
  }
}

function within(first: number, end: number, position: number): number {
  return Math.min(Math.max(position, first), end);
}
