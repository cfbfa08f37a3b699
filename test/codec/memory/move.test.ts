import { describe, expect, test } from 'vitest';
import { move, takeMove } from '../../../src/codec/memory/move.ts';
import { pack } from '../../../src/codec/walk/pack.ts';
import * as jobs from '../../fixtures/jobs/crossing.mjs';
import { failure } from '../round-trip.ts';

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

describe('what cannot move', () => {
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  const bytes = new Uint8Array(8);
  const stream = new ReadableStream();
  const list = (...items: unknown[]): never => items as never;

  test.each([
    ['a plain object', move({}), 'args[0].at[0] to another thread: an Object cannot be moved: only buffers'],
    ['something in the list', move(1, list(stream, {})), 'args[0].at[0] (item 1 of its move list) to another thread'],
    [
      'a view instead of its memory',
      move({ bytes }, list(bytes)),
      'cannot be moved: name its buffer, which can be moved',
    ],
    ['shared memory', move(1, list(new SharedArrayBuffer(1))), 'a SharedArrayBuffer cannot be moved: it is shared'],
    [
      'memory that has moved',
      move(gone),
      'args[0].at[0] to another thread: an ArrayBuffer cannot be moved: its memory has',
    ],
    ['a primitive in the list', move(1, list(5)), '(item 0 of its move list) to another thread: the value 5 cannot'],
    ['a function', move(() => 1), 'args[0].at[0] to another thread: a function cannot'],
    ['a promise', move(Promise.resolve()), 'args[0].at[0] to another thread: a Promise cannot be moved'],
    ['a generator', move([].values()), 'args[0].at[0] to another thread: an Array Iterator cannot be moved'],
  ])('is refused with its path: %s', (_, value, text) => {
    const error = failure(() => pack([{ at: [value] }], { root: 'args' }));

    expect([error.code, error.message.includes(text), error.message]).toEqual([
      'ERR_OFFLOOP_NOT_CLONEABLE',
      true,
      error.message,
    ]);
  });

  test('is refused in the options of a call, as an argument, as a result and as an item', async () => {
    const refused = (text: string): Error =>
      expect.objectContaining({
        code: 'ERR_OFFLOOP_NOT_CLONEABLE',
        message: expect.stringContaining(`Cannot send ${text} to`),
      }) as Error;
    const bad = {} as never;

    await expect(jobs.visit.with({ transfer: [new ArrayBuffer(1), bad] })(1)).rejects.toThrow(refused('transfer[1]'));
    await expect(jobs.visit({ a: move({}) })).rejects.toThrow(refused('args[0].a'));
    await expect(jobs.movesPlain()).rejects.toThrow(refused('result'));
    await expect(
      jobs.itemsOf
        .with({ transfer: [bad] })([1])
        .next(),
    ).rejects.toThrow(refused('transfer[0]'));
    await expect(jobs.movedItems().next()).rejects.toThrow(refused('item'));
  });

  test('is no list at all', () => {
    const error = failure(() => move(1, {} as never));

    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_OFFLOOP_ARGUMENT']);
  });
});
