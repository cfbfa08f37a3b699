/** Messages on their way to Kafka, by a client that plays the cluster. @module */

import { kafka } from 'offloop/kafka';
import { topic } from 'offloop/topics';
import type { Topic, TopicOptions, Transport } from 'offloop/topics';
import { describe, expect, onTestFinished, test } from 'vitest';
import { valueCodec } from '../../src/topics/codec.ts';
import { hasSettled } from '../support/has-settled.ts';
import { FakeKafka } from '../support/kafka-fake.ts';
import { later } from '../support/later.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const codec = {
  encode: (text: string) => Buffer.from(text),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

function made(
  options: Partial<TopicOptions<string>> = {},
  producer: object = {},
): { readonly fake: FakeKafka; readonly transport: Transport; readonly it: Topic<string> } {
  const fake = new FakeKafka();
  const transport = kafka({ client: fake, producer: producer as never });
  const it = topic<string>('t', { transport, codec, ...options });
  onTestFinished(async () => it.close({ timeout: 0 }).catch(() => undefined));
  return { fake, transport, it };
}

/** The client has given up what it has tried. */
const givenUp = Object.assign(new Error('broker away'), { name: 'KafkaJSNumberOfRetriesExceeded', retriable: false });
const tooLarge = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', retriable: false });

describe('what is sent to Kafka', () => {
  test('in one turn goes in one request, of a thousand messages or 900,000 bytes at the most', async () => {
    const { fake, it } = made();
    await Promise.all(Array.from({ length: 2500 }, async (_, n) => it({ value: `${n}` })));
    await Promise.all(Array.from({ length: 4 }, async () => it({ value: 'x'.repeat(400_000) })));
    await it({ value: 'x'.repeat(1_000_000) });

    expect(fake.requests.map(({ length }) => length)).toEqual([1000, 1000, 500, 2, 2, 1]);
    expect(
      fake.requests
        .slice(0, 3)
        .flat()
        .map(([value]) => value),
    ).toEqual(Array.from({ length: 2500 }, (_, n) => `${n}`));
  });

  test('goes in smaller requests where the broker takes fewer bytes', async () => {
    const { fake, it } = made();
    fake.refusals = [tooLarge];
    const placed = await Promise.all(['a', 'b', 'c', 'd'].map(async (value) => it({ value })));

    expect(placed.map(({ position }) => position)).toEqual([7, 7, 9, 9]);
    expect(fake.requests.map((request) => request.map(([value]) => value).join(''))).toEqual(['abcd', 'ab', 'cd']);
    fake.refusals = [tooLarge];
    await expect(it({ value: 'e' })).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test('is not refused for another message of its turn that goes nowhere', async () => {
    const { it } = made();
    const [good, bad] = await Promise.allSettled([it({ value: 'a', partition: 1 }), it({ value: 'b', partition: 2 })]);

    expect(good).toMatchObject({ status: 'fulfilled', value: { partition: 1, position: 7 } });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'ERR_OFFLOOP_ARGUMENT' } });
  });

  test('is sent again as it was, to the same partitions, before newer messages', async () => {
    const { fake, it } = made({}, { idempotent: true });
    fake.refusals = [givenUp];
    const first = Promise.all(['a', 'b', 'c'].map(async (value) => it({ value })));
    await expect.poll(() => fake.requests.length).toBe(1);
    await Promise.all([first, it({ value: 'd' })]);

    expect(fake.requests[1]).toEqual(fake.requests[0]);
    expect(fake.requests[2]?.map(([value]) => value)).toEqual(['d']);
  });

  test('is sent on by a producer that numbers messages, also if nobody waits for it any more', async () => {
    const { fake, it } = made({ timeout: 50 }, { idempotent: true });
    fake.refusals = [givenUp, givenUp];
    await expect(it({ value: 'a' })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));

    await expect
      .poll(() => fake.requests.map((request) => request[0]?.[0]), { timeout: 5000 })
      .toEqual(['a', 'a', 'a']);
  });

  test('is sent by a client that is connected anew where it has lost its way, once nothing else is on its way', async () => {
    const { fake, transport, it } = made();
    const other = topic<string>('other', { transport, codec });
    await it({ value: 'a' });
    const answer = later();
    fake.answers.set('other', answer.promise);
    const slow = other({ value: 'b' });
    await expect.poll(() => fake.requests).toHaveLength(2);
    fake.refusals = [givenUp];
    fake.isLost = true;
    const sent = it({ value: 'c' });
    await expect.poll(() => fake.requests).toHaveLength(3);
    const third = topic<string>('third', { transport, codec })({ value: 'd' });
    expect(await hasSettled(third)).toBe(false);
    expect(fake.log).toEqual(['connect']);
    fake.isLost = false;
    answer.resolve();
    await slow;
    fake.isLost = true;
    await Promise.all([sent, third]);

    expect(fake.log).toEqual(['connect', 'disconnect', 'connect']);
  });

  test('goes where the partitioner of the user says', async () => {
    const { it } = made({}, { createPartitioner: () => () => 1 });

    expect(await it({ value: 'a', key: 'any' })).toMatchObject({ partition: 1, position: 7 });
  });

  test.each(['codec', 'keyCodec'])('is refused if %s gives no bytes', async (name) => {
    const gives = { encode: () => '' as never, decode: () => '' };
    const { fake, it } = made({ [name]: gives });

    await expect(it({ value: 'a', key: 'b' })).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(fake.requests).toEqual([]);
  });

  test('names its topic in the error where it is refused', async () => {
    const { fake, it } = made();
    fake.refusals = [Object.assign(new Error('no'), { retriable: false })];

    await expect(it({ value: 'a' })).rejects.toThrow('Cannot send to the topic t: no');
  });

  test.each([true, false, Uint8Array.of(0, 255)])('has the key %s where its codec takes any value', async (key) => {
    const fake = new FakeKafka();
    const it = topic<string, unknown>('t', { transport: kafka({ client: fake }), codec, keyCodec: valueCodec });
    onTestFinished(async () => it.close());
    await it({ key, value: 'a' });

    expect(valueCodec.decode(fake.keys.at(-1) as Uint8Array)).toEqual(key);
  });
});
