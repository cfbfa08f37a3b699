/** The programs of the corpus, and what each says of itself in the comments at its end. @module */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/run.ts';

/** The outcome of a run of a program. */
export interface Seen {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];

  /** Listening, child processes and changes of files, of all threads, sorted. */
  readonly effects: readonly string[];

  /** The files that were there at the end, each with a hash of its content. */
  readonly files: readonly string[];
}

/** The outcome that the contract demands of a program, whatever the library does today. */
export type Outcome =
  | { readonly kind: 'works' }
  /** The program's output has the code, and in its message each of the names, or one of `this|that`. */
  | { readonly kind: 'refused'; readonly code: string; readonly names: readonly string[] };

/**
 * - `inline`: the same file with all its functions on the main thread, and the split form where there is one.
 * - `split`: the split form only, where a function cannot run on the main thread.
 * - `hand`: what stands in the file was written by hand, since each form does something else.
 */
export type Oracle = 'inline' | 'split' | 'hand';

export interface Program {
  readonly name: string;
  readonly path: string;

  /** The program itself, without what it says of itself. */
  readonly text: string;
  readonly outcome: Outcome;
  readonly oracle: Oracle;
  readonly args: readonly string[];
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;

  /** The first version of Node.js that can run it at all. */
  readonly since: number;
  readonly expected: Seen;
}

export const folder: string = join(root, 'test/programs');

/** All programs, by name. */
export function programs(): Program[] {
  const names = readdirSync(folder).filter((name) => /\.(?:[cm]?js|[cm]?ts)$/.test(name));
  return names.toSorted().map((name) => readProgram(name, readFileSync(join(folder, name), 'utf8')));
}

const notes = /(?:\n\/\/[!>2+*] ?[^\n]*)+\n*$/;

/**
 * Reads a program; it ends with lines that begin with `//!` (what it is), `//>` (stdout), `//2` (stderr), `//*` and
 * `//+`.
 */
export function readProgram(name: string, whole: string): Program {
  const lines = (notes.exec(whole)?.[0] ?? '').trim().split('\n');
  const of = (mark: string): string[] =>
    lines.filter((line) => line.startsWith(`//${mark}`)).map((line) => line.slice(4));
  const said = of('!');
  const word = (key: string): string | undefined =>
    said.find((line) => line === key || line.startsWith(`${key} `))?.slice(key.length + 1);
  return {
    name,
    path: join(folder, name),
    text: `${whole.replace(notes, '').trimEnd()}\n`,
    outcome: outcome(name, said),
    oracle: (word('oracle') ?? 'inline') as Oracle,
    args: split(word('args')),
    nodeArgs: split(word('node')),
    env: Object.fromEntries(split(word('env')).map((pair) => pair.split('=') as [string, string])),
    stdin: JSON.parse(word('stdin') ?? '""') as string,
    since: Number(word('since') ?? 20),
    expected: {
      code: Number(word('exit') ?? 0),
      stdout: of('>'),
      stderr: of('2'),
      effects: of('*'),
      files: of('+'),
    },
  };
}

const split = (words: string | undefined): string[] => (words ? words.split(' ') : []);

function outcome(name: string, said: readonly string[]): Outcome {
  const [kind, code, ...names] = split(said[0]);
  if (kind === 'works') return { kind };
  if (kind === 'refused' && code?.startsWith('ERR_OFFLOOP_')) return { kind, code, names };
  throw new Error(`${name} does not say at its end whether it works or is refused`);
}

/** Writes what an oracle did as what the program is expected to do. */
export function writeExpected(program: Program, seen: Seen): void {
  const whole = readFileSync(program.path, 'utf8');
  const kept = (notes.exec(whole)?.[0] ?? '').split('\n').filter((line) => /^\/\/! (?!exit )/.test(line));
  if (seen.code !== 0) kept.push(`//! exit ${seen.code}`);
  for (const [mark, lines] of [
    ['>', seen.stdout],
    ['2', seen.stderr],
    ['*', seen.effects],
    ['+', seen.files],
  ] as const) {
    kept.push(...lines.map((line) => `//${mark} ${line}`.trimEnd()));
  }
  writeFileSync(program.path, `${whole.replace(notes, '').trimEnd()}\n\n${kept.join('\n')}\n`);
}
