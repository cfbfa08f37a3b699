/** Both ends of a ring in one thread: what is written is what is read. @module */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RingWord, openRing, ringMemory } from '../../../src/channel/ring/ring.ts';
import { MAILED, NONE, RingReader } from '../../../src/channel/ring/reader.ts';
import { RingWriter } from '../../../src/channel/ring/writer.ts';
import { look } from '../../../src/codec/quick/look.ts';

function ends(maxSize: number, isShared = false): { writer: RingWriter; reader: RingReader; header: Int32Array } {
  const ring = openRing({ memory: ringMemory(maxSize), maxSize, overflow: 'block' });
  return { writer: new RingWriter(ring, !isShared), reader: new RingReader(ring, isShared), header: ring.header };
}

/** Writes `item` as a generator's end does, by the first way that takes it; says whether the ring has it. */
function write(writer: RingWriter, item: unknown): boolean {
  if (writer.write(item)) return true;
  if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item)) return false;
  if (writer.writeShaped(item)) return true;
  const seen = look([item]);
  return Array.isArray(seen) && writer.writePlain(seen[0] as object);
}

const leaf = fc.oneof(
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('red', 'round', -0, NaN, 'x'.repeat(300)),
);
/** A few shapes with many values, as streams have them, and anything else. */
const own = { noNullPrototype: true };
const point = fc.record({ x: fc.double() }, own);
const item = fc.oneof(
  fc.record({ id: fc.nat(), name: fc.string(), tags: fc.tuple(leaf, fc.string()), at: point }, own),
  fc.record({ flag: fc.boolean(), none: fc.constant(null) }, own),
  fc.array(fc.nat(), { maxLength: 3 }),
  fc.dictionary(fc.string(), leaf, own),
  leaf,
  fc.uint8Array({ maxLength: 2000 }),
  fc.jsonValue(),
);

test('items are read as they were written, in order, also where the ring goes round', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.tuple(item, fc.nat(2)), { maxLength: 200 }),
      (size, script) => {
        const { writer, reader } = ends(size);
        const waiting: unknown[] = [];
        const readOne = (): void => {
          const read = reader.take();
          if (waiting.length === 0) expect(read).toBe(NONE);
          else expect(read).toStrictEqual(waiting.shift());
        };
        for (const [value, reads] of script) {
          if (writer.hasFewer(size) && write(writer, value)) waiting.push(value);
          expect(reader.size).toBe(waiting.length);
          for (let i = 0; i < reads; i += 1) readOne();
        }
        while (waiting.length > 0) readOne();
        readOne();
      },
    ),
    { numRuns: 300 },
  );
});

test('an item that went in a message has no place, and others keep theirs', () => {
  const { writer, reader } = ends(4);
  writer.write(1);
  writer.skip();
  writer.write('three');

  expect(reader.take()).toBe(1);
  expect(reader.take()).toBe(MAILED);
  expect(reader.mailed).toBe(1);
  reader.pass(1);
  expect(reader.take()).toBe('three');
});

test('objects of known shapes are looked at without being taken, and stay known', () => {
  const { writer, reader } = ends(8);
  for (let i = 0; i < 5; i += 1) expect(write(writer, { i, text: `item ${i}` })).toBe(true);

  const seen = [0, 1, 2, 3, 4].map((number) => reader.look(number));
  const taken = [0, 1, 2, 3, 4].map(() => reader.take());
  expect(seen).toEqual([0, 1, 2, 3, 4].map((i) => ({ i, text: `item ${i}` })));
  expect(taken).toEqual(seen);
});

test('what is one object twice, or has more than JSON keeps, is for structured clone', () => {
  const { writer } = ends(8);
  const one = { a: 1 };
  expect(write(writer, { x: { a: 1 }, y: { a: 2 } })).toBe(true);

  for (const value of [
    { x: one, y: one },
    { x: { a: 1 }, y: undefined },
    { x: new Date(), y: 1 },
    Object.assign([1, 2], { extra: 1 }),
    { [Symbol.iterator]: () => [] },
    10n,
    Symbol('s'),
  ]) {
    expect(write(writer, value)).toBe(false);
  }
});

test('the oldest is dropped for the consumer as well', () => {
  const { writer, reader, header } = ends(2, true);
  for (let i = 0; i < 10; i += 1) {
    if (!writer.hasFewer(2)) writer.dropOldest();
    write(writer, { i });
  }

  expect(Atomics.load(header, RingWord.dropped)).toBe(8);
  expect([reader.take(), reader.take(), reader.take()]).toEqual([{ i: 8 }, { i: 9 }, NONE]);
});

test('few slots hold many items, one after the other', () => {
  const { writer, reader } = ends(2);
  const wrong: unknown[] = [];
  for (let i = 0; i < 300_000; i += 1) {
    writer.write(i);
    const item = reader.take();
    if (item !== i) wrong.push(item);
  }

  expect(wrong).toEqual([]);
});

test('memory for texts and chunks comes as it is needed, up to 1 MiB, and what waits stays where it is', () => {
  const memory = ringMemory(64);
  const ring = openRing({ memory, maxSize: 64, overflow: 'block' });
  const [writer, reader] = [
    new RingWriter(ring, true),
    new RingReader(openRing({ memory, maxSize: 64, overflow: 'block' }), false),
  ];
  const chunk = (n: number, length: number): Buffer => Buffer.alloc(length, n);
  expect(memory.byteLength).toBeLessThan(8192);

  const lengths = [100, 3000, 2000, 10_000, 5, 65_536, 65_536, 40_000, 65_536];
  for (const [n, length] of lengths.entries()) expect(writer.write(chunk(n, length))).toBe(true);
  for (const [n, length] of lengths.entries()) expect(chunk(n, length).equals(reader.take() as Buffer)).toBe(true);
  expect(memory.byteLength).toBeGreaterThan(250_000);

  let written = 0;
  while (writer.hasFewer(64) && writer.write(chunk(written, 65_536))) written += 1;
  expect(written).toBeGreaterThan(10);
  expect(memory.byteLength).toBeLessThan(2 ** 20 + 4096);
  for (let n = 0; n < written; n += 1) expect(chunk(n, 65_536).equals(reader.take() as Buffer)).toBe(true);
});

test('in memory that cannot grow, what has no room is not written, and the rest goes on', () => {
  const memory = new SharedArrayBuffer(ringMemory(64).byteLength);
  const ring = openRing({ memory, maxSize: 64, overflow: 'block' });
  const [writer, reader] = [new RingWriter(ring, true), new RingReader(ring, false)];

  expect(writer.write('fits')).toBe(true);
  expect(writer.write(Buffer.alloc(3000))).toBe(false);
  expect(writer.write(Buffer.alloc(1000, 7))).toBe(true);
  expect([reader.take(), reader.take()]).toEqual(['fits', Buffer.alloc(1000, 7)]);
});
