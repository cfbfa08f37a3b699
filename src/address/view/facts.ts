/** What a piece of code uses and does, as far as its text tells. @module */

import type { Node } from './syntax.ts';

/** A name handed to a call: to which function (if it is one with a name), at which position. */
export interface Pass {
  readonly callee: string | undefined;
  readonly index: number;
  readonly name: string;
}

/** A method call: on what (`undefined` for a value without a name of the top level), and which. */
export interface MemberCall {
  readonly root: string | undefined;
  readonly method: string | undefined;

  /** The names between the two. */
  readonly via: readonly string[];
}

/** Code that runs together: what a unit does when evaluated, the body of a function, a method. */
export interface Region {
  /** Names that get another value. */
  readonly writes: string[];

  /** Names whose value is changed: by assignment to a member, or by a method call that may do so. */
  readonly changes: string[];
  readonly calls: string[];

  /** Calls the result of which is called right away. */
  readonly results: MemberCall[];
  readonly members: MemberCall[];
  readonly passes: Pass[];

  /** Local functions that are called. */
  readonly callees: Region[];

  /** Whether it talks to the outside: console, timers, servers. */
  acts: boolean;
}

/** What one unit uses and does. */
export interface Facts {
  /** Every name that it takes from the top level or the global object. */
  readonly uses: Set<string>;

  /** Those that are read when it is evaluated. */
  readonly usesNow: Set<string>;

  /** `a.b` for every member of a name that is read when it is evaluated. */
  readonly membersNow: Set<string>;

  /** What runs when it is evaluated. */
  readonly now: Region;

  /** What runs when the function or class that it declares is called. */
  readonly body: Region;

  /** The methods of all objects and classes in it, by name. */
  readonly methods: Map<string, Region>;

  /** Functions in it that nobody calls by name or at once: callbacks, results. */
  readonly stored: Region;

  /** What its function does with its parameters. */
  readonly parameters: ParameterFacts;

  /** The static fields of its classes that are made when it is evaluated, by name. */
  readonly fields: Map<string, Node>;

  /** Where the functions start and end that it makes when it is evaluated. */
  readonly functions: [start: number, end: number][];
  hasEval: boolean;
}

/** What a function does with its parameters, by index. */
export interface ParameterFacts {
  readonly changed: Set<number>;
  readonly called: Set<number>;
  readonly passes: (Pass & { readonly parameter: number })[];
}

/** Facts of nothing, to be filled. */
export function newFacts(): Facts {
  return {
    uses: new Set(),
    usesNow: new Set(),
    membersNow: new Set(),
    now: newRegion(),
    body: newRegion(),
    methods: new Map(),
    stored: newRegion(),
    parameters: { changed: new Set(), called: new Set(), passes: [] },
    fields: new Map(),
    functions: [],
    hasEval: false,
  };
}

/** A region without code. */
export function newRegion(): Region {
  return { writes: [], changes: [], calls: [], results: [], members: [], passes: [], callees: [], acts: false };
}

/** The name under which the changes to a function's parameter are recorded. */
export const parameter = (index: number): string => `%${index}`;

/** The index of a parameter that {@link parameter} made a name of; `undefined` for other names. */
export function parameterIndex(name: string): number | undefined {
  return name.startsWith('%') ? Number(name.slice(1)) : undefined;
}

/** Records that what `name` holds is changed. */
export function recordChange(name: string, region: Region, facts: Facts): void {
  const index = parameterIndex(name);
  if (index === undefined) region.changes.push(name);
  else facts.parameters.changed.add(index);
}

/** Records that `name` is handed to a call. */
export function recordPass(pass: Pass, region: Region, facts: Facts): void {
  const index = parameterIndex(pass.name);
  if (index === undefined) region.passes.push(pass);
  else facts.parameters.passes.push({ ...pass, parameter: index });
}

/** Records a call of what `name` holds. */
export function recordCall(name: string, region: Region, facts: Facts): void {
  const index = parameterIndex(name);
  if (index === undefined) region.calls.push(name);
  else facts.parameters.called.add(index);
}
