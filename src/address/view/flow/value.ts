/** What the values of a module's names may be, without running it: abstract things, and the values that hold them. @module */

import type { ClassNode, FunctionNode } from '../syntax.ts';

/**
 * What a variable, a parameter, a property or an expression may hold: all things that ever flow there, in whatever
 * order the program runs. One without things is a primitive.
 */
export class Value {
  things: Set<Thing> | undefined;

  /** How many of them stand for themselves; see `Heap`. */
  count = 0;

  /** Where what this holds flows to. */
  targets: Set<Value> | undefined;
  watchers: ((thing: Thing) => void)[] | undefined;
}

/** Of what a primitive is; nothing ever flows into it. */
export const nothing: Value = new Value();

/** A variable. */
export class Cell extends Value {
  readonly name: string;

  /** The code whose variable it is: one call of a function, say. `undefined` at the top level. */
  readonly owner: object | undefined;

  constructor(name: string, owner: object | undefined) {
    super();
    this.name = name;
    this.owner = owner;
  }
}

/**
 * - `plain`: an object or an instance; `list`: an array or another container of the language's own;
 * - `function`, `class`: of the module, with its code;
 * - `outside`: what other modules, the language and Node.js give, and what their functions return;
 * - `library`: an export of ours; `ours`: an object that such an export made;
 * - `wrapper`: a wrapped function, a pool, or anything else whose use is work for a thread.
 */
export type ThingKind = 'plain' | 'list' | 'function' | 'class' | 'outside' | 'library' | 'ours' | 'wrapper';

/** An object that the program may make, or all those that one place of it makes. */
export class Thing {
  readonly kind: ThingKind;

  /** Where outside it comes from: `node:fs.readFileSync`, `Object.assign`, `module:lodash.merge`; an export's name. */
  readonly path: string | undefined;
  readonly fields: Map<string, Value> = new Map();

  /** What stands under keys that nobody knows. */
  readonly unnamed: Value = new Value();

  /** What stands under any key. */
  readonly contents: Value = new Value();

  /** Of something that others made: what they were given for it, and may have made it of. */
  sources: Value | undefined;

  /** Where it looks for what it does not have itself. */
  readonly prototypes: Value = new Value();

  /** What reading a property gives, by name. */
  readonly found: Map<string, Value> = new Map();

  /** The functions that compute a property when it is read or assigned. */
  readonly accessors: Map<string, Value> = new Map();
  readonly code: FunctionNode | ClassNode | undefined;

  /** The method that its code is the body of: its text is what the function is told by. */
  method: { readonly start: number; readonly end: number } | undefined;

  /** The crowd that stands for it and others, where too many may be meant to tell them apart. */
  crowd: Thing | undefined;

  /** Of a wrapper: the functions that it wraps. */
  wraps: Value | undefined;

  /** Whether it is a crowd; and of functions or classes, all of them. */
  isCrowd = false;
  members: Value | undefined;

  /** Whether nobody can change it. */
  isFrozen = false;

  /** Whose method it is, for `super`. */
  home: Thing | undefined;

  constructor(
    kind: ThingKind,
    { path, code }: { path?: string | undefined; code?: FunctionNode | ClassNode | undefined } = {},
  ) {
    this.kind = kind;
    this.path = path;
    this.code = code;
  }
}
