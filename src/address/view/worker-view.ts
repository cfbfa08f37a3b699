/** The worker view of a module: the slice of it that its wrapped functions need. @module */

import { hashOf } from '../hash.ts';
import { closeOver } from './closure.ts';
import type { Closure, Facts, Rules } from './closure.ts';
import { emit } from './emit.ts';
import { Flow } from './flow.ts';
import { TooMuch } from './flow/heap.ts';
import { Walker } from './flow/walker.ts';
import type { Care, ModuleFacts } from './flow/walker.ts';
import type { Thing } from './flow/value.ts';
import { librarySource } from './library-source.ts';
import type { SourceFacts } from './library-source.ts';
import { Names } from './names.ts';
import { refusedFunctions } from './refused.ts';
import type { Registrations } from './registrations.ts';
import { rootsOf } from './roots.ts';
import { parseModule } from './syntax.ts';
import { unitsOf } from './units.ts';
import type { Unit } from './units.ts';

/** The facts about the module. */
export interface ViewOptions extends SourceFacts {
  /** The texts of the functions that the module registered in the main thread. */
  readonly sources: readonly string[];

  /** The offsets in the text of these registrations; empty if the main thread ran another text. */
  readonly positions: readonly number[];

  /** The names of decorated methods. */
  readonly methods: readonly string[];

  /**
   * Offsets in the text, each anywhere inside a statement that must be left out, even if it is needed: its evaluation
   * in a thread was a hit, an effect that only the main thread may have.
   */
  readonly leftOut: readonly number[];
}

/** A statement that is left out. */
export interface LeftOut {
  /** The line number, from 1. */
  readonly line: number;

  /** The beginning of its first line. */
  readonly text: string;
}

/** The result of slicing a module. */
export interface WorkerView {
  /**
   * The module's text, with blanks for what is left out, so that positions stay the same; stubs for missing exports
   * follow.
   */
  readonly code: string;
  readonly leftOut: LeftOut[];

  /**
   * Every top-level name that is missing. `dispatch`: it is missing because a call of a wrapped function makes its
   * value.
   */
  readonly mainOnly: Record<string, LeftOut & { readonly dispatch: boolean }>;

  /**
   * The functions that must not run in a thread, by the hashes of their texts: they need a variable that the main
   * thread changes, or that it alone has.
   */
  readonly refused: Record<string, Refusal>;

  /** Whether nothing was, or nothing could be, left out. */
  readonly whole: boolean;
}

/** Why a function must not run in a thread: the place where the variable `name` is changed. */
export interface Refusal extends LeftOut {
  readonly name: string;
}

export type { WorkerView as View };

/**
 * Makes the worker view of `code`. A module that cannot be sliced, since it does not parse or uses direct eval, stays
 * whole.
 *
 * @param rules For tests.
 */
export function workerView(code: string, options: ViewOptions, rules: Rules = {}): WorkerView {
  try {
    const steps = slice(code, options, rules);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value ?? wholeOf(code);
    }
  } catch (error) {
    if (isTooMuch(error)) return wholeOf(code);
    throw error;
  }
}

/** As {@link workerView}, but awaits `turn` between the parts of the work; `undefined` for a module that takes long. */
export async function workerViewInTurns(
  code: string,
  options: ViewOptions,
  turn: () => PromiseLike<void>,
): Promise<WorkerView | undefined> {
  try {
    const steps = slice(code, options, {}, care.slice(0, 1));
    for (;;) {
      await turn();
      const { done, value } = steps.next();
      if (done) return value ?? wholeOf(code);
    }
  } catch (error) {
    if (isTooMuch(error)) return undefined;
    throw error;
  }
}

const wholeOf = (code: string): WorkerView => ({ code, leftOut: [], mainOnly: {}, refused: {}, whole: true });

/** Whether the module is too long, or nested too deeply for the stack, as generated code may be. It runs whole. */
const isTooMuch = (error: unknown): boolean => error instanceof RangeError || error instanceof TooMuch;

/** Slices the module, and yields between parts that take about equally long for a short module. */
function* slice(
  code: string,
  options: ViewOptions,
  rules: Rules,
  cares: readonly Care[] = care,
): Generator<void, WorkerView | undefined> {
  const program = parseModule(code, options.format);
  if (!program) return undefined;
  yield;
  const names = new Names(unitsOf(program), librarySource(options));
  yield;
  const facts = read(code, names, options, rules, cares);
  yield;
  const closure = closeOver(facts, { ...rules, leftOut: options.leftOut });
  const { kept } = closure;
  if ([...kept].some((unit) => names.uses.get(unit)?.hasEval)) return undefined;
  const left = names.units.filter((unit) => !kept.has(unit) && !isListOfKept(unit, names, kept));
  if (left.length === 0) return undefined;
  const describe = describer(code);
  return {
    code: emit(code, options.format, names, closure),
    leftOut: left.map(describe),
    mainOnly: mainOnly(left, closure, describe),
    refused: refused(code, facts, closure, describe),
    whole: false,
  };
}

