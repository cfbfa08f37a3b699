/** Threads run the modules of a development server of Vite, as the server has them. @module */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defineConfig } from 'vite';
import { offloop } from 'offloop/vite';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';
import type { Ran } from '../support/run.ts';

const files = {
  'vite.config.mjs': `import { offloop } from 'offloop/vite';
    import { fileURLToPath } from 'node:url';
    const texts = { 'virtual:one': 'export const one = 1;', 'virtual:jobs': "import { threaded } from 'offloop'; export const inVirtual = threaded((n) => n + 1);" };
    const virtual = {
      name: 'virtual',
      resolveId: (id) => (id in texts ? '\\0' + id : undefined),
      load: (id) => texts[id.slice(1)],
      // Resolves once a text is being made, and holds it.
      transform: (_, id) => (globalThis.held && id.endsWith('jobs.ts') ? globalThis.held() : undefined),
    };
    export default {
      appType: 'custom',
      logLevel: 'error',
      resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
      server: { middlewareMode: true, hmr: false, ws: false },
      optimizeDeps: { noDiscovery: true },
      plugins: [process.env.PLUGIN === 'none' ? [] : offloop(), virtual],
    };`,
  'src/scale.ts': 'export const scale = (n: number): number => n * 2;',
  'src/jobs.ts': `import { threadId } from 'node:worker_threads';
    import { threaded } from 'offloop';
    import { scale } from '@/scale';
    import { one } from 'virtual:one';
    export class Refused extends Error {}
    export const compute = threaded(function compute(n: number): unknown {
      if (n < 0) throw new Refused(import.meta.env.MODE);
      return [scale(n) + one, threadId !== 0];
    });
    const by = (factor: number) => threaded((n: number) => n * factor);
    export const double = by(2), triple = by(3);`,
  'main.mjs': `import { createServer } from 'vite';
    import { readFileSync, writeFileSync } from 'node:fs';
    import { once } from 'node:events';
    const server = await createServer();
    const load = () => server.ssrLoadModule('/src/jobs.ts');
    const show = (...all) => console.log(JSON.stringify(all));
    const call = async (fn, n) => fn(n).catch(({ code }) => code);
    const edit = async (name, from, to) => {
      const changed = new Promise((resolve) => server.watcher.on('change', (path) => path.endsWith(name) && resolve()));
      writeFileSync('src/' + name, readFileSync('src/' + name, 'utf8').replace(from, to));
      await changed;
      const { moduleGraph } = server.environments.ssr;
      const isEdited = () => [...moduleGraph.getModulesByFile(process.cwd() + '/src/jobs.ts')].every((it) => it.transformResult === null);
      while (!isEdited()) await new Promise(setImmediate);
    };
    const first = await load();
    show(await call(first.compute, 20), await call(first.double, 2), await call(first.triple, 2));
    if (process.env.PLUGIN !== 'none') {
      const error = await first.compute(-1).catch((thrown) => thrown);
      show(error instanceof first.Refused, error.message);
      show(await call((await server.ssrLoadModule('virtual:jobs')).inVirtual, 1));
      await edit('scale.ts', 'n * 2', 'n * 3');
      show(await call((await load()).compute, 20));
      await edit('jobs.ts', '+ one', '+ one + 1000');
      const before = await load();
      show(await call(before.compute, 20));
      await edit('jobs.ts', '+ 1000', '+ 2000');
      const { ThreadPool } = await server.ssrLoadModule('offloop');
      const late = new ThreadPool({ size: 1 });
      show(await call(before.compute.with({ pool: late }), 20));
      show(await call((await load()).compute, 20));
      await edit('jobs.ts', '+ 2000', '+ 3000');
      const stale = await new Promise((seen) => {
        globalThis.held = () => new Promise((release) => seen(release));
        late.close().then(() => before.compute.with({ pool: new ThreadPool({ size: 1 }) })(20).catch(() => {}));
      });
      const loading = load();
      delete globalThis.held;
      stale();
      show((await loading) === (await load()), await call((await load()).compute, 20));
    }
    await server.close();`,
};

/** Runs the program in a folder whose name has all that a name may have. */
function ran(env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const name = "Tom's projekt ü 100%20";
  const inside = Object.entries(files).map(([file, text]) => [join(name, file), text]);
  return run('main.mjs', { cwd: join(project(Object.fromEntries(inside) as typeof files, ['vite']), name), env });
}

describe('with the plugin', () => {
  test('threads resolve as the server does, and run the new text after an edit', async () => {
    expect(await ran()).toMatchObject({
      lines: [
        '[[41,true],4,6]',
        '[true,"development"]',
        '[2]',
        '[[61,true]]',
        '[[1061,true]]',
        // The function of before the edit is asked for by a thread that starts after it.
        '["ERR_OFFLOOP_NOT_FOUND"]',
        '[[2061,true]]',
        // A thread and the program ask for a text at a time: the program loads it once.
        '[true,[3061,true]]',
      ],
      stderr: '',
      code: 0,
    });
  });

  test('its type is one of Vite', () => {
    expect(defineConfig({ plugins: [offloop()] })).toMatchObject({ plugins: [{ name: 'offloop' }] });
  });

  test('a server without environments is refused', () => {
    expect(() => offloop().configureServer({} as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
    );
  });
});

test('without the plugin calls are refused', async () => {
  const refused = 'ERR_OFFLOOP_NO_MODULE';
  expect(await ran({ PLUGIN: 'none' })).toMatchObject({
    lines: [JSON.stringify([refused, refused, refused])],
    stderr: '',
    code: 0,
  });
});
