/** Values to bytes and back, in one thread: in the format of channels, in V8's, and as JSON. @module */

import { deepStrictEqual } from 'node:assert/strict';
import { formats, structured } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const small = { id: 7, name: 'ada', ok: true };

const nested = {
  user: { id: 7, name: 'Ada Lovelace', tags: ['first', 'second', 'third'], at: { lat: 1.5, lon: 2.25 } },
  items: Array.from({ length: 20 }, (_, i) => ({
    sku: `sku-${i}`,
    title: `What item ${i} is`,
    count: i,
    price: i / 3,
  })),
};

const numbers = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? i * 97 : i * 1.25));

const rich = {
  at: new Date(7),
  words: new Map(Array.from({ length: 20 }, (_, i) => [`word ${i}`, new Set([i, i + 1])])),
  samples: new Float64Array(64).fill(1.5),
};

const row = (name, value, size, { isJson = true } = {}) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs a value',
  rounds: 7,
  size,
  quickSize: size / 10,
  contestants: formats,
  says: (count) => `${count} times to bytes and back, in one thread`,
  targets: [{ against: structured, most: 1.3 }],
  can: ({ keepsAll }) => isJson || keepsAll,
  async round({ write, read }, count, { leadIn }) {
    const work = (times) => {
      let back;
      for (let i = 0; i < times; i += 1) back = read(write(value));
      return back;
    };
    await lead(leadIn, count, work);
    const { time, cpu, value: back } = await measure(() => work(count));

    deepStrictEqual(back, value);
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

export const values = [
  row('small object as bytes', small, 20_000),
  row('nested object as bytes', nested, 2000),
  row('1,000 numbers as bytes', numbers, 1000),
  row('map, date and typed array as bytes', rich, 2000, { isJson: false }),
];
