/** Topics over Kafka that is cut off and stalls at random moments, while consumers come and go. @module */

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { kafka } from 'offloop/kafka';
import { topic } from 'offloop/topics';
import type { BrokerMessage, Topic } from 'offloop/topics';
import { describe, expect, test } from 'vitest';
import { hasKafka, unique } from '../support/brokers.ts';
import { cuttable } from '../support/cut.ts';
import type { Cut } from '../support/cut.ts';
import { isFull } from '../support/full.ts';
import { kafkaMock } from '../support/kafka-mock.ts';
import { later } from '../support/later.ts';
import { randomFrom } from '../support/random.ts';

const rounds = isFull ? 5 : 2;
const perRound = isFull ? 2000 : 100;
const count = rounds * perRound;
const longest = isFull ? 2500 : 500;
const keys = 7;

/** Two share the group in full, and the second one goes and another comes: each change costs the mock seconds. */
const consumers = isFull ? 2 : 1;

const troubles: Record<string, { begin(way: Cut): void }> = {
  'is cut off': { begin: (way) => way.cut() },
  stalls: { begin: (way) => way.stall() },
};

/** The only broker of the mock is reached by this way, wherever it says that it is. */
function clientOf(way: Cut, hear?: (message: string) => void): Kafka {
  const port = Number(way.address.split(':')[1]);
  return new Kafka({
    brokers: [way.address],
    logLevel: hear ? logLevel.DEBUG : logLevel.NOTHING,
    logCreator:
      () =>
      ({ log }) =>
        hear?.(JSON.stringify(log)),
    requestTimeout: 1500,
    connectionTimeout: 1000,
    retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 5 },
    socketFactory: ({ onConnect }) => connect(port, '127.0.0.1', onConnect),
  });
}

/**
 * A member that was cut off as the leader of its group, and sends its plan when another one is the leader by now, is told by the
 * mock that the request is none (42); a broker would not read the plan. The consumer is over then, and another one begins.
 */
function refusedByMock(error: unknown): void {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  if (code !== 'ERR_OFFLOOP_BROKER' || cause?.code !== 42) throw error;
}

// A line says that the mock is missing, and CI fails then.
describe.skipIf(/* needs a broker, which CI has */ !hasKafka)('a topic over Kafka', () => {
  test.concurrent.for(Object.entries(troubles))(
    'that %s loses nothing, and gives no message again that was committed',
    { timeout: isFull ? 180_000 : 60_000 },
    // The hook of this test: the general one is that of whichever test runs at the moment.
    async ([, { begin }], { onTestFinished }) => {
      const mock = await kafkaMock();
      const way = await cuttable(Number(mock.address.split(':')[1]));
      onTestFinished(() => {
        way.close();
        mock.stop();
      });
      const random = randomFrom(20_261_129);
      const name = unique('turmoil');
      const made = (): Topic<number> => {
        const consumer = { maxWaitTimeInMs: 200, sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 500 };
        return topic<number>(name, {
          transport: kafka({ client: clientOf(way), consumer, connectTimeout: 300_000 }),
          group: 'g',
          timeout: 60_000,
        });
      };
      const sender = made();
      const seen = new Map<number, string>();
      const committed = new Set<string>();
      const again: string[] = [];
      const done = later();

      /** Consumes until so many messages have come, or all of them, or the iteration has ended. */
      const consume = async (most: number): Promise<void> => {
        const it = made();
        const enough = later();
        const consuming = (async () => {
          let taken = 0;
          for await (const event of it) {
            const { key, value, message } = event;
            const { partition, position } = message as BrokerMessage;
            const place = `${partition}/${position}`;
            if (committed.has(place)) again.push(place);
            seen.set(value, String(key));
            // One before a gap, of a partition that is another's, or that is closed first, may come again.
            void event.ack().then(
              () => committed.add(place),
              () => undefined,
            );
            if (seen.size === count) done.resolve();
            if ((taken += 1) >= most) enough.resolve();
          }
        })().catch(refusedByMock);
        await Promise.race([enough.promise, done.promise, consuming]);
        await it.close({ timeout: 2000 });
        await consuming;
      };

      const send = async (): Promise<void> => {
        for (let from = 0; from < count; from += perRound) {
          const batch = Array.from({ length: perRound }, async (_, i) =>
            sender({ key: `k${(from + i) % keys}`, value: from + i }),
          );
          await sleep(random(50));
          begin(way);
          await sleep(random(longest));
          way.mend();
          await Promise.all(batch);
        }
      };
      // Each change of a group costs the mock five seconds.
      const consumeAll = async (isChanging: boolean): Promise<void> => {
        if (isChanging) await consume(100 + random(perRound));
        while (seen.size < count) await consume(Infinity);
      };
      await Promise.all([send(), ...Array.from({ length: consumers }, async (_, i) => consumeAll(i > 0))]);
      await sender.close();

      const byKey = Array.from({ length: keys }, (_, k) => [...seen.values()].filter((key) => key === `k${k}`).length);
      expect(byKey).toEqual(Array.from({ length: keys }, (_, k) => Math.ceil((count - k) / keys)));
      expect(again).toEqual([]);
    },
  );

  test.concurrent('that answered nobody when its client came is found once it does', async ({ onTestFinished }) => {
    const mock = await kafkaMock();
    const way = await cuttable(Number(mock.address.split(':')[1]));
    const lost = later();
    const client = clientOf(way, (message) => {
      if (/ApiVersions.* timed out/.test(message)) lost.resolve();
    });
    const it = topic<number>(unique('greeting'), { transport: kafka({ client }), timeout: 30_000 });
    onTestFinished(async () => {
      await it.close({ timeout: 0 });
      way.close();
      mock.stop();
    });
    way.stall();
    const sent = it({ value: 1 });
    // The client takes a connection for good that is not.
    await lost.promise;
    way.mend();

    expect(await sent).toMatchObject({ position: 0 });
  });
});
