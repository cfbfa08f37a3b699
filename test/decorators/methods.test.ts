/** Wrappers as method decorators, lowered by each of the compilers that can. @module */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
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

  test('of a class that is not registered refuse to be called, and say what to do', async () => {
    await expect(new methods.Unregistered().work()).rejects.toThrow(TypeError);
    await expect(new methods.Unregistered().work()).rejects.toThrow(/sendable\(Unregistered\)/);
  });
});
