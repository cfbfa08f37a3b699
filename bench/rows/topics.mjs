/** Messages through topics, beside a channel and beside the bare clients of brokers. @module */

import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bareKafka, bareNats, inChannel, messaging } from '../contestants.mjs';
import { measure } from '../measure.mjs';

/** What all rows have in common: a topic of its own for each round. */
const row = (broker, what, { baseline, contestants, size, most }) => ({
  name: `${broker}, ${what}`,
  unit: 'µs',
  cpuUnit: 'CPU µs a message',
  rounds: 5,
  size,
  quickSize: size / 5,
  contestants,
  baseline,
  says: (count) =>
    what === 'publish'
      ? `${count.toLocaleString('en')} messages of two fields as JSON, 256 at once, each confirmed, per message`
      : `${count.toLocaleString('en')} messages of two fields as JSON, each acknowledged, per message`,
  targets: most === undefined ? [] : [{ against: baseline, most }],
  async round({ make }, given) {
    const count = Math.ceil(given);
    const topic = make();
    const published = await measure(() => topic.publish(count));
    const consumed = what === 'publish' ? undefined : await measure(() => topic.consume(count));
    if (consumed) equal(consumed.value, (count * (count - 1)) / 2);
    await topic.close();
    const { time, cpu } = consumed ?? published;
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

const both = (broker, options) => [row(broker, 'publish', options), row(broker, 'consume', options)];

/** A broker that is not installed has no rows. */
const where = (command, rows) => (spawnSync(command, ['-h']).error === undefined ? rows : []);

export const topicsInMemory = both('memory', {
  baseline: inChannel,
  contestants: messaging.memory,
  size: 10_000,
});

// 0.85 × the throughput of the bare client.
export const topicsOverNats = where(
  'nats-server',
  both('NATS', { baseline: bareNats, contestants: messaging.nats, size: 10_000, most: 1.18 }),
);

export const topicsOverKafka = where(
  'kcat',
  both('Kafka', { baseline: bareKafka, contestants: messaging.kafka, size: 20_000, most: 1.18 }),
);
