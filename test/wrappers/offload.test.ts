/** Functions of modules that one does not own. @module */

import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import { offload } from 'offloop';
import { describe, expect, test } from 'vitest';
import { library, loose, missing, patient } from '../fixtures/jobs/offloaded.mjs';

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('an offloaded module', () => {
  test('runs its functions in another thread', async () => {
    expect(await library.add(1, 2)).toBe(3);
    expect(await library.where()).not.toBe(threadId);
    expect(await patient.add(3, 4)).toBe(7);
  });

  test('has its default export, and those that are called as functions have fields', async () => {
    expect(await library.default('export')).toBe('default export');
    expect(await library.name()).toBe('my name');
  });

  test('has the functions in its objects, which keep their this', async () => {
    expect(await library.nested.deep.double(21)).toBe(42);
    expect(await library.nested.keys()).toEqual(['deep', 'keys']);
  });

  test('takes callbacks, and gives the errors of the module', async () => {
    expect(await library.asks(async (n) => Promise.resolve(n * 10))).toBe(21);
    await expect(library.fails()).rejects.toThrow(expect.objectContaining({ code: 'E_TOLD', name: 'RangeError' }));
  });

  test('gives the same function each time it is asked', () => {
    expect(library.add).toBe(library.add);
  });

  test('rejects the call of what it does not have', async () => {
    await expect(loose.nothing()).rejects.toThrow(coded('ERR_OFFLOOP_NOT_FOUND'));
    await expect(loose.no.such.thing()).rejects.toThrow(coded('ERR_OFFLOOP_NOT_FOUND'));
    await expect(loose.nested.deep.pi()).rejects.toThrow(coded('ERR_OFFLOOP_NOT_FOUND'));
  });

  test('is not changed by what would change nothing in the threads', async () => {
    const target = library as unknown as Record<string, unknown>;
    const changes: (() => unknown)[] = [
      () => (target['add'] = () => 0),
      () => delete target['add'],
      () => Object.defineProperty(target, 'add', { value: 0 }),
      () => Object.freeze(target),
      () => Object.setPrototypeOf(target, {}),
      () => Object.assign(target['add'] as object, { concurrency: 2 }),
    ];

    for (const change of changes) {
      expect(change, String(change)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
      expect(change).toThrow(/ \[offload: (module|add)\]: it lives elsewhere\. To use/);
    }
    expect(Reflect.ownKeys(target)).toEqual([]);
    expect(await library.add(1, 2)).toBe(3);
  });

  test('that does not exist rejects each call', async () => {
    await expect((missing as { any(): Promise<unknown> }).any()).rejects.toThrow(coded('ERR_MODULE_NOT_FOUND'));
    await expect((missing as { any(): Promise<unknown> }).any()).rejects.toThrow(coded('ERR_MODULE_NOT_FOUND'));
  });

  test('is no promise when it is awaited, and calls nothing when it is printed', async () => {
    expect(await loose).toBe(loose);
    expect([inspect(library), `${loose}`, inspect(library.add)]).toEqual([
      '[offload: module]',
      '[offload: module]',
      '[offload: add]',
    ]);
  });
});

describe('offload', () => {
  const loosely = offload as unknown as (...args: unknown[]) => unknown;

  test.each([[undefined], ['./library.mjs'], [{}]])('refuses %j', (load) => {
    expect(() => loosely(load)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('refuses unknown options by name', () => {
    expect(() => loosely(async () => import('../fixtures/jobs/library.mjs'), { tiemout: 1 })).toThrow(/"tiemout"/);
  });
});
