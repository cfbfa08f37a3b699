/** Finding the function that an address names: the very one, or none. @module */

import { describe, expect, test } from 'vitest';
import { match } from '../../../dist/src/address/find/find.js';
import { describeAmong } from '../../../dist/src/address/scopes/twins.js';
import type { Address } from '../../../src/address/address.ts';
import type { Definition } from '../../../src/address/registry.ts';

function definition(name: string, index: number, place = '0', source: Function = match): Definition {
  const site = { top: true, place };
  return { name, index, source, signature: 'Function/1', hash: name, site } as unknown as Definition;
}

function addressOf(name: string, index: number, changes: Partial<Address> = {}): Address {
  return { name, index, signature: 'Function/1', hash: name, top: true, signatures: [], ...changes } as Address;
}

describe('a function', () => {
  const registered = [definition('a', 0), definition('b', 1), definition('c', 2)];

  test('is found at its place', () => {
    expect(match(addressOf('b', 1), registered)).toBe(registered[1]);
  });

  test('is found elsewhere if it is the only one of its name, signature and text', () => {
    expect(match(addressOf('b', 0), registered)).toBe(registered[1]);
  });

  test('is not found among those that were registered later', () => {
    const late = { ...definition('b', 1), site: { top: false } } as Definition;

    expect(match(addressOf('b', 1), [late])).toBeUndefined();
  });

  test.each([
    ['name', { name: 'x' }],
    ['signature', { signature: 'AsyncFunction/1' }],
    ['text', { hash: 'other' }],
  ])('is not found by its place if the %s differs', (_, changes) => {
    expect(match(addressOf('b', 1, changes), registered)).toBeUndefined();
  });
});

describe('one of several functions of the same name, signature and text', () => {
  const make = (n: number): (() => number) => {
    return () => n;
  };
  const twinsAt = (...places: [place: string, n: number][]): Definition[] =>
    places.map(([place, n], index) => definition('a', index, place, make(n)));

  /** The address that the last but `back` of `twins` has in the main thread. */
  function told(twins: readonly Definition[], index: number, hasPlaces = true): Address {
    const own = twins[index] as Definition;
    const facts = twins.length > 1 ? describeAmong(own, twins) : undefined;
    return addressOf('a', index, { place: hasPlaces ? own.site.place : undefined, twins: facts });
  }

  test('is found by its place, whatever it closes over', () => {
    const main = twinsAt(['1', 2], ['2', 3], ['3', 5]);
    const there = twinsAt(['3', 5], ['2', 4], ['1', 2]);

    expect(main.map((_, i) => match(told(main, i), there))).toEqual([there[2], there[1], there[0]]);
  });

  test.each([
    ['at the same place', '1', '1', true],
    ['at other places', '1', '2', true],
    ['where places say nothing', '1', '1', false],
  ])('is found by what it closes over, %s', (_, mainPlace, place, hasPlaces) => {
    const main = [2, 3, 5].map((n, i) => definition('a', i, mainPlace, make(n)));
    const there = [5, 3, 2].map((n, i) => definition('a', i, place, make(n)));

    expect(main.map((_one, i) => match(told(main, i, hasPlaces), there))).toEqual([there[2], there[1], there[0]]);
  });

  test('is not found if another one is alone where it was', () => {
    const main = twinsAt(['1', 2], ['2', 3], ['3', 5], ['3', 7]);

    expect(match(told(main, 0), twinsAt(['2', 3]))).toBeUndefined();
    expect(match(told(main, 2), twinsAt(['3', 7]))).toBeUndefined();
    expect(match(told(main, 3), twinsAt(['3', 7]))).toBeDefined();
    expect(match(told(main.slice(0, 1), 0), twinsAt(['1', 2], ['1', 3]))).toBeUndefined();
  });

  test('is found by its order among those that are the same', () => {
    const main = twinsAt(['1', 2], ['1', 2], ['1', 3]);
    const there = twinsAt(['1', 2], ['1', 2], ['1', 3]);

    expect(main.map((_, i) => match(told(main, i), there))).toEqual(there);
  });

  test('is found if the main thread has changed what it closes over, as long as something else tells', () => {
    const counter = (name: string): { next: () => number; fn: () => unknown } => {
      let n = 0;
      return { next: () => (n += 1), fn: () => [name, n] };
    };
    const [a, b] = [counter('a'), counter('b')];
    const main = [a, b].map(({ fn }, i) => definition('a', i, '1', fn));
    const there = ['b', 'a'].map((name, i) => definition('a', i, '1', counter(name).fn));
    a.next();

    expect(main.map((_, i) => match(told(main, i), there))).toEqual([there[1], there[0]]);
  });

  test.each([
    ['texts', ['x', 'y']],
    ['long texts', ['x'.repeat(100), 'y'.repeat(100)]],
    ['special numbers', [0, -0]],
    ['primitives', [null, undefined, true, false, 1n, 2n, NaN, '1', 1, '']],
    ['functions', [(n: number) => n * 2, (n: number) => n * n]],
    ['objects', [{ n: 1 }, { n: 2 }, { m: 1 }, { n: { o: 1 } }]],
    ['arrays', [[1], [2], [1, 2]]],
    ['dates and regular expressions', [new Date(0), new Date(1e6), /a/, /b/]],
  ])('is found by %s', (_, values: unknown[]) => {
    const closure = (it: unknown): Function => {
      return () => it;
    };
    const main = values.map((it, i) => definition('a', i, '1', closure(it)));
    const there = values.toReversed().map((it, i) => definition('a', i, '1', closure(it)));

    expect(main.map((_one, i) => match(told(main, i), there))).toEqual(there.toReversed());
  });
});

describe('a function whose text a test runner changed', () => {
  const registered = [definition('a', 0), definition('work', 1)];
  const changed = { name: 'work2', hash: 'changed' };

  test('is found at its place in an equal list of signatures', () => {
    const signatures = ['Function/1:a', 'Function/1:work'];

    expect(match(addressOf('work', 1, { ...changed, signatures }), registered)).toBe(registered[1]);
  });

  test.each([
    ['shorter', ['Function/1:a']],
    ['longer', ['Function/1:a', 'Function/1:work', 'Function/1:more']],
    ['another', ['Function/1:work', 'Function/1:a']],
  ])('is not found in a list that is %s', (_, signatures) => {
    expect(match(addressOf('work', 1, { ...changed, signatures }), registered)).toBeUndefined();
  });

  test('is not found if it was not registered at the top level', () => {
    const signatures = ['Function/1:a', 'Function/1:work'];

    expect(match(addressOf('work', 1, { ...changed, signatures, top: false }), registered)).toBeUndefined();
  });
});
