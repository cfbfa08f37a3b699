/** Modules of webpack in the development server of Next.js, by a runtime as small as its own is large, with its names. @module */

import { expect, test } from 'vitest';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const runtime = `'use strict';
const modules = {};
const cache = {};
function __webpack_require__(id) {
  if (cache[id]) return cache[id].exports;
  const module = (cache[id] = { exports: {} });
  modules[id](module, module.exports, __webpack_require__);
  return module.exports;
}
__webpack_require__.m = modules;
__webpack_require__.o = (object, key) => Object.hasOwn(object, key);
__webpack_require__.a = (module, body) => {
  const { exports } = module;
  module.exports = new Promise((resolve, reject) => body(exports, (error) => (error ? reject(error) : resolve(exports))));
};
__webpack_require__.C = (chunk) => Object.assign(modules, chunk.modules);
module.exports = __webpack_require__;
`;

/** A module as webpack's development build has it. */
const evaluated = (id: string, text: string): string =>
  `((module, exports, __webpack_require__) => {\neval(${JSON.stringify(`${text}\n//# sourceURL=webpack-internal:///${id}\n`)});\n})`;

/** The modules of the program: the one with the functions awaits the library, and uses another one. */
const chunk = (more: number, name: string): string => `
const require_ = require('../webpack-runtime.js');
exports.modules = {
"offloop": ((module) => { module.exports = import("offloop"); }),
"(rsc)/./shared.js": ${evaluated('(rsc)/./shared.js', `exports.name = '${name}';`)},
"(rsc)/./jobs.js": ${evaluated(
  '(rsc)/./jobs.js',
  `__webpack_require__.a(module, async (exports, done) => { try {
const { threaded } = await __webpack_require__("offloop");
const shared = __webpack_require__(/*! ./shared.js */ "(rsc)/./shared.js");
const by = (factor) => threaded((n) => n * factor + ${more});
Object.assign(exports, { double: by(2), triple: by(3), name: threaded(() => shared.name), late: () => by(4) });
done(); } catch (error) { done(error); } })`,
)},
};
require_.C(exports);
module.exports = () => require_("(rsc)/./jobs.js");
`;

const program = `
const { writeFileSync } = require('node:fs');
const folder = __dirname + '/.next/server/';
const show = async (...calls) => console.log(JSON.stringify(await Promise.all(calls.map((call) => call.catch(({ code }) => code)))));
const write = (text) => writeFileSync(folder + 'app/route.js', text);
const load = () => require(folder + 'app/route.js')();
const forget = () => Object.keys(require.cache).forEach((path) => path.startsWith(folder) && delete require.cache[path]);
(async () => {
  const first = await load();
  // The server has begun to write the chunk anew.
  write('exports.modules = {');
  await show(first.double(10), first.triple(10), first.name());

  // It has written both files, and is writing one of them again.
  write(${JSON.stringify(chunk(1, 'two'))});
  forget();
  const second = await load();
  // Whoever reads it now gets a part of it; then it is complete.
  writeFileSync(folder + 'webpack-runtime.js', ${JSON.stringify(`require('node:fs').writeFileSync(__filename, ${JSON.stringify(runtime)});`)});
  await show(second.double(10), second.name());
  // Calls of the old modules are made with the old ones.
  await show(first.double(10), first.name(), second.triple(10));

  // A module that has the text that it had, with another one that has not.
  write(${JSON.stringify(chunk(1, 'six'))});
  forget();
  const third = await load();
  await show(third.double(10), third.name());

  // Another chunk was put into the same runtime before the first call.
  write(${JSON.stringify(chunk(2, 'two'))});
  forget();
  const fourth = await load();
  write(${JSON.stringify(chunk(3, 'two'))});
  delete require.cache[folder + 'app/route.js'];
  require(folder + 'app/route.js');
  await show(fourth.double(10));
  await show(first.late()(1));
})();
`;

test('runs the text that the program has, whatever the server has written', async () => {
  const folder = project({
    'package.json': '{"private":true}',
    '.next/server/webpack-runtime.js': runtime,
    '.next/server/app/route.js': chunk(0, 'one'),
    'main.js': program,
  });

  const { lines, stderr } = await run(`${folder}/main.js`, { cwd: folder });

  expect({ lines, stderr }).toEqual({
    lines: ['[20,30,"one"]', '[21,"two"]', '[20,"one",31]', '[21,"six"]', '[22]', '["ERR_OFFLOOP_CAPTURE"]'],
    stderr: '',
  });
});
