/** Topics over a real NATS server that dies, freezes and is cut off at random moments, while consumers come and go. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { nats } from 'offloop/nats';
import { topic } from 'offloop/topics';
import type { Topic } from 'offloop/topics';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { hasNats, unique } from '../support/brokers.ts';
import { cuttable } from '../support/cut.ts';
import type { Cut } from '../support/cut.ts';
import { isFull } from '../support/full.ts';
import { later } from '../support/later.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { randomFrom } from '../support/random.ts';

const rounds = isFull ? 25 : 3;
const perRound = isFull ? 400 : 100;
const count = rounds * perRound;
const longest = isFull ? 2500 : 700;
const keys = 7;

/** A server, and the way to it. */
interface Place {
  readonly server: NatsServer;
  readonly way: Cut;
}

interface Trouble {
  begin(place: Place): Promise<void> | void;
  end(place: Place): Promise<void> | void;
  readonly longest: number;

  /** Whether consumers come and go meanwhile. */
  readonly isChanging: boolean;

  /**
   * Whether the server forgets what it has confirmed and not written: a message that one consumer has acknowledged may be in
   * the hands of another one.
   */
  readonly forgets?: boolean;
}

// A line says that the server is missing, and CI fails then.
describe.skipIf(/* needs a server, which CI has */ !hasNats)('a topic over a NATS server', () => {
  /** What goes wrong, for how long at the most in milliseconds, and how it ends. */
  const troubles: Record<string, Trouble> = {
    'is killed': {
      begin: async ({ server }) => server.kill(),
      end: async ({ server }) => server.start(),
      longest: 300,
      isChanging: false,
    },
    'is killed while consumers come and go': {
      begin: async ({ server }) => server.kill(),
      end: async ({ server }) => server.start(),
      longest: 300,
      isChanging: true,
      forgets: true,
    },
    'is frozen': {
      begin: ({ server }) => server.freeze(),
      end: ({ server }) => server.thaw(),
      longest,
      isChanging: true,
    },
    'is cut off': { begin: ({ way }) => way.cut(), end: ({ way }) => way.mend(), longest: 300, isChanging: false },
    // What a consumer that left had not acknowledged may wait at another one while the acknowledgement comes after all.
    'is cut off while consumers come and go': {
      begin: ({ way }) => way.cut(),
      end: ({ way }) => way.mend(),
      longest: 300,
      isChanging: true,
      forgets: true,
    },
    stalls: { begin: ({ way }) => way.stall(), end: ({ way }) => way.mend(), longest, isChanging: true },
  };

  const places: Place[] = [];
  afterAll(async () => {
    for (const { server, way } of places) {
      way.close();
      await server.stop();
    }
  });
  const opened = async (): Promise<Place> => {
    const server = await natsServer();
    const place = { server, way: await cuttable(server.port) };
    places.push(place);
    return place;
  };

  /** A topic with a connection of its own. */
  const made = (name: string, { way }: Place): { readonly it: Topic<number>; end(): Promise<void> } => {
    const transport = nats({ servers: way.address, ackWait: 1500, connectTimeout: 60_000 });
    const it = topic<number>(name, { transport, group: 'g', timeout: 60_000, maxSize: 64 });
    return {
      it,
      async end() {
        await it.close({ timeout: 100 });
        await transport.close();
      },
    };
  };

  /** Resolves once the server knows of no message that was not acknowledged. */
  const allAcknowledged = async ({ server }: Place, stream: string, forgets: boolean): Promise<void> => {
    const connection = await connect({ servers: server.servers, maxReconnectAttempts: -1 });
    const manager = await jetstreamManager(connection);
    await vi.waitFor(
      async () => {
        const { ack_floor, num_ack_pending, num_pending } = await manager.consumers.info(stream, 'g');
        // One that has forgotten acknowledgements may leave its floor where it was.
        if (forgets) expect({ num_ack_pending, num_pending }).toEqual({ num_ack_pending: 0, num_pending: 0 });
        else expect(ack_floor.stream_seq).toBe(count);
      },
      { timeout: 30_000, interval: 100 },
    );
    await connection.close();
  };

  // That a server forgets is tried in full only: it costs as much as all the others.
  const tried = Object.entries(troubles).filter(([, { forgets }]) => isFull || !forgets);
  test.concurrent.each(tried)(
    'that %s loses nothing, and gives no message again that was acknowledged and not forgotten, to whichever consumer',
    async (_, { begin, end, longest, isChanging, forgets = false }) => {
      const place = await opened();
      const random = randomFrom(20_261_129);
      const name = unique('turmoil');
      const sender = made(name, place);
      const seen = new Map<number, string>();
      const acked = new Set<number>();
      const again: number[] = [];
      const sent = later();
      const done = later();

      /** Consumes until so many messages have come, or there are no more. */
      const consume = async (most: number): Promise<void> => {
        const { it, end } = made(name, place);
        const enough = later();
        const consuming = (async () => {
          let taken = 0;
          for await (const event of it) {
            const { key, value } = event;
            if (acked.has(value) && !forgets) again.push(value);
            seen.set(value, String(key));
            // Of one that is closed first nobody knows whether it was taken.
            void event.ack().then(
              () => acked.add(value),
              () => undefined,
            );
            // The server is asked once there is no more trouble to come.
            if (seen.size === count) done.resolve(sent.promise.then(async () => allAcknowledged(place, name, forgets)));
            if ((taken += 1) >= most) enough.resolve();
          }
        })();
        await Promise.race([enough.promise, done.promise, consuming]);
        await end();
        await consuming;
      };
      const consumeAll = async (): Promise<void> => {
        while (seen.size < count) await consume(isChanging ? 20 + random(perRound) : Infinity);
      };

      const send = async (): Promise<void> => {
        let before: Promise<unknown> | undefined;
        for (let from = 0; from < count; from += perRound) {
          const batch = Array.from({ length: perRound }, async (_, i) =>
            sender.it({ key: `k${(from + i) % keys}`, value: from + i }),
          );
          await sleep(random(50));
          await begin(place);
          await sleep(random(longest));
          await end(place);
          // Some may still be on their way when the next trouble begins.
          await before;
          before = Promise.all(batch);
        }
        await before;
        sent.resolve();
      };

      await Promise.all([send(), consumeAll()]);
      const probe = made(name, place);
      await sender.it({ value: count });
      const next = await probe.it[Symbol.asyncIterator]().next();
      await Promise.all([probe.end(), sender.end()]);

      const byKey = Array.from({ length: keys }, (_, k) => [...seen.values()].filter((key) => key === `k${k}`).length);
      expect(byKey).toEqual(Array.from({ length: keys }, (_, k) => Math.ceil((count - k) / keys)));
      expect(again).toEqual([]);
      expect(next.value?.value).toBe(count);
    },
    isFull ? 600_000 : 40_000,
  );
});
