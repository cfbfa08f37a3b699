/** Bytes that a hostile peer has made: an error with a code, in bounded time and memory, and nothing revived. @module */

import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes, toBytes } from '../../../src/codec/bytes/bytes.ts';
import { Tag, version } from '../../../src/codec/bytes/tags.ts';
import { ByteWriter } from '../../../src/codec/bytes/writer.ts';
import { fromThread, sendable, toThread } from '../../../src/codec/sendable.ts';
import { livingHere } from '../../../src/objects/crossing/reference.ts';
import '../../../src/objects/bytes/byte-streamer.ts';
import { fileWith } from '../../support/files.ts';
import { tries } from '../../support/full.ts';
import { anything } from '../any-data.ts';

class Point {
  x = 0;
  set y(value: number) {
    this.x = value;
  }
}

class Checked {
  readonly #n: number;
  constructor(n: number) {
    this.#n = n;
  }
  [toThread](): number {
    return this.#n;
  }
  static [fromThread](n: unknown): Checked {
    if (typeof n !== 'number') throw new Error('no number');
    return new Checked(n);
  }
}

sendable(Point);
sendable(Checked);

/** The bytes of `values` with `holes`, as no packer makes them. */
function forge(values: unknown[], holes: unknown[]): Uint8Array {
  const writer = new ByteWriter({ packed: true });
  writer.byte(version);
  writer.byte(1);
  writer.write(values);
  writer.write(holes);
  return writer.finish();
}

/** Reads as a link does; gives the code of the error. */
function codeOf(bytes: Uint8Array): unknown {
  try {
    fromBytes(bytes, { untrusted: true });
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

const one = (kind: string, payload: unknown, key: unknown = 0): Uint8Array => {
  const values = [undefined];
  return forge(values, [[values, key, kind, payload]]);
};

const error = (more: object): object => ({
  lineage: { above: [], base: 'Error' },
  message: 'm',
  stack: 's',
  fields: {},
  hidden: [],
  ...more,
});

describe('bytes from anybody', () => {
  test('load no module, also if they are trusted', () => {
    const path = fileWith('globalThis.evil = true;');
    const bytes = one('instance', { name: 'Unknown', data: 1, module: pathToFileURL(path).href });

    expect(codeOf(bytes)).toBe('ERR_OFFLOOP_BYTES');
    expect(() => fromBytes(bytes)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_BYTES' }));
    expect(globalThis).not.toHaveProperty('evil');
  });

  test('revive nothing that stands for something of this process', () => {
    let asked = 0;
    livingHere.set(1e9, { receive: () => ({ asked: (asked += 1) }) });

    expect(codeOf(one('instance', { name: 'offloop.ObjectReference', data: { home: 1e9, id: 0 } }))).toBe(
      'ERR_OFFLOOP_BYTES',
    );
    expect(codeOf(one('instance', { name: 'offloop.ByteStreamer', data: { mode: {}, port: {} } }))).toBe(
      'ERR_OFFLOOP_BYTES',
    );
    const bare = {};
    expect(codeOf(forge([bare], [[bare, undefined, 'prototype', 'offloop.ByteStreamer']]))).toBe('ERR_OFFLOOP_BYTES');
    for (const kind of ['function', 'live', 'signal', 'iterable', 'file', 'shared', 'toString', '__proto__'])
      expect(codeOf(one(kind, { id: 1, name: 'offloop.Event', memory: {} }))).toBe('ERR_OFFLOOP_BYTES');
    livingHere.delete(1e9);
    expect(asked).toBe(0);
  });

  test('make an instance that checks its data by its own method alone, and errors only of classes of errors', () => {
    const bare = {};

    expect(codeOf(forge([bare], [[bare, undefined, 'prototype', 'Checked']]))).toBe('ERR_OFFLOOP_BYTES');
    expect(codeOf(one('instance', { name: 'Checked', data: 'x' }))).toBe('ERR_OFFLOOP_BYTES');
    expect(fromBytes(one('instance', { name: 'Checked', data: 4 }), { untrusted: true })).toBeInstanceOf(Checked);
    expect(fromBytes(one('error', error({ registered: 'Point' })), { untrusted: true })).not.toBeInstanceOf(Point);
  });

  test('change no prototype', () => {
    const data = Object.defineProperty({}, '__proto__', { value: { polluted: 1 }, enumerable: true });
    const point = fromBytes(one('instance', { name: 'Point', data }), { untrusted: true }) as Point;

    expect(Object.getPrototypeOf(point)).toBe(Point.prototype);
    expect(fromBytes(toBytes(data), { untrusted: true })).toEqual(data);
    expect(codeOf(one('error', error({ fields: data })))).toBeUndefined();
    expect({}).not.toHaveProperty('polluted');
  });

  test('take no time out of all proportion', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
    const fields = Object.fromEntries(names.map((name) => [name, 1]));

    expect(codeOf(one('error', error({ hidden: names, fields })))).toBe('ERR_OFFLOOP_BYTES');
    expect(codeOf(one('error', error({ lineage: { above: names, base: 'Error' } })))).toBe('ERR_OFFLOOP_BYTES');
  });

  test('take no more memory than they have', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    const tags = [Tag.text, Tag.object, Tag.array, Tag.map, Tag.set, Tag.memory, Tag.bigint, Tag.resizable, Tag.shaped];

    for (const tag of tags) expect(codeOf(Uint8Array.of(version, 0, tag, ...huge, 1, 2, 3))).toBe('ERR_OFFLOOP_BYTES');
  });

  test.each([Tag.array, Tag.set, Tag.map, Tag.boxed])('are not too deep for the stack (tag %s)', (tag) => {
    const bytes = new Uint8Array(1_000_000).fill(tag === Tag.boxed ? tag : 1);
    if (tag !== Tag.boxed) for (let i = 2; i < bytes.length; i += 2) bytes[i] = tag;
    bytes.set([version, 0]);

    expect(codeOf(bytes)).toBe('ERR_OFFLOOP_BYTES');
  });

  test('give a value or the code, whichever bytes of a message are changed or cut off', () => {
    const seeds = anything.map((value) => toBytes([value, new Point(), new Checked(1), new Error('e')]));
    const changed = fc
      .tuple(seeds, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(), fc.boolean())
      .map(([bytes, changes, end, isCut]) => {
        const copy = bytes.slice(0, isCut ? end % (bytes.length + 1) : bytes.length);
        for (const [at, to] of changes) if (copy.length > 0) copy[at % copy.length] = to;
        return copy;
      });

    fc.assert(
      fc.property(changed, (bytes) => {
        expect([undefined, 'ERR_OFFLOOP_BYTES']).toContain(codeOf(bytes));
      }),
      { numRuns: tries(2_000) },
    );
  });

  test('give a value or the code, whichever bytes they are', () => {
    const made = fc.uint8Array({ maxLength: 64 }).map((rest) => Uint8Array.of(version, (rest[0] ?? 0) & 1, ...rest));

    fc.assert(
      fc.property(made, (bytes) => {
        expect([undefined, 'ERR_OFFLOOP_BYTES']).toContain(codeOf(bytes));
      }),
      { numRuns: tries(5_000) },
    );
  });
});
