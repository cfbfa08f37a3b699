/** The worker view of a module: the slice of it that its threaded functions need. @module */

import type { ModuleFormat } from '../address.ts';
import { CallGraph } from './call-graph.ts';
import { closeOver } from './closure.ts';
import type { Closure, Rules } from './closure.ts';
import { Effects } from './effects.ts';
import { emit } from './emit.ts';
import { Names } from './names.ts';
import { parseModule } from './syntax.ts';
import { unitsOf } from './units.ts';
import type { Unit } from './units.ts';
import { Wrappers } from './wrappers.ts';
import type { Registrations } from './wrappers.ts';

/** What is known of the module. */
export interface ViewOptions {
  readonly format: ModuleFormat;

  /** The specifiers under which it imports the library. */
  readonly libraries: readonly string[];

  /** The texts of the functions that it registered in the main thread. */
  readonly sources: readonly string[];

  /** Where in the text it registered them; empty if the main thread ran another text. */
  readonly positions: readonly number[];

  /** The names of decorated methods. */
  readonly methods: readonly string[];

  /**
   * Offsets in the text, each anywhere inside a statement that must not stay, whatever needs it: evaluating it in a
   * thread did what only the program may do.
   */
  readonly leftOut: readonly number[];
}

/** A statement that is not in the view. */
export interface LeftOut {
  /** From 1. */
  readonly line: number;

  /** The beginning of its first line. */
  readonly text: string;
}

/** The view. */
export interface WorkerView {
  /** The module's text: what stays is where it was, the rest is blank, and stubs for missing exports are at the end. */
  readonly code: string;
  readonly leftOut: LeftOut[];

  /** Every name of the top level that is not there. `dispatch`: because a threaded call makes it. */
  readonly mainOnly: Record<string, LeftOut & { readonly dispatch: boolean }>;

  /** Whether nothing was left out, or nothing could be. */
  readonly whole: boolean;
}

export type { WorkerView as View };

/**
 * Makes the worker view of `code`. A module that nobody can slice, as it does not parse or uses direct eval, is given back
 * as it is.
 *
 * @param rules For tests.
 */
export function workerView(code: string, options: ViewOptions, rules: Rules = {}): WorkerView {
  try {
    return slice(code, options, rules) ?? { code, leftOut: [], mainOnly: {}, whole: true };
  } catch (error) {
    // Too deeply nested for the stack, as generated code may be; it does run.
    if (error instanceof RangeError) return { code, leftOut: [], mainOnly: {}, whole: true };
    throw error;
  }
}

function slice(code: string, options: ViewOptions, rules: Rules): WorkerView | undefined {
  const program = parseModule(code, options.format);
  if (!program) return undefined;
  const names = new Names(unitsOf(program), options.libraries);
  const graph = new CallGraph(names);
  const wrappers = new Wrappers(names, graph, registrations(code, options));
  const closure = closeOver(names, wrappers, new Effects(names, graph), { ...rules, leftOut: options.leftOut });
  const { kept } = closure;
  if ([...kept].some(({ facts }) => facts.hasEval)) return undefined;
  const left = names.units.filter((unit) => !kept.has(unit) && !isListOfKept(unit, names, kept));
  if (left.length === 0) return undefined;
  const describe = describer(code);
  return {
    code: emit(code, options.format, names, closure),
    leftOut: left.map(describe),
    mainOnly: mainOnly(left, closure, describe),
    whole: false,
  };
}

/** `export { a, b }` is no loss if `a` and `b` are there: it only moves. */
function isListOfKept({ node }: Unit, names: Names, kept: ReadonlySet<Unit>): boolean {
  if (node.type !== 'ExportNamedDeclaration' || node.declaration || node.source) return false;
  return node.specifiers.every(
    ({ local }) => local.type === 'Identifier' && names.owners.get(local.name)?.some((unit) => kept.has(unit)),
  );
}

function registrations(code: string, { sources, positions, methods }: ViewOptions): Registrations {
  const texts = new Set(sources);
  const lengths = new Set(sources.map(({ length }) => length));
  return {
    isSource: (start, end) => lengths.has(end - start) && texts.has(code.slice(start, end)),
    isPosition: (start, end) => positions.some((position) => position >= start && position < end),
    methods,
  };
}

function mainOnly(
  left: readonly Unit[],
  { kept, dispatching }: Closure,
  describe: (unit: Unit) => LeftOut,
): WorkerView['mainOnly'] {
  const there = new Set([...kept].flatMap(({ names }) => names));
  const missing: WorkerView['mainOnly'] = {};
  for (const unit of left) {
    for (const name of unit.names) {
      if (!there.has(name)) missing[name] = { ...describe(unit), dispatch: dispatching.has(unit) };
    }
  }
  return missing;
}

/** Tells the line and the text of a unit; line numbers are looked up, since there are many units. */
function describer(code: string): (unit: Unit) => LeftOut {
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
