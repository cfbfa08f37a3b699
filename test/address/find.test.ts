/** Finding the function that an address names: the very one, or none. @module */

import { describe, expect, test } from 'vitest';
import { match } from '../../dist/src/address/find.js';
import type { Address } from '../../src/address/address.ts';
import type { Definition } from '../../src/address/registry.ts';

function definition(name: string, index: number, text = name): Definition {
  return { name, index, signature: 'Function/1', hash: text } as Definition;
}

function addressOf(name: string, index: number, changes: Partial<Address> = {}): Address {
  return { name, index, signature: 'Function/1', hash: name, top: true, shape: [], ...changes } as Address;
}

describe('a function', () => {
  const registered = [definition('a', 0), definition('b', 1), definition('c', 2)];

  test('is found at its place', () => {
    expect(match(addressOf('b', 1), registered)).toBe(registered[1]);
  });

  test('is found elsewhere if it is the only one of its name, signature and text', () => {
    expect(match(addressOf('b', 0), registered)).toBe(registered[1]);
  });

  test('is found by its place among twins', () => {
    const twins = [definition('a', 0), definition('a', 1)];

    expect(match(addressOf('a', 1), twins)).toBe(twins[1]);
  });

  test('is not found among twins if its place has another', () => {
    const twins = [definition('b', 0), definition('a', 1), definition('a', 2)];

    expect(match(addressOf('a', 0), twins)).toBeUndefined();
  });

  test.each([
    ['name', { name: 'x' }],
    ['signature', { signature: 'AsyncFunction/1' }],
    ['text', { hash: 'other' }],
  ])('is not found by its place if the %s differs', (_, changes) => {
    expect(match(addressOf('b', 1, changes), registered)).toBeUndefined();
  });
});

describe('a function whose text a test runner changed', () => {
  const registered = [definition('a', 0), definition('work', 1)];
  const changed = { name: 'work2', hash: 'changed' };

  test('is found at its place in an equal list of signatures', () => {
    const shape = ['Function/1:a', 'Function/1:work'];

    expect(match(addressOf('work', 1, { ...changed, shape }), registered)).toBe(registered[1]);
  });

  test.each([
    ['shorter', ['Function/1:a']],
    ['longer', ['Function/1:a', 'Function/1:work', 'Function/1:more']],
    ['another', ['Function/1:work', 'Function/1:a']],
  ])('is not found in a list that is %s', (_, shape) => {
    expect(match(addressOf('work', 1, { ...changed, shape }), registered)).toBeUndefined();
  });

  test('is not found if it was not registered at the top level', () => {
    const shape = ['Function/1:a', 'Function/1:work'];

    expect(match(addressOf('work', 1, { ...changed, shape, top: false }), registered)).toBeUndefined();
  });
});