/** Reads the effects of the module's code. */
function read(
  code: string,
  names: Names,
  options: ViewOptions,
  { exports: wished }: Rules,
  cares: readonly Care[],
): Facts {
  const told = registrations(code, options);
  const accessors = new Set([...names.uses.values()].flatMap((uses) => uses.accessors));
  const flow = flowOf(names.units, cares, {
    isCommon: options.format === 'commonjs',
    isLibrary: librarySource(options),
    wrappedMethods: new Set(options.methods),
    accessors,
    isSource: (start, end) => told.isSource(start, end),
    exported: exported(names, wished),
  });
  return { names, flow, roots: rootsOf(names, flow, told) };
}

/**
 * The levels of care for reading a module. First each call of a function is read by itself. If that takes too much,
 * values that come from functions are not told apart, since reading calls one by one takes more than linear time.
 */
const care: readonly Care[] = [
  { calls: 200, callsOfThreads: 200, things: 16, steps: 4_000 },
  { calls: 4, callsOfThreads: 4, things: 8, steps: 20_000 },
  { calls: 0, callsOfThreads: 4, things: 4, steps: 3_000_000 },
];

function flowOf(units: readonly Unit[], cares: readonly Care[], facts: ModuleFacts): Flow {
  for (const each of cares) {
    try {
      return new Flow(new Walker(units, facts, each));
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
    }
  }
  throw new TooMuch();
}

/** The exports of the module, by unit: the local name of each, if it has one. */
function exported({ units }: Names, wished: readonly string[] | undefined): [Unit, string | undefined][] {
  const isWished = (name: string): boolean => wished?.includes(name) ?? true;
  return units.flatMap((unit): [Unit, string | undefined][] => {
    const { node, names } = unit;
    if (unit.exported.some(isWished)) return names.length > 0 ? names.map((name) => [unit, name]) : [[unit, undefined]];
    if (node.type !== 'ExportNamedDeclaration' || node.source) return [];
    return node.specifiers.flatMap(({ local, exported: as }) => {
      if (local.type !== 'Identifier' || !isWished(as.type === 'Identifier' ? as.name : String(as.value))) return [];
      return [[unit, local.name]];
    });
  });
}

/** Whether the unit is `export { a, b }` of kept variables, which is only moved, not lost. */
function isListOfKept({ node }: Unit, names: Names, kept: ReadonlySet<Unit>): boolean {
  if (node.type !== 'ExportNamedDeclaration' || node.declaration || node.source) return false;
  return node.specifiers.every(
    ({ local }) => local.type === 'Identifier' && names.owners.get(local.name)?.some((unit) => kept.has(unit)),
  );
}

function registrations(code: string, { sources, positions }: ViewOptions): Registrations {
  const texts = new Set(sources);
  const lengths = new Set(sources.map(({ length }) => length));
  return {
    isSource: (start, end) => lengths.has(end - start) && texts.has(code.slice(start, end)),
    isPosition: (start, end) => positions.some((position) => position >= start && position < end),
  };
}

function mainOnly(left: readonly Unit[], { kept, gone }: Closure, describe: Describe): WorkerView['mainOnly'] {
  const there = new Set([...kept].flatMap(({ names }) => names));
  const missing: WorkerView['mainOnly'] = {};
  for (const unit of left) {
    for (const name of unit.names) {
      if (!there.has(name)) missing[name] = { ...describe(unit), dispatch: gone.has(unit) };
    }
  }
  return missing;
}

function refused(code: string, facts: Facts, closure: Closure, describe: Describe): WorkerView['refused'] {
  const reasons: WorkerView['refused'] = {};
  for (const [thing, { name, ...place }] of refusedFunctions(facts, closure)) {
    const text = textOf(thing, code);
    if (text !== undefined) reasons[hashOf(text)] = { name, ...describe(place) };
  }
  return reasons;
}

/** The text that the function's `toString()` gives. */
function textOf({ code: node, method }: Thing, code: string): string | undefined {
  if (method) return code.slice(method.start, method.end).replace(/^static\s+/, '');
  return node && code.slice(node.start, node.end);
}

type Describe = (place: { readonly start: number; readonly end: number }) => LeftOut;

/**
 * Makes a function that gives the line and the text of a place; lines are found by binary search, since units are many.
 */
function describer(code: string): Describe {
  const starts = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ start, end }) => {
    const [text = ''] = code.slice(start, Math.min(end, start + 70)).split(/[\r\n]/, 1);
    return { line: lineAt(starts, start), text };
  };
}

function lineAt(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle;
  }
  return low + 1;
}
