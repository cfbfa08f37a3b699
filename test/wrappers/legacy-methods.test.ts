/** Wrappers as the method decorators of `experimentalDecorators`, lowered by each of the compilers that can. @module */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../support/full.ts';
import { folderFor } from '../support/project.ts';
import { fixture, root } from '../support/run.ts';

type Methods = typeof import('../fixtures/methods/legacy.mts');

const source = fixture('methods/legacy.mts');
const legacy = { experimentalDecorators: true, emitDecoratorMetadata: true };

/** Gives the path of what the compiler made. */
async function compile(compiler: string, folder: string): Promise<string> {
  if (compiler === 'esbuild') {
    const path = join(folder, 'legacy.mjs');
    const options = {
      loader: 'ts',
      target: 'es2022',
      format: 'esm',
      tsconfigRaw: { compilerOptions: legacy },
    } as const;
    writeFileSync(path, (await transform(readFileSync(source, 'utf8'), options)).code);
    return path;
  }
  const compilerOptions = {
    ...legacy,
    target: 'es2022',
    module: 'nodenext',
    skipLibCheck: true,
    strict: true,
    types: ['node'],
    lib: ['es2023', 'esnext.disposable'],
    rootDir: root,
    outDir: folder,
  };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [source] }));
  execFileSync(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', config], { stdio: 'inherit' });
  return join(folder, 'test/fixtures/methods/legacy.mjs');
}

describe.each(cases(['esbuild', 'typescript', 'typescript-5'], 2))('legacy decorators lowered by %s', (compiler) => {
  let methods: Methods;
  beforeAll(async () => {
    const path = await compile(compiler, folderFor(`legacy-${compiler}`));
    methods = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Methods;
  });

  interface Form {
    (...args: unknown[]): Promise<unknown>;
    syncCall(...args: unknown[]): Promise<unknown>;
    asyncCall(...args: unknown[]): Promise<unknown>;
    with(options: object): Form;
  }
  const form = (value: unknown): Form => value as Form;

  test('wrap static methods, which keep the class they are called on in each form of call', async () => {
    const { scaled } = methods.Tenfold;

    expect(await methods.Base.scaled(7)).toEqual([7, 'Base', true]);
    expect(await scaled(7)).toEqual([70, 'Tenfold', true]);
    expect(await form(methods.Tenfold.scaled).with({ priority: 1 })(7)).toEqual([70, 'Tenfold', true]);
    expect(await form(methods.Tenfold.scaled).asyncCall(7)).toEqual([70, 'Tenfold', true]);
    expect(await form(methods.Tenfold.scaled).syncCall(7)).toEqual([70, 'Tenfold', false]);
    expect(await methods.Base.alone(3)).toEqual([3, true]);
    await expect(methods.Base.fails()).rejects.toThrow(RangeError);
  });

  test('wrap methods of instances, whose copy is this', async () => {
    const vector = new methods.Vector(3, 4);
    const items: number[] = [];
    for await (const item of vector.upTo(3)) items.push(item);

    expect(await vector.measure(2)).toEqual([10, true]);
    expect(await form(vector.measure).with({ priority: 1 })(2)).toEqual([10, true]);
    expect(await form(vector.measure).syncCall(2)).toEqual([10, false]);
    expect(items).toEqual([3, 6, 9]);
  });

  test('leave a plain method behind, with what other decorators have noted, where frameworks look for it', () => {
    const { getOwnMetadata } = Reflect as unknown as { getOwnMetadata(key: string, of: object): string };
    for (const key of ['above', 'below'] as const) {
      const found = Object.getOwnPropertyDescriptor(methods.Routes.prototype, key);

      expect(found).toMatchObject({ value: expect.any(Function) as Function, enumerable: false, writable: true });
      expect(getOwnMetadata('path', found?.value as object)).toBe(`/${key}`);
    }
  });
});
