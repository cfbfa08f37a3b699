/** Frameworks run functions in threads: their development servers, also after edits, and what they build. @module */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { answer } from './app.ts';
import { frameworks } from './frameworks.ts';
import type { Framework } from './frameworks.ts';
import { command, installed } from './installed.ts';
import { freePort, serverOf } from './server.ts';

const [major = 0] = process.versions.node.split('.').map(Number);

/** These need a newer Node.js than the oldest, so they are tried where CI has the short form, on the newest. */
const newer = ['Astro', 'Nuxt'];
const names = (Object.keys(frameworks) as (keyof typeof frameworks)[]).filter((name) =>
  newer.includes(name) ? major >= 22 : isFull || major < 22,
);

const quiet = { ASTRO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' };

/** The answer of the app, with factories that add `more`. */
const answerWith = (more: number, isMinified = false): unknown => ({
  ...(answer(isMinified) as object),
  twins: [20 + more, 30 + more],
});

function edit(file: string, from: string | RegExp, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

describe.each(names)('%s', (name) => {
  const { packages, files, jobs, paths, dev, build, start, isMinified }: Framework = frameworks[name];

  test(
    'runs functions in threads in development, after each edit, and as it is built',
    { timeout: 900_000 },
    async ({ skip }) => {
      const folder = await installed(files, packages, skip);

      const port = await freePort();
      const server = serverOf(folder, dev(port), port, quiet);
      for (const path of paths) expect(await server.ask(path)).toEqual(answer());
      edit(join(folder, jobs), 'n * factor', 'n * factor + 1');
      for (const path of paths) expect(await server.askAfter(path, answer())).toEqual(answerWith(1));
      // A module that the functions use.
      edit(join(folder, jobs.replace('jobs.js', 'shared.js')), 'request_id', 'id');
      edit(join(folder, jobs), 'n * factor + 1', 'n * factor');
      for (const path of paths) expect(await server.askAfter(path, answerWith(1))).toEqual(answer());
      // Edits one after the other, and requests meanwhile: each gets the answer of the old or the new text, or is told why.
      const asked: Promise<unknown>[] = [];
      for (const more of [2, 3, 4, 5]) {
        edit(join(folder, jobs.replace('jobs.js', 'shared.js')), /'\w*id'/, `'${'r'.repeat(more)}id'`);
        edit(join(folder, jobs), /n \* factor( \+ \d)?/, `n * factor + ${more}`);
        asked.push(...paths.map((path) => server.ask(path)));
        // oxlint-disable-next-line no-await-in-loop
        await asked[asked.length - 2];
      }
      const refused = (await Promise.all(asked)).filter(Array.isArray);
      expect(refused.filter(([code]) => code !== 'ERR_OFFLOOP_NOT_FOUND')).toEqual([]);
      for (const path of paths) expect(await server.askUntil(path, answerWith(5))).toEqual(answerWith(5));
      edit(join(folder, jobs), 'n * factor + 5', 'n * factor');
      await server.end();

      const built = await command(folder, build, quiet);
      expect(built).toMatchObject({ code: 0 });
      const at = await freePort();
      const words = start.map((word) => (word === 'PORT' ? at : word));
      const production = serverOf(folder, words, at, { ...quiet, PORT: at, HOST: '127.0.0.1', HOSTNAME: '127.0.0.1' });
      for (const path of paths) expect(await production.ask(path)).toEqual(answer(isMinified));
      expect(await production.end()).not.toMatch(/EADDRINUSE|Error/);
    },
  );
});
