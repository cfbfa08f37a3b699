// Slices each exported function of a library alone, calls slice and original alike, and prints where they differ.
// Usage: node compare.mjs [--some] [--without-effects] [library …]; `--some` takes every tenth function.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { workerView } from '../../dist/src/address/view/worker-view.js';
import { inputsOf, seeded } from './inputs.mjs';
import { leftOut, libraries } from './libraries.mjs';
import { plain } from './plain.mjs';

const modules = new URL('../../node_modules/', import.meta.url);
const effects = !process.argv.includes('--without-effects');
const step = process.argv.includes('--some') ? 10 : 1;
const callsEach = 10;
let copies = 0;

const report = { libraries: {}, calls: 0, answers: 0, skipped: [], differences: [] };
const now = 1_600_000_000_000;
const { random: systemRandom } = Math;
Date.now = () => now;
// What libraries schedule for later is not compared, and must not go on in the next comparison.
globalThis.setTimeout = () => 0;
for (const method of ['log', 'warn', 'error', 'info']) console[method] = () => {};
process.on('unhandledRejection', () => {});

async function compareLibrary(library) {
  const { name, file, within, every = 1 } = library;
  const code = readFileSync(new URL(file, modules), 'utf8');
  const original = await load(code, library);
  const functions = Object.entries(within ? original[within] : original).filter(([, it]) => typeof it === 'function');
  const totals = (report.libraries[name] = { functions: 0, classes: 0, kept: [] });
  for (const [key, value] of functions.filter((_, index) => index % (every * step) === 0)) {
    const reason = leftOut[name]?.find(({ names }) => names.test(key))?.reason;
    if (reason) report.skipped.push({ name: `${name}.${key}`, reason });
    else await compareFunction(library, key, { code, value, totals });
  }
}

async function compareFunction(library, key, { code, value, totals }) {
  const { name, within, format = 'module' } = library;
  totals[isClass(value) ? 'classes' : 'functions'] += 1;
  const options = { format, libraries: [], sources: [String(value)], positions: [], methods: [], leftOut: [] };
  const view = workerView(code, options, { effects, exports: [within ?? key] });
  totals.kept.push(dense(view.code).length / dense(code).length);
  const expected = await answersOf(code, key, library);
  const actual = await answersOf(view.code, key, library);
  report.calls += expected.length;
  report.answers += expected.filter((answer) => answer.includes('"returns"')).length;
  const index = expected.findIndex((answer, index) => answer !== actual[index]);
  if (index < 0) return;
  report.differences.push({ name: `${name}.${key}`, expected: cut(expected[index]), actual: cut(actual[index]) });
}

const isClass = (value) => /^class\b/.test(Function.prototype.toString.call(value));
const dense = (code) => code.replace(/\s/g, '');

async function answersOf(code, key, library) {
  const random = seeded(key);
  Math.random = random;
  const answers = [];
  let target;
  try {
    const exported = await load(code, library);
    target = (library.within ? exported[library.within] : exported)[key];
  } catch (error) {
    return Array.from({ length: callsEach }, () => JSON.stringify({ loading: plain(error) }));
  }
  for (let i = 0; i < callsEach; i += 1)
    answers.push(JSON.stringify(await answerOf(target, inputsOf(library, key, i))));
  Math.random = systemRandom;
  return answers;
}

/** What a call gives, what it does to its arguments, and what the functions do that it gives. */
async function answerOf(target, inputs) {
  try {
    const result = await settled(isClass(target) ? new target(...inputs) : target(...inputs));
    const further = [];
    for (const fn of functionsOf(result)) further.push(await settled(attempt(() => fn.call(result, ...inputs))));
    return { returns: plain(result), further: plain(further), inputs: plain(inputs) };
  } catch (error) {
    return { throws: plain(error) };
  }
}

function functionsOf(result) {
  if (typeof result === 'function') return [result];
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result)
    .filter((value) => typeof value === 'function')
    .slice(0, 3);
}

function attempt(fn) {
  try {
    return { returns: fn() };
  } catch (error) {
    return { throws: plain(error) };
  }
}

/** A promise that nothing settles within some turns of the loop counts as pending. */
async function settled(value) {
  if (typeof value?.then !== 'function') return value;
  const pending = (async () => {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    return 'pending';
  })();
  return Promise.race([value, pending]);
}

/** Evaluates `code` anew, in the place of the library's own file. */
async function load(code, { file, format }) {
  copies += 1;
  if (format === 'commonjs') {
    const path = fileURLToPath(new URL(file, modules));
    const module = { exports: {} };
    const run = compileFunction(code, ['module', 'exports', 'require', '__filename', '__dirname']);
    run(module, module.exports, createRequire(path), path, path);
    return module.exports;
  }
  const text = Buffer.from(`${code}\n//${copies}`).toString('base64');
  return import(`data:text/javascript;base64,${text}`);
}

function cut(text) {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

const only = process.argv.slice(2).filter((name) => !name.startsWith('-'));
for (const library of libraries) if (only.length === 0 || only.includes(library.name)) await compareLibrary(library);
process.stdout.write(JSON.stringify(report), () => process.exit());
