/** Fields that a value has beside its content: what structured clone keeps is kept right, what it drops is dropped. @module */

import { describe, expect, test } from 'vitest';
import { look, lookBound, LARGE, SPECIAL } from '../../src/codec/quick/look.ts';
import { pack } from '../../src/codec/walk/pack.ts';
import { explain } from '../../src/codec/walk/refusal.ts';
import { sendable } from '../../src/codec/sendable.ts';
import { failure, sent, sentByLook } from './round-trip.ts';

class Tag {
  text = 'a';
}
sendable(Tag, { name: 'test.Tag' });

class Labels extends Array<number> {}

const with_ = <T extends object>(value: T): T & { tag: Tag; bytes: Buffer; list: Tag[] } =>
  Object.assign(value, { tag: new Tag(), bytes: Buffer.from('x'), list: [new Tag()] });

const arrays: [string, () => unknown[]][] = [
  ['an array', () => [1, 2]],
  ['an empty array', () => []],
  ['an array with gaps', () => [, 1, , 2, ,]],
  ['an array of objects', () => [{ a: [1] }]],
  ['an array of a class of its own', () => Labels.of(1, 2)],
  ['a match', () => /b(?<x>c)/d.exec('abc') as unknown[]],
  ['one of all matches', () => [...'abcbc'.matchAll(/b(?<x>c)/g)][1] as unknown[]],
];

describe.each(arrays)('fields beside the items of %s', (_, make) => {
  test.each([
    ['the walk', sent],
    ['the look', sentByLook],
  ])('arrive as what they are, by %s', (_name, send) => {
    const arrived = send([{ value: with_(make()) }])[0]?.value as unknown[] & ReturnType<typeof with_>;
    const { tag, bytes, list, ...rest } = arrived;
    const { tag: _tag, bytes: _bytes, list: _list, ...expected } = structuredClone(with_(make()));

    expect(tag).toBeInstanceOf(Tag);
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(list[0]).toBeInstanceOf(Tag);
    expect(Array.isArray(arrived)).toBe(true);
    expect([Object.keys(arrived), arrived.length]).toEqual([Object.keys(with_(make())), make().length]);
    expect(rest).toEqual(expected);
  });
});

describe('fields beside the items of an array', () => {
  test('cross however many items it has', () => {
    const long = with_(Array.from({ length: 20_000 }, (_, i) => i));

    expect(sent(long).tag).toBeInstanceOf(Tag);
    expect(sent(long).length).toBe(20_000);
  });

  test('are looked for where the items are: among more of them a call looks at the first of the items only', () => {
    const items = (length: number): number[] => Array.from({ length }, (_, i) => i);

    expect(look([with_(items(lookBound))])).toBe(SPECIAL);
    expect(look([with_(items(lookBound + 1))])).toBe(LARGE);
  });

  test('are named by their place where they cannot cross', () => {
    const value = Object.assign([1], { tag: { sign: Symbol('s') } });

    expect(failure(() => pack([value], { root: 'args' })).message).toContain('Cannot send args[0].tag.sign to');
    expect(explain([value], new Error('no'), 'args').message).toContain('Cannot send args[0].tag.sign to');
  });
});

describe('fields beside other content', () => {
  const values: [string, () => object][] = [
    ['a map', () => new Map([[1, 2]])],
    ['a set', () => new Set([1])],
    ['a date', () => new Date(1)],
    ['a regular expression', () => /a/g],
    ['a typed array', () => new Uint8Array(2)],
    ['an array buffer', () => new ArrayBuffer(2)],
    ['a boxed primitive', () => Object('text') as object],
  ];

  test.each(values)('are dropped, as structured clone does: %s', (_, make) => {
    const keys = Object.keys(structuredClone(make()));

    expect(Object.keys(sent([with_(make())])[0] as object)).toEqual(keys);
    expect(Object.keys(sentByLook([with_(make())])[0] as object)).toEqual(keys);
  });

  test('are kept if its class is registered', () => {
    const classes = [
      class Table extends Map<string, Tag> {},
      class Crowd extends Set<Tag> {},
      class Moment extends Date {},
      class Pattern extends RegExp {},
      class Row extends Array<Tag> {},
    ];
    for (const type of classes) {
      sendable(type, { name: `test.${type.name}` });
      const value = Object.assign(new (type as new () => object)(), { tag: new Tag(), more: [Buffer.from('x')] });

      const { list } = sent({ list: [value, value] });

      expect(list[0]).toBeInstanceOf(type);
      expect(list[1]).toBe(list[0]);
      expect(list[0]?.tag).toBeInstanceOf(Tag);
      expect(list[0]?.more).toEqual([Buffer.from('x')]);
    }
  });

  test('are kept, with the class, of a registered one that extends URL or URLSearchParams', () => {
    class Page extends URL {
      self: unknown = this;
      tag = new Tag();
    }
    class Query extends URLSearchParams {
      tag = new Tag();
    }
    sendable(Page, { name: 'test.Page' });
    sendable(Query, { name: 'test.Query' });

    const [page, query] = sent<[Page, Query]>([new Page('http://a/b'), new Query('c=d')]);

    expect(page).toBeInstanceOf(Page);
    expect([page.href, page.self, page.tag]).toEqual(['http://a/b', page, new Tag()]);
    expect(query).toBeInstanceOf(Query);
    expect([query.get('c'), query.tag]).toEqual(['d', new Tag()]);
  });
});
