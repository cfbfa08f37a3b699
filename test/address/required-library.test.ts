/** A CommonJS module of jobs requires the library, an ES module, in threads. @module */

import { expect, test } from 'vitest';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

/** Counts how often a module graph is instantiated by a `require`: Node.js says it nowhere but in its internals. */
const counting = `
  const { ModuleWrap } = require('internal/test/binding').internalBinding('module_wrap');
  let times = 0;
  for (const name of ['instantiate', 'instantiateSync']) {
    const original = ModuleWrap.prototype[name];
    if (!original) continue;
    ModuleWrap.prototype[name] = function (...given) {
      times += 1;
      return original.apply(this, given);
    };
  }
`;

const jobs = `
  ${counting}
  const { threaded } = require('offloop');
  const instantiations = times;
  require('./own.mjs');
  const ofOwn = times - instantiations;
  exports.counts = threaded(function counts() { return { instantiations, ofOwn }; });
`;

const main = `
  const { counts } = require('./jobs.cjs');
  counts().then((answer) => console.log(JSON.stringify(answer)));
`;

test('is evaluated before it is required, as the end of a thread in such a require would end the process', async () => {
  const cwd = project({ 'main.cjs': main, 'jobs.cjs': jobs, 'own.mjs': 'export const n = 1;' });
  const ran = await run('main.cjs', { cwd, nodeArgs: ['--expose-internals', '--no-warnings'] });

  expect(ran).toMatchObject({ code: 0, stderr: '' });
  // A module of the user's own shows that something is counted.
  expect(JSON.parse(ran.lines[0] ?? '')).toEqual({ instantiations: 0, ofOwn: 1 });
});
