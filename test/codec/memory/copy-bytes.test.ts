/** Large arrays are copied only where nobody can tell the copy from a clone. @module */

import { describe, expect, test } from 'vitest';
import { copyBytes, worthMoving } from '../../../src/codec/memory/copy-bytes.ts';

const size = worthMoving;
const filled = (): Uint8Array => new Uint8Array(size).map((_, i) => i);

describe('a large array', () => {
  test.each([
    ['of bytes', filled()],
    ['of doubles', new Float64Array(size / 8).map((_, i) => i / 3)],
    ['of big integers', new BigInt64Array(size / 8).fill(-1n)],
    ['buffer', filled().buffer],
  ])('%s is a copy of its own kind, whose memory is to move', (_, value) => {
    const { values, transfer } = copyBytes([1, value, 'x']) ?? { values: [], transfer: [] };

    expect(values).toEqual([1, structuredClone(value), 'x']);
    expect(transfer).toEqual([ArrayBuffer.isView(values[1]) ? values[1].buffer : values[1]]);
    expect(values[1]).not.toBe(value);
    expect(value.byteLength).toBe(size);
  });

  test('beside another one has memory of its own', () => {
    const copied = copyBytes([filled(), filled()]);

    expect(new Set(copied?.transfer).size).toBe(2);
  });
});

const large = filled();
class Bytes extends Uint8Array {}

test.each<[string, unknown[]]>([
  ['is small', [new Uint8Array(size - 1)]],
  ['is part of its memory', [new Uint8Array(new ArrayBuffer(size + 8), 8)]],
  ['is there twice', [large, large]],
  ['shares its memory with another', [large, new Int8Array(large.buffer)]],
  ['has an object beside it', [large, {}]],
  ['is in an object', [{ large }]],
  ['is shared memory', [new Uint8Array(new SharedArrayBuffer(size))]],
  ['is of a class of its own', [new Bytes(size)]],
  ['is a Buffer', [Buffer.alloc(size)]],
  ['is not there', [1, 'x', null, undefined]],
])('an array that %s is left to structured clone', (_, values) => {
  expect(copyBytes(values)).toBeUndefined();
});

test('an array whose memory can grow is left to structured clone', () => {
  const growing: unknown = Reflect.construct(ArrayBuffer, [size, { maxByteLength: 2 * size }]);

  expect(copyBytes([growing])).toBeUndefined();
});
