/** The queues of a caller. @module */

import { expect, test } from 'vitest';
import { Queues } from '../../src/fleet/caller/queues.ts';
import type { QueueEnds } from '../../src/fleet/caller/queues.ts';
import type { Opened } from '../../src/fleet/nats/connection.ts';
import { Names } from '../../src/fleet/nats/names.ts';

test('a queue that was lost and made again is listened to once, for what it gives up', async () => {
  const listening: string[] = [];
  const ends: Partial<QueueEnds> = { names: new Names('shop'), id: 'caller', stream: {}, givenUp: () => undefined };
  const queues = new Queues(ends as QueueEnds);
  const opened = {
    manager: { streams: { add: async (): Promise<unknown> => Promise.resolve(listening.push('made')) } },
    connection: {
      subscribe(subject: string) {
        listening.push(subject);
        return { unsubscribe: () => void listening.splice(listening.indexOf(subject), 1) };
      },
    },
  } as unknown as Opened;
  await queues.open(opened, '0123');
  await queues.open(opened, '0123');
  queues.doubt('0123');
  expect(queues.isOpen('0123')).toBe(false);
  await queues.open(opened, '0123');

  const subject = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.shop-calls-0123.nodes';
  expect(listening).toEqual(['made', 'made', subject]);
});
