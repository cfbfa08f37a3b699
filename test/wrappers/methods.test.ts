/** Wrappers as method decorators, lowered by each of the compilers that can. @module */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { transform } from 'esbuild';
import { configure, IteratorWrapper, ThreadPool } from 'offloop';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { folderFor } from '../support/project.ts';
import { fixture, root } from '../support/run.ts';

type Methods = typeof import('../fixtures/methods/methods.mts');

const source = fixture('methods/methods.mts');

/** Gives the path of what the compiler made. */
async function compile(compiler: string, folder: string): Promise<string> {
  if (compiler === 'esbuild') {
    const path = join(folder, 'methods.mjs');
    const { code } = await transform(readFileSync(source, 'utf8'), { loader: 'ts', target: 'es2022', format: 'esm' });
    writeFileSync(path, code);
    return path;
  }
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    skipLibCheck: true,
    strict: true,
    types: ['node'],
    lib: ['es2023', 'esnext.disposable', 'esnext.decorators'],
    rootDir: root,
    outDir: folder,
  };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [source] }));
  execFileSync(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', config], { stdio: 'inherit' });
  return join(folder, 'test/fixtures/methods/methods.mjs');
}

describe.each(['typescript', 'typescript-5', 'esbuild'])('methods lowered by %s', (compiler) => {
  let methods: Methods;
  beforeAll(async () => {
    const folder = folderFor(`methods-${compiler}`);
    const path = await compile(compiler, folder);
    methods = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Methods;
  });

  test('that are static run with the class of the thread as this', async () => {
    expect(await methods.Image.times(4)).toEqual([40, true, true]);
    expect(await methods.Image.patient(4)).toBe(14);
    expect(await methods.Image.alone()).toBeGreaterThan(0);
  });

  test('of instances run with a copy of the instance as this', async () => {
    expect(await new methods.Vector(3, 4).measure(2)).toEqual([10, true]);
  });

  test('of instances with private fields cross by toThread and fromThread', async () => {
    expect(await new methods.Secret(42).reveal()).toBe(42);
  });

  test('cannot change the copy: a write throws instead of vanishing', async () => {
    await expect(new methods.Vector(3, 4).change()).rejects.toThrow(/read only property 'x'/);
  });

  describe('called in another form', () => {
    interface Form {
      (...args: unknown[]): Promise<unknown>;
      syncCall(...args: unknown[]): Promise<unknown>;
      asyncCall(...args: unknown[]): Promise<unknown>;
      with(options: object): Form;
    }
    const form = (value: unknown): Form => value as Form;

    test('keep the instance, with its private fields, methods and accessors', async () => {
      const scale = new methods.Scale(3);
      const other = new methods.Scale(4);
      const { times } = scale;

      expect(await form(scale.times).syncCall(7)).toEqual([21, false]);
      expect(await form(scale.times).asyncCall(7)).toEqual([21, true]);
      expect(await form(scale.times).with({ priority: 1 })(7)).toEqual([21, true]);
      expect(await form(other.times).syncCall(7)).toEqual([28, false]);
      expect(await times(7)).toEqual([21, true]);
      expect(await times.call(other, 7)).toEqual([28, true]);
    });

    test('keep it where items come, too', async () => {
      const { upTo } = new methods.Scale(3) as unknown as { upTo: Form };
      const items = async (given: unknown): Promise<unknown[]> => {
        const list: unknown[] = [];
        for await (const item of given as AsyncIterable<unknown>) list.push(item);
        return list;
      };

      expect(await items(upTo(3))).toEqual([3, 6, 9]);
      expect(await items(upTo.with({ maxSize: 1 })(2))).toEqual([3, 6]);
      expect(await items(upTo.syncCall(2))).toEqual([3, 6]);
      expect(await items(new IteratorWrapper(upTo as unknown as () => never, { args: [2] as never }))).toEqual([3, 6]);
    });

    test('are the same whenever they are read, and look like the method', () => {
      const scale = new methods.Scale(3);
      const { prototype } = methods.Scale;

      expect(scale.times).toBe(scale.times);
      expect(scale.times).not.toBe(new methods.Scale(3).times);
      expect(form(scale.times).syncCall).toBe(form(scale.times).syncCall);
      expect(prototype.times).toBe(methods.Inheriting.prototype.times);
      expect([scale.times.name, scale.times.length]).toEqual(['times', 1]);
      expect([prototype.times.name, prototype.times.length]).toEqual(['times', 1]);
      expect(Object.keys(scale)).toEqual([]);
      expect(Object.getOwnPropertyNames(scale)).toEqual([]);
      expect(Object.getOwnPropertyDescriptor(prototype, 'times')?.enumerable).toBe(false);
      expect(inspect(scale.times)).toBe('[threaded: times]');
    });

    test('of a class above are called on the instance, and what overrides them goes first', async () => {
      const double = new methods.Double();

      expect(await double.times(5)).toEqual([110, true]);
      expect(await double.superHere(5)).toEqual([10, false]);
      expect(await form(new methods.Inheriting(5).times).syncCall(2)).toEqual([10, false]);
      expect(await form(new methods.Inheriting(5).times).asyncCall(2)).toEqual([10, true]);
    });

    test('work in a thread, on what arrived there', async () => {
      expect(await new methods.Scale(3).inThread()).toEqual([
        [6, true],
        [9, true],
        [12, true],
      ]);
    });

    test('can be replaced, on an instance and for all of them', async () => {
      class Own extends methods.Scale {}
      const scale = new Own(3);
      const mock = async (): Promise<never> => 'mock' as never;
      const spy = vi.spyOn(methods.Scale.prototype, 'times').mockImplementation(mock);
      const spied = await scale.times(1);
      spy.mockRestore();
      scale.times = mock;
      Own.prototype.times = mock;

      expect([spied, await scale.times(1), await new Own(1).times(1)]).toEqual(['mock', 'mock', 'mock']);
      expect(Object.keys(scale)).toEqual(['times']);
      expect(await new methods.Scale(3).times(1)).toEqual([3, true]);
    });

    test('refuse to guess the instance where it is not known', async () => {
      const { times } = methods.Scale.prototype as unknown as { times: Form };
      const scale = new methods.Scale(3);
      const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

      expect(() => times.syncCall(7)).toThrow(refused);
      await expect(times(7)).rejects.toThrow(refused);
      await expect(times.asyncCall(7)).rejects.toThrow(refused);
      await expect(times.with({})(7)).rejects.toThrow(refused);
      expect(() => scale.hiddenHere()).toThrow(refused);
      expect(await times.syncCall.call(scale, 7)).toEqual([21, false]);
      expect(await times.with({}).call(scale, 7)).toEqual([21, true]);
      expect([await scale.hidden(), await scale.hiddenBy()]).toEqual([6, 6]);
    });

    test('are known to pools with what they were read from', async () => {
      const scale = new methods.Scale(3);
      await using pool = new ThreadPool({ size: 1, init: scale.inThread });
      const mapped: unknown[] = [];
      for await (const item of pool.map([1, 2], scale.times as never)) mapped.push(item);

      expect(await pool.runOnAll(scale.times as (n: number) => Promise<unknown>, 2)).toEqual([[6, true]]);
      expect(await pool.runOnAll(methods.Tenfold.scaled, 2)).toEqual([[20, 'Tenfold', true]]);
      expect(mapped).toEqual([
        [3, true],
        [6, true],
      ]);
      await expect(pool.runOnAll(methods.Scale.prototype.times as never)).rejects.toThrow(TypeError);
      expect(() => new ThreadPool({ init: methods.Scale.prototype.inThread })).toThrow(TypeError);
    });

    test('leave another decorator around them alone', async () => {
      expect(await new methods.Twice().get()).toBe(2);
    });
  });

  test('that are static keep the class they are called on', async () => {
    const scaled = (type: unknown): { scaled: { syncCall: Function; with: Function; asyncCall: Function } } =>
      type as never;
    const { scaled: detached } = methods.Tenfold;

    expect(await methods.Base.scaled(7)).toEqual([7, 'Base', true]);
    expect(await methods.Tenfold.scaled(7)).toEqual([70, 'Tenfold', true]);
    expect(await methods.Tenfold.inThread(7)).toEqual([70, 'Tenfold', true]);
    expect(await scaled(methods.Tenfold).scaled.syncCall(7)).toEqual([70, 'Tenfold', false]);
    expect(await scaled(methods.Base).scaled.syncCall(7)).toEqual([7, 'Base', false]);
    expect(await scaled(methods.Tenfold).scaled.with({})(7)).toEqual([70, 'Tenfold', true]);
    expect(await scaled(methods.Tenfold).scaled.asyncCall(7)).toEqual([70, 'Tenfold', true]);
    expect(await detached(7)).toEqual([70, 'Tenfold', true]);
    expect(await methods.Base.scaled.call(methods.Tenfold, 7)).toEqual([70, 'Tenfold', true]);
  });

  test('keep what they are called on in inline mode', async () => {
    configure({ inline: true });
    try {
      expect(await methods.Tenfold.scaled(7)).toEqual([70, 'Tenfold', false]);
      expect(await new methods.Scale(3).times(7)).toEqual([21, false]);
    } finally {
      configure({ inline: false });
    }
  });

  test('that are static refuse a class that threads do not know', async () => {
    await expect(methods.Unknown.scaled(7)).rejects.toThrow(/sendable\(Unknown\)/);
    await expect(methods.Base.scaled.call({} as never, 7)).rejects.toThrow(TypeError);
  });

  test('of a class that is not registered refuse to be called, and say what to do', async () => {
    await expect(new methods.Unregistered().work()).rejects.toThrow(TypeError);
    await expect(new methods.Unregistered().work()).rejects.toThrow(/sendable\(Unregistered\)/);
  });
});
