import { describe, expect, test } from 'vitest';
import { move, takeMove } from '../../src/codec/move.ts';

describe('move', () => {
  const memory = new ArrayBuffer(8);
  const shared = new SharedArrayBuffer(8);
  const own = Buffer.from(new ArrayBuffer(8));
  const pooled = Buffer.from('pooled');
  const port = new MessageChannel().port1;
  const view = new Uint16Array(memory);

  test.each<[string, unknown, unknown[]]>([
    ['an array buffer', memory, [memory]],
    ['a typed array', view, [memory]],
    ['a Buffer with memory of its own', own, [own.buffer]],
    ['a Buffer out of the pool', pooled, []],
    ['shared memory', shared, []],
    ['a view of shared memory', new Uint8Array(shared), []],
    ['a port', port, [port]],
    ['a primitive', 5, []],
  ])('marks what moves of %s', (_, value, transfer) => {
    expect(takeMove(move(value))).toEqual({ value, transfer });
  });

  test('marks the parts in the list', () => {
    const value = { view };

    expect(takeMove(move(value, [memory]))).toEqual({ value, transfer: [memory] });
  });

  test.each([undefined, null, 0, {}, memory])('takes %s for what it is', (value) => {
    expect(takeMove(value)).toBeUndefined();
  });
});
