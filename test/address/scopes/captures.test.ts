import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { capturedNames, scopeValue } from '../../../src/address/scopes/captures.ts';
import { classNamed } from '../../../src/address/find/class-named.ts';
import type { Definition } from '../../../src/address/registry.ts';
import { project } from '../../support/project.ts';
import { freeNames } from '../../../src/address/scopes/free-names.ts';

const ofModule = 2;

class Refusal extends Error {}

function enclosing(factor: number, unused: number): { work: (n: number) => number; other: () => number } {
  for (const item of [1]) {
    return { work: (n) => n * factor + item + ofModule, other: () => unused };
  }
  throw new Refusal();
}

describe('capturedNames', () => {
  test('gives what the function uses of the functions and blocks around it', async () => {
    const names = await capturedNames(enclosing(2, 3).work);

    expect(names.sort()).toEqual(['factor', 'item']);
  });

  test('gives nothing for a function of the module', async () => {
    expect(await capturedNames(enclosing)).toEqual([]);
  });

  test('leaves nothing behind in the global object', async () => {
    const before = Reflect.ownKeys(globalThis);

    await capturedNames(enclosing(2, 3).work);

    expect(Reflect.ownKeys(globalThis)).toEqual(before);
  });
});

describe('scopeValue', () => {
  test('gives the value that a name has inside the function', () => {
    const { work } = enclosing(7, 8);
    const large = (
      (size: bigint) => () =>
        size
    )(5n);

    expect(scopeValue(work, 'factor')).toBe(7);
    expect(scopeValue(large, 'size')).toBe(5n);
    expect(scopeValue(enclosing, 'Refusal')).toBe(Refusal);
  });

  test('gives what the function imports, as compilers to CommonJS and test runners write that', () => {
    const compiled = (errors_1: { Imported?: unknown }, other: object) => () => [errors_1.Imported, other];
    const look = (errors: object): unknown =>
      scopeValue(compiled(errors, { Imported: 'of another object' }), 'Imported');

    expect(look({ __esModule: true, Imported: Refusal })).toBe(Refusal);
    expect(look(Object.defineProperty({ Imported: Refusal }, Symbol.toStringTag, { value: 'Module' }))).toBe(Refusal);
    expect(look(Object.defineProperty({ __esModule: true }, 'Imported', { get: () => Refusal }))).toBe(Refusal);
    expect(look({ Imported: Refusal })).toBeUndefined();
  });

  test('gives undefined for a name that the function does not see', () => {
    expect(scopeValue(enclosing, 'nothing')).toBeUndefined();
    expect(scopeValue(Math.max, 'nothing')).toBeUndefined();
  });
});

describe('freeNames', () => {
  test.each([
    ['(n) => n * factor', ['factor']],
    ['function work(a, { b, c: [d] = [] }, ...rest) { return [a, b, d, rest, e] }', ['e']],
    ['async work(a) { return this.b(a, { c, d: e, [f]: 1 }, arguments) }', ['c', 'e', 'f']],
    ['get size() { return items.size }', ['items']],
    ['static *work() { yield* super.work(here) }', ['here']],
    ['#hidden() { return k }', ['k']],
    ['class A extends B { #p = q; static s = A.t }', ['B', 'q']],
    ['() => { try { x() } catch ({ message }) { return message } finally { var y = z } }', ['x', 'z']],
    ['(a) => { label: for (const b of a) { if (c) continue label; } }', ['c']],
  ])('of %s', (source, names) => {
    expect([...freeNames(source)].sort()).toEqual(names);
  });

  test('of a text that does not parse are all that look like one', () => {
    expect(freeNames('function a( { b')).toEqual(new Set(['function', 'a', 'b']));
  });
});

describe('classNamed', () => {
  test('gives an export of a CommonJS module that the function does not close over', () => {
    const folder = project({ 'jobs.cjs': 'exports.Refusal = class Refusal extends Error {};' });
    const path = join(folder, 'jobs.cjs');
    const { Refusal: exported } = createRequire(import.meta.url)(path) as { Refusal: Function };
    const definition = (url: string): Definition => ({ source: Math.max, record: { url } }) as unknown as Definition;

    expect(classNamed(definition(pathToFileURL(path).href), 'Refusal')).toBe(exported);
    expect(classNamed(definition(pathToFileURL(path).href), 'Other')).toBeUndefined();
    expect(classNamed(definition(pathToFileURL(join(folder, 'gone.cjs')).href), 'Refusal')).toBeUndefined();
  });
});
