/** Topics over Kafka, by kafkajs against mock brokers; where there is time, they run the whole contract as well. @module */

import { stream } from 'offloop/streams';
import { topic } from 'offloop/topics';
import { kafka } from 'offloop/kafka';
import { describe, expect, onTestFinished, test } from 'vitest';
import { kafkaPartitionOf, murmur2 } from '../../src/topics/kafka/partitioner.ts';
import { kafkaBroker, hasKafka, unique } from '../support/brokers.ts';
import { isFull } from '../support/full.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

// The mock lets a group wait for seconds: CI has the time.
describe.skipIf(/* needs a broker, which CI has */ !hasKafka || !isFull)('a topic over Kafka', () => {
  test('sends and consumes, commits without a gap, and goes on where its group has stopped', async () => {
    const broker = await kafkaBroker.start();
    const name = unique('orders');
    const it = topic<number>(name, { transport: broker.connect(), group: 'g', retryDelay: 0 });
    const again = topic<number>(name, { transport: broker.connect(), group: 'g' });
    onTestFinished(async () => {
      await it.close({ timeout: 0 });
      await again.close({ timeout: 0 });
      await broker.stop();
    });
    for (let n = 0; n < 10; n += 1) await it({ key: 'one key', value: n, headers: { a: 'b' } });
    const events = it[Symbol.asyncIterator]();
    const first = (await events.next()).value;
    expect(first).toMatchObject({ value: 0, key: 'one key', headers: { a: 'b' }, attempt: 1 });
    await first?.nack();
    const second = (await events.next()).value;
    expect(second).toMatchObject({ value: 0, attempt: 2 });
    await second?.ack();
    const [one, two] = [(await events.next()).value, (await events.next()).value];
    await two?.ack();
    expect([one?.value, two?.value]).toEqual([1, 2]);
    await it.close({ timeout: 0 });

    expect(await stream(again).take(9).toArray()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('over Kafka', () => {
  test('a key belongs to the partition where all clients put it', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

    // As the tests of the client for Java have them.
    expect(murmur2(bytes('21'))).toBe(-973_932_308);
    expect(murmur2(bytes('foobar'))).toBe(-790_332_482);
    expect(murmur2(bytes('a-little-bit-long-string'))).toBe(-985_981_536);
    expect(murmur2(bytes('a-little-bit-longer-string'))).toBe(-1_486_304_829);
    expect(murmur2(bytes('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'))).toBe(-58_897_971);
    expect(murmur2(bytes('abc'))).toBe(479_470_107);
    expect(kafkaPartitionOf(bytes('abc'), 4)).toBe(3);
  });

  test('there has to be a client', () => {
    expect(() => kafka({} as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => kafka({ client: {} as never })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});
