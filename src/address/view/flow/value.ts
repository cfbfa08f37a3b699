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
  readonly owner: { readonly isVague: boolean } | undefined;

  constructor(name: string, owner: Cell['owner']) {
    super();
    this.name = name;
    this.owner = owner;
  }
}

/**
 * - `crowd`: all objects that are not told apart from others; see `Heap`;
 * - `plain`: an object or an instance; `list`: an array or another container of the language's own;
 * - `function`, `class`: of the module, with its code;
 * - `outside`: what other modules, the language and Node.js give, and what their functions return;
 * - `library`: an export of ours; `ours`: an object that such an export made;
 * - `wrapper`: a wrapped function, a pool, or anything else whose use is work for a thread.
 */
export type ThingKind = 'crowd' | 'plain' | 'list' | 'function' | 'class' | 'outside' | 'library' | 'ours' | 'wrapper';

/** What a thing is made from. */
export interface ThingFacts {
  readonly path?: string | undefined;
  readonly code?: FunctionNode | ClassNode | undefined;
  readonly isVague?: boolean;
}

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

  /** The crowd that stands for it too, where too many may be meant to tell them apart. */
  crowd: Crowd | undefined;

  /** Of a wrapper: the functions that it wraps. */
  wraps: Value | undefined;

  /** Whether it stands for things of which nobody can tell which one is meant: the code that makes it runs for many. */
  readonly isVague: boolean;

  /** Whether nobody can change it. */
  isFrozen = false;

  /** Whose method it is, for `super`. */
  home: Thing | undefined;

  constructor(kind: ThingKind, { path, code, isVague = false }: ThingFacts = {}) {
    this.kind = kind;
    this.path = path;
    this.code = code;
    this.isVague = isVague;
  }

  /** Whether code of the module runs if it is called. */
  get isCode(): boolean {
    return this.code !== undefined;
  }
}

/** What stands for many things, where it is not known which one is meant. */
export class Crowd extends Thing {
  /** What some of them are given, by name, and under keys that nobody knows. */
  readonly given: Map<string, Value> = new Map();
  readonly givenUnnamed: Value = new Value();

  /** What some of them are given to inherit from. */
  readonly givenPrototypes: Value = new Value();

  /** All that some of them are given. */
  readonly givenAny: Value = new Value();

  /** Of functions and classes: all of them. */
  readonly members: Thing[] = [];
  readonly watchers: ((thing: Thing) => void)[] = [];

  constructor(kind: ThingKind, path?: string) {
    super(kind, { path, isVague: true });
  }

  override get isCode(): boolean {
    return this.kind === 'function';
  }
}
