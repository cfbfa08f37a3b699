/** The README tells the truth: its programs run and print what it says, its commands and tables are complete. @module */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import * as offloop from 'offloop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommand } from '../dist/src/programs/cli/args.js';
import { checks } from '../dist/src/wrappers/plan.js';
import { root, run } from './support/run.ts';

/** A code block. What stands after the language says what it is for. */
interface Block {
  readonly section: string;
  readonly line: number;
  readonly language: string;

  /** `file=` names the file that the block is; it stays for the blocks of its section that follow. */
  readonly file: string | undefined;

  /** TypeScript that no Node.js can run without `tsx`. */
  readonly needsTsx: boolean;

  /** What it prints: `prints=` has the line, `prints` alone means the text block that follows. */
  readonly prints: string | undefined;
  readonly code: string;
}

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const blocks = blocksOf(readme);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

/** Compiler options for sections that show none. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  },
});

const temporary = join(root, '.tmp', `readme-${process.pid}`);

beforeAll(() => void mkdirSync(temporary, { recursive: true }));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('the README', () => {
  test.concurrent.each(programs())('runs $file (line $line)', async ({ section, line, file, needsTsx, prints }) => {
    const folder = sectionFolder(section, line);
    const nodeArgs = file?.endsWith('.ts') && (needsTsx || !stripsTypes) ? ['--import', 'tsx'] : [];

    const { code, stdout, stderr } = await run(join(folder, file ?? ''), { cwd: folder, nodeArgs });
    expect({ stdout: tidy(stdout), stderr: withoutWarnings(stderr), code }).toEqual({
      stdout: tidy(prints ?? ''),
      stderr: '',
      code: 0,
    });
  });

  test.concurrent.each(commands())('has a command that works: $command (line $line)', async (block) => {
    const { section, line, command, prints } = block;
    const output = await execute(command, () => sectionFolder(section, line), block.before);

    if (prints !== undefined) expect(tidy(output)).toBe(tidy(prints));
  });

  test.concurrent.each(typedSections())('has types that hold under "$section"', async ({ section }) => {
    const folder = sectionFolder(section, Infinity);
    if (!existsSync(join(folder, 'tsconfig.json'))) writeFileSync(join(folder, 'tsconfig.json'), tsconfig);

    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await run(tsc, { args: ['-p', folder], cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  test('has no block that is not checked', () => {
    const unchecked = blocks.filter(({ language, file }) => file === undefined && !['sh', 'text'].includes(language));
    const outputs = blocks.filter(({ language, file }) => language === 'text' && file === undefined);

    expect(unchecked).toEqual([]);
    expect(outputs.filter((block) => !isOutput(block))).toEqual([]);
    expect(blocks.length).toBe((readme.match(/^```/gm)?.length ?? 0) / 2);
  });

  test('lists exactly the codes of errors that there are', () => {
    const source = readFileSync(join(root, 'src/errors.ts'), 'utf8');
    const [, union = ''] = /type ErrorCode =([^;]*);/.exec(source) ?? [];

    expect(firstColumn('Errors')).toEqual([...union.matchAll(/'(\w+)'/g)].map(([, code]) => code));
  });

  test('lists exactly the options that there are', () => {
    const { threaded, threadedSeparate } = checks;
    const rows = tableRows('Options of functions and calls').map(([name, pooled, separate, call]) => {
      const isOf = { pooled: call === 'of a pooled one', separate: call === 'of a separate one' };
      return {
        name: bare(name),
        threaded: pooled === 'yes',
        threadedSeparate: separate === 'yes',
        pooledCall: call === 'yes' || isOf.pooled,
        separateCall: call === 'yes' || isOf.separate,
      };
    });

    const named = (column: keyof (typeof rows)[number]): Set<string> =>
      new Set(rows.flatMap((row) => (row[column] ? row.name : [])));
    expect(named('threaded')).toEqual(new Set(Object.keys(threaded.options)));
    expect(named('pooledCall')).toEqual(new Set(Object.keys(threaded.call)));
    expect(named('threadedSeparate')).toEqual(new Set(Object.keys(threadedSeparate.options)));
    expect(named('separateCall')).toEqual(new Set(Object.keys(threadedSeparate.call)));
  });

  test('lists exactly the options of iterators', () => {
    const { threadedIterable, threadedIterableSeparate } = checks;
    const common = ['queueTimeout', 'priority'];
    const own = firstColumn('Options of iterators');
    const wrapping = ['name', 'module', 'view'];
    const separate = ['detach', 'argv', 'stdout', 'stderr'];

    expect(new Set([...common, 'key', 'pool', ...wrapping, ...own])).toEqual(
      new Set(Object.keys(threadedIterable.options)),
    );
    expect(new Set([...common, 'key', 'pool', 'transfer', ...own])).toEqual(
      new Set(Object.keys(threadedIterable.call)),
    );
    expect(new Set([...common, ...separate, ...wrapping, ...own])).toEqual(
      new Set(Object.keys(threadedIterableSeparate.options)),
    );
    expect(new Set([...common, ...separate, 'transfer', ...own])).toEqual(
      new Set(Object.keys(threadedIterableSeparate.call)),
    );
  });

  test('lists exactly the options of a pool and the settings of the process', () => {
    const pool = {
      size: 0,
      maxThreads: 0,
      minThreads: 0,
      idleTimeout: 0,
      maxQueue: 0,
      grace: 0,
      init: 0,
      initArgs: 0,
      teardown: 0,
      maxTasksPerThread: 0,
      maxHeap: 0,
      maxAge: 0,
      name: 0,
      env: 0,
      execArgv: 0,
      resourceLimits: 0,
    };
    const settings = { inline: 0, view: 0, maxWorkers: 0, spare: 0, startTimeout: 0, maxSize: 0 };

    expect(firstColumn('Options of a pool')).toEqual(
      Object.keys(pool satisfies Record<keyof offloop.ThreadPoolOptions, number>),
    );
    expect(firstColumn('Settings of the process').filter(Boolean)).toEqual(
      Object.keys(settings satisfies Record<keyof offloop.Configuration, number>),
    );
  });

  test('names everything that the package exports', () => {
    const missing = Object.keys(offloop).filter((name) => !new RegExp(`\\b${name}\\b`).test(readme));

    expect(missing).toEqual([]);
  });

  test('has no link to a heading that does not exist', () => {
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...readme.matchAll(/\]\(#([^)]*)\)/g)].map(([, target]) => target);

    expect(links.filter((link) => !headings.includes(link ?? ''))).toEqual([]);
  });
});

function blocksOf(text: string): Block[] {
  const found: Block[] = [];
  const piece = /^## (?<heading>.*)$|^```(?<language>\w+)(?<info>.*)\n(?<code>[^]*?)^```$/gm;
  let section = '';
  for (const match of text.matchAll(piece)) {
    const { heading, language = '', info = '', code = '' } = match.groups ?? {};
    if (heading !== undefined) {
      section = heading;
      continue;
    }
    found.push({
      section,
      line: text.slice(0, match.index).split('\n').length,
      language,
      file: /file=(\S+)/.exec(info)?.[1],
      needsTsx: / tsx\b/.test(info),
      prints: / prints(?:=(.*))?$/.exec(info)?.[1] ?? (info.endsWith(' prints') ? '' : undefined),
      code,
    });
  }
  return found.map((block, index) => ({
    ...block,
    prints: block.prints === '' ? outputAt(found, index + 1) : block.prints,
  }));
}

/** The text of the output block at `index`, which has to be there. */
function outputAt(all: readonly Block[], index: number): string {
  const block = all[index];
  if (block?.language !== 'text' || block.file !== undefined) throw new Error(`No output at line ${block?.line}`);
  return block.code;
}

