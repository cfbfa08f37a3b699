#!/usr/bin/env node
/**
 * Runs the suite on Bun and on Deno, folder by folder, and prints a line for each:
 *
 *     node .ci/runtimes.mjs [--on=bun|deno] [--check] [--write] [FOLDER OR FILE OF test/ …]
 *
 * `--check` runs the tests of known differences as well and tells which of them pass. `--write` saves the counts of whole
 * folders, from which `docs/bun-and-deno.md` is made. It builds nothing: run `npm run build` before.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const counts = resolve(root, 'test/support/runtimes/counts.json');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string' },
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
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

/** Each failed test as the list of known differences names it. */
function failures({ testResults }) {
  return testResults.flatMap(({ name, status, assertionResults, message }) => {
    const path = relative(resolve(root, 'test'), name);
    if (status === 'failed' && assertionResults.length === 0)
      return [`${path} (the file itself: ${message.split('\n')[0]})`];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => [path, ...test.ancestorTitles, test.title].join(' > ') + why(test));
  });
}

const why = ({ failureMessages: [message = ''] }) =>
  `\n      ${message.split('\n').slice(0, 1).join('').slice(0, 200)}`;

const folder = installed();
const { areas } = await import('../test/support/runtimes/areas.ts').catch(() => textOfAreas());

/** Node.js 20 cannot import TypeScript. */
async function textOfAreas() {
  const { transform } = await import('esbuild');
  const { code } = await transform(readFileSync(resolve(root, 'test/support/runtimes/areas.ts'), 'utf8'), {
    loader: 'ts',
  });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

const units =
  positionals.length > 0 ? positionals.map((unit) => unit.replace(/^test\//, '')) : Object.values(areas).flat();
const saved = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : {};
let isWell = true;
for (const runtime of options.on ? [options.on] : ['bun', 'deno']) {
  const command = [resolve(folder, commands[runtime][0]), ...commands[runtime].slice(1)];
  const { stdout } = spawnSync(command[0], ['--version'], { encoding: 'utf8' });
  const [version] = /\d+\.\d+\.\d+/.exec(stdout) ?? [];
  saved[runtime] = { ...saved[runtime], version };
  for (const unit of units) {
    const file = resolve(root, `.tmp/runtimes/${runtime}-${unit.replaceAll('/', '-')}.json`);
    const begin = Date.now();
    const found = await report(command, unit, file);
    const seconds = Math.round((Date.now() - begin) / 1000);
    const lost = found ? failures(found) : ['(no report: it hung, or died)'];
    const { numPassedTests: passed = 0, numPendingTests: left = 0 } = found ?? {};
    console.log(
      `${runtime} ${version} test/${unit}: ${passed} passed, ${left} left out, ${lost.length} failed (${seconds} s)`,
    );
    for (const name of lost) console.log(`  - ${name}`);
    isWell &&= lost.length === 0;
    if (found && !unit.endsWith('.ts'))
      saved[runtime].folders = { ...saved[runtime].folders, [unit]: { passed, left } };
  }
}
if (options.write) writeFileSync(counts, `${JSON.stringify(saved, undefined, 2)}\n`);
process.exitCode = isWell ? 0 : 1;
