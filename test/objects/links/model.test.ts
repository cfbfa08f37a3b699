/** A byte stream over a link whose transport delays and cuts is the same as bytes in memory. @module */

import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteStream, link } from '../../../src/objects/index.ts';
import type { ByteStreamer } from '../../../src/objects/index.ts';
import { tries } from '../../support/full.ts';

/** Two ends of a socket that cuts what is written into pieces of `sizes`, and delays each by some turns. */
function cutting(sizes: readonly number[]): [Duplex, Duplex] {
  let next = 0;
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _, done) {
        const step = (at: number): void => {
          if (at >= chunk.length) return done();
          const size = sizes[(next += 1) % sizes.length] ?? 1;
          const isLate = size % 3 === 0;
          const go = (): void => {
            other().push(chunk.subarray(at, at + size));
            step(at + size);
          };
          if (isLate) setImmediate(go);
          else go();
        };
        step(0);
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const ends: [Duplex, Duplex] = [make(() => ends[1]), make(() => ends[0])];
  return ends;
}

type Step = readonly [kind: 'read' | 'write' | 'rseek' | 'wseek' | 'flush' | 'truncate', n: number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.constantFrom('read', 'write', 'rseek', 'wseek', 'flush', 'truncate'), fc.nat(300)) as fc.Arbitrary<Step>,
  { maxLength: 12 },
);

test('reads, writes, seeks and truncations give the bytes that a buffer would have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      steps,
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(0, 7, 1_000_000),
      async (initial, all, sizes, readahead) => {
        const [near, far] = cutting(sizes);
        const ours = link<{ file(): ByteStreamer }>(near);
        const theirs = link(far, { file: () => byteStream(initial, { mode: 'r+' }) });
        const stream = await (await ours.peer.file()).connect({ readahead });
        let model = Buffer.from(initial);
        let at = 0;
        for (const [kind, n] of all) {
          if (kind === 'read') {
            const expected = model.subarray(at, at + n);
            expect(Buffer.from(await stream.read(n)).equals(expected)).toBe(true);
            at += expected.length;
          } else if (kind === 'write') {
            const bytes = Buffer.alloc(n, n);
            await stream.write(bytes);
            model = Buffer.concat([model.subarray(0, at), bytes, model.subarray(at + n)]);
            at += n;
          } else if (kind === 'flush') {
            await stream.flush();
          } else if (kind === 'truncate') {
            at = n % (model.length + 1);
            await stream.wseek(at);
            await stream.truncateAfter();
            model = model.subarray(0, at);
          } else {
            at = n % (model.length + 1);
            await stream[kind](at);
          }
        }
        await stream.rseek(0);
        expect(Buffer.from(await stream.read(model.length + 10)).equals(model)).toBe(true);
        await stream.close();
        await ours.close();
        await theirs.closed;
      },
    ),
    { numRuns: tries(40) },
  );
});