/** Whether a text block is what the program or the command before it prints. */
function isOutput(block: Block): boolean {
  const before = blocks[blocks.indexOf(block) - 1];
  return before?.section === block.section && (before.language === 'sh' || before.prints === block.code);
}

function programs(): Block[] {
  return blocks.filter(({ file, prints }) => file !== undefined && prints !== undefined);
}

interface Command extends Block {
  readonly command: string;

  /** The commands of the same block that come first. */
  readonly before: readonly string[];
}

function commands(): Command[] {
  return blocks.flatMap((block, index) => {
    if (block.language !== 'sh') return [];
    const next = blocks[index + 1];
    const output = next && next.language === 'text' && next.section === block.section ? next.code : undefined;
    const lines = block.code.trim().split('\n');
    return lines.map((command, at) => ({
      ...block,
      command,
      before: lines.slice(0, at),
      prints: at === lines.length - 1 ? output : undefined,
    }));
  });
}

function typedSections(): { section: string }[] {
  const typed = blocks.filter(({ file }) => file?.endsWith('.ts'));
  return [...new Set(typed.map(({ section }) => section))].map((section) => ({ section }));
}

/** A folder with the files that the section shows up to `line`; inside the package, which finds itself by its name. */
function sectionFolder(section: string, line: number): string {
  const folder = mkdtempSync(join(temporary, 'section-'));
  for (const block of blocks) {
    if (block.section === section && block.line <= line && block.file !== undefined)
      writeFileSync(join(folder, block.file), block.code);
  }
  return folder;
}

