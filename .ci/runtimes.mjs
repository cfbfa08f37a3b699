#!/usr/bin/env node
/**
 * Runs the suite on Bun and on Deno, folder by folder, and prints a line for each:
 *
 *     node .ci/runtimes.mjs [--on=bun|deno] [--check] [--write] [FOLDER OR FILE OF test/ …]
 *
 * `--check` runs the tests of known differences as well and tells which of them pass. `--write` saves the counts of whole
 * folders, from which `docs/bun-and-deno.md` is made; `--tables` makes that anew and runs nothing. It builds nothing: run `npm run build` before.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

const root = resolve(import.meta.dirname, '..');
const counts = resolve(root, 'test/support/runtimes/counts.json');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string' },
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    tables: { type: 'boolean', default: false },
    limit: { type: 'string', default: '600' },
    timeout: { type: 'string', default: '60000' },
  },
});

const packages = { bun: '@oven/bun-linux-x64@1.4.5', deno: '@deno/linux-x64-glibc@2.9.6' };
const commands = {
  bun: ['node_modules/@oven/bun-linux-x64/bin/bun', '--bun'],
  deno: ['node_modules/@deno/linux-x64-glibc/deno', 'run', '-A'],
};

/** The folder with the runtimes, installed on first use. */
function installed() {
  const folder = resolve(root, '.tmp/runtimes');
  if (Object.values(commands).every(([file]) => existsSync(resolve(folder, file)))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, 'package.json'), '{"private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', ['install', ...flags, ...Object.values(packages)], { cwd: folder });
  if (status !== 0) throw new Error('npm could not install Bun and Deno');
  return folder;
}

/** Runs the tests of `unit` and gives vitest's report; `undefined` if there is none within the limit. */
async function report([program, ...args], unit, file) {
  rmSync(file, { force: true });
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--mode', 'built', `test/${unit}`];
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const limits = [`--testTimeout=${options.timeout}`, `--maxWorkers=${availableParallelism()}`, '--passWithNoTests'];
  const known = options.check ? { OFFLOOP_KNOWN: 'check' } : {};
  const env = { ...process.env, ...known, NO_COLOR: '1' };
  const child = spawn(program, [...args, ...vitest, ...reporters, ...limits], { cwd: root, env, detached: true });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  // The whole group, as workers of vitest outlive it.
  const end = () => {
    try {
      process.kill(-Number(child.pid), 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(end, Number(options.limit) * 1000);
  await new Promise((settle) => child.once('close', settle));
  clearTimeout(timer);
  end();
  writeFileSync(file.replace(/json$/, 'log'), Buffer.concat(output));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The tests of a report, named as the list of known differences names them. */
function testsOf({ testResults }) {
  return testResults.flatMap(({ name, status, assertionResults, message }) => {
    const path = relative(resolve(root, 'test'), name);
    if (status === 'failed' && assertionResults.length === 0) return [{ name: path, status, message }];
    return assertionResults.map(({ status, ancestorTitles, title, failureMessages: [message = ''] }) => {
      return { name: [path, ...ancestorTitles, title].join(' > '), status, message };
    });
  });
}

/** The list of known differences; Node.js 20 cannot import TypeScript. */
async function list() {
  const { build } = await import('esbuild');
  const contents = "export * from './areas.ts'; export * from './known.ts'; export * from './table.ts';";
  const stdin = { contents, resolveDir: resolve(root, 'test/support/runtimes') };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'esm' });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

const folder = installed();
const { areas, countRows, differenceRows, knownDifference, outdatedPatterns, tableOf } = await list();
const units =
  positionals.length > 0 ? positionals.map((unit) => unit.replace(/^test\//, '')) : Object.values(areas).flat();
const counted = {};
let isWell = true;
for (const runtime of options.tables ? [] : options.on ? [options.on] : ['bun', 'deno']) {
  const command = [resolve(folder, commands[runtime][0]), ...commands[runtime].slice(1)];
  const { stdout } = spawnSync(command[0], ['--version'], { encoding: 'utf8' });
  const [version] = /\d+\.\d+\.\d+/.exec(stdout) ?? [];
  counted[runtime] = { version, folders: {} };
  for (const unit of units) {
    const file = resolve(root, `.tmp/runtimes/${runtime}-${unit.replaceAll('/', '-')}.json`);
    const begin = Date.now();
    const found = await report(command, unit, file);
    const seconds = Math.round((Date.now() - begin) / 1000);
    const tests = found ? testsOf(found) : [{ name: unit, status: 'failed', message: 'no report: it hung, or died' }];
    const passed = tests.filter(({ status }) => status === 'passed').length;
    const isKnown = ({ name }) => knownDifference(runtime, name) !== undefined;
    const failed = tests.filter(({ status }) => status === 'failed');
    const lost = failed.filter((test) => !isKnown(test));
    const left = tests.filter((test) => test.status !== 'passed' && isKnown(test)).length;
    const isRun = (path) => path === unit || path.startsWith(`${unit}/`);
    const results = tests.map(({ name, status }) => ({ name, passed: status === 'passed' }));
    const outdated = options.check && found ? outdatedPatterns(runtime, results, isRun) : [];
    console.log(
      `${runtime} ${version} test/${unit}: ${passed} passed, ${left} left out, ${lost.length} failed (${seconds} s)`,
    );
    for (const { name, message } of lost) console.log(`  - ${name}\n      ${message.split('\n')[0].slice(0, 200)}`);
    for (const pattern of outdated)
      console.log(`  ! ${pattern}\n      passes, or matches nothing: take it off the list`);
    isWell &&= lost.length === 0 && outdated.length === 0;
    if (found && Object.values(areas).flat().includes(unit)) counted[runtime].folders[unit] = { passed, left };
  }
}
if (options.write || options.tables) {
  // Read now: a run on the other runtime may have written meanwhile.
  const saved = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : {};
  for (const [runtime, { version, folders }] of Object.entries(counted))
    saved[runtime] = { version, folders: { ...saved[runtime]?.folders, ...folders } };
  writeFileSync(counts, `${JSON.stringify(saved, undefined, 2)}\n`);
  // The tables of the page are its first one with "area" at its head, and the second.
  const page = resolve(root, 'docs/bun-and-deno.md');
  const tables = [tableOf(countRows(saved)), tableOf(differenceRows())];
  const text = readFileSync(page, 'utf8').replaceAll(/^\| area .*\n(?:\|.*\n)*/gm, () => tables.shift() ?? '');
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
}
process.exitCode = isWell ? 0 : 1;
