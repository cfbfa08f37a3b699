/** Modules of Turbopack's development server, by a runtime as small as its own is large, with its names. @module */

import { expect, test } from 'vitest';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const runtime = `
const moduleFactories = new Map();
const cache = new Map();
function instantiate(id) {
  if (cache.has(id)) return cache.get(id);
  const module = { exports: {} };
  cache.set(id, module);
  moduleFactories.get(id)({ i: (other) => instantiate(other).exports, e: module.exports }, module, module.exports);
  return module;
}
function take(edited) {
  for (const [id, text] of Object.entries(edited)) {
    moduleFactories.set(id, (0, eval)('(require) => ' + text + '\\n//# sourceURL=' + require('node:url').pathToFileURL(__dirname + '/chunk.js') + '?id=' + encodeURIComponent(id))(require));
  }
  cache.clear();
}
module.exports = () => ({
  c: (path) => {
    const list = require(path);
    for (let i = 0; i < list.length; i += 2) if (!moduleFactories.has(list[i])) moduleFactories.set(list[i], list[i + 1]);
  },
  m: instantiate,
});
globalThis.__turbopack_server_hmr_handlers__ ??= new Map();
globalThis.__turbopack_server_hmr_handlers__.set(__filename, { handler: take });
`;

/** The texts of the two modules of the program: the one with the functions uses the other one. */
const jobs = (more: number): string => `((context) => {
  const { threaded } = require('offloop');
  const shared = context.i("[project]/shared.js");
  const by = (factor) => threaded((n) => n * factor + ${more});
  Object.assign(context.e, { double: by(2), triple: by(3), name: threaded(() => shared.name) });
})`;
const shared = (name: string): string => `((context) => { context.e.name = '${name}'; })`;
const chunk = (more: number, before = ''): string =>
  `module.exports = [${before}\n"[project]/shared.js", ${shared('one')},\n"[project]/jobs.js", ${jobs(more)},\n];`;

/** A module that has the same function as another one, and stands where that stood. */
const owned = (name: string): string => `((context) => {
  const { threaded } = require('offloop');
  const owner = '${name}';
  context.e.who = threaded(() => owner);
})`;
const alone = `module.exports = [\n"[project]/mine.js", ${owned('mine')},\n];`;
const beside = `module.exports = [\n"[project]/twin.js", ${owned('twin')},\n"[project]/mine.js", ${owned('mine')},\n];`;

const program = `
const { writeFileSync } = require('node:fs');
const runtime = require('./.next/[turbopack]_runtime.js')('entry');
const chunk = __dirname + '/.next/chunk.js';
const take = (edited) => [...globalThis.__turbopack_server_hmr_handlers__.values()][0].handler(edited);
const load = () => runtime.m('[project]/jobs.js').exports;
const show = async (...calls) => console.log(JSON.stringify(await Promise.all(calls.map((call) => call.catch(({ code }) => code)))));
(async () => {
  runtime.c(chunk);
  // The server writes the chunk anew before the program has run its module.
  writeFileSync(chunk, ${JSON.stringify(chunk(7, '\n"[project]/new.js", (() => 1),'))});
  const first = load();
  await show(first.double(10), first.name());

  // Two edits in one turn; the server writes the files later, or never.
  take({ '[project]/jobs.js': ${JSON.stringify(jobs(1))} });
  const second = load();
  take({ '[project]/jobs.js': ${JSON.stringify(jobs(2))}, '[project]/shared.js': ${JSON.stringify(shared('two'))} });
  const third = load();
  await show(third.double(10), third.name());
  // Its module was replaced before it was called.
  await show(second.triple(10));
  // Calls of a text that threads had are made in the threads of the newest, and do not spoil these.
  await show(first.double(10), first.triple(10), first.name());
  await show(third.triple(10), third.double(10), third.name());

  // The server forgets its runtime; what that has still runs, and loads the rest.
  take({ '[project]/jobs.js': ${JSON.stringify(jobs(4))} });
  globalThis.__turbopack_server_hmr_handlers__ = new Map();
  const last = load();
  await show(last.triple(10), last.name());

  // A chunk was loaded anew before a module of the text that it had has run.
  const other = __dirname + '/.next/other.js';
  runtime.c(other);
  writeFileSync(other, ${JSON.stringify(beside)});
  delete require.cache[other];
  runtime.c(other);
  await show(runtime.m('[project]/mine.js').exports.who());
})();
`;

test('runs the text that the program has, whatever the server has written, or says that it was edited', async () => {
  const folder = project({
    'package.json': '{"private":true}',
    '.next/[turbopack]_runtime.js': runtime,
    '.next/chunk.js': chunk(0),
    '.next/other.js': alone,
    'main.js': program,
  });

  const { lines, stderr } = await run(`${folder}/main.js`, { cwd: folder });

  expect({ lines, stderr }).toEqual({
    lines: [
      '[20,"one"]',
      '[22,"two"]',
      '[31]',
      '[20,30,"one"]',
      '[32,22,"two"]',
      '[34,"two"]',
      '["ERR_OFFLOOP_NOT_FOUND"]',
    ],
    stderr: '',
  });
});