/** Runs a command of the README where that is possible, else checks that what it names is there; gives the output. */
async function execute(command: string, makeFolder: () => string, before: readonly string[]): Promise<string> {
  const [, assignment, rest = ''] = /^(?:([A-Z_]+=\S+) )?(.*)$/.exec(command) ?? [];
  const [program = '', ...args] = rest.split(' ');
  if (program === 'npm') checkNpm(args);
  else if (program === 'npx' && args[0] === manifest.name) parseCommand(args.slice(1));
  else if (program === '.ci/run') expect(existsSync(join(root, program))).toBe(true);
  else {
    const folder = makeFolder();
    const env = Object.fromEntries(assignment ? [assignment.split('=') as [string, string]] : []);
    for (const earlier of before) {
      // One after the other, as in a shell.
      // oxlint-disable-next-line no-await-in-loop
      if (!earlier.startsWith('npm ')) await spawnIn(folder, earlier.split(' '));
    }
    return spawnIn(folder, [program, ...args], env);
  }
  return '';
}

async function spawnIn(
  folder: string,
  [program, ...args]: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const [first = '', ...others] = args;
  if (program === 'npx' && first === 'esbuild') {
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/esbuild'), others, { cwd: folder });
    return stdout;
  }
  const isVitest = program === 'npx' && first === 'vitest';
  if (!isVitest) expect(program).toBe('node');
  // Without a file of its own, it would find the one of this package further up.
  if (isVitest) writeFileSync(join(folder, 'vitest.config.js'), 'export default {};');
  const { code, stdout, stderr } = isVitest
    ? await run(join(root, 'node_modules/vitest/vitest.mjs'), { args: others, cwd: folder, env })
    : await run(undefined, { nodeArgs: args, cwd: folder, env });
  expect({ code, output: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, output: '' });
  return withoutWarnings(stderr) + stdout;
}

function checkNpm([verb = '', ...names]: string[]): void {
  if (verb === 'install') {
    const known = [manifest.name, '--save-dev', ...Object.keys(manifest.devDependencies)];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  } else {
    expect(Object.keys(manifest.scripts)).toContain(verb === 'run' ? names[0] : verb);
  }
}

/** The cells of the first table under a heading, without its head. */
function tableRows(heading: string): string[][] {
  const [, text = ''] = new RegExp(`^## ${heading}$([^]*?)(?=^## )`, 'm').exec(readme) ?? [];
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const firstColumn = (heading: string): string[] => tableRows(heading).map(([cell]) => bare(cell));
const bare = (cell = ''): string => cell.replaceAll('`', '');

const tidy = (text: string): string => stripVTControlCharacters(text).trim().replaceAll(/ +$/gm, '');

/** Node.js warns of what it calls experimental, each version of other things. */
function withoutWarnings(text: string): string {
  return text.replaceAll(/^\(node:\d+\).*Warning.*\n|^\(Use `node --trace-.*\n/gm, '');
}
