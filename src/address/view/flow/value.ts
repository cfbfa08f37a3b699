/** The domain of the abstract interpretation: things are abstract objects, values are sets of things. @module */

import type { ClassNode, FunctionNode } from '../syntax.ts';

/**
 * The possible contents of a variable, a parameter, a property or an expression (its points-to set): all things that
 * may ever get there, in any order of execution. A value without things is a primitive.
 */
export class Value {
  things: Set<Thing> | undefined;

  /** How many of the things may still join a summary; see `Heap`. */
  count = 0;

  /** The values that everything in this one flows to. */
  targets: Set<Value> | undefined;
  watchers: ((thing: Thing) => void)[] | undefined;
}

/** The value of primitives; nothing ever flows into it. */
export const nothing: Value = new Value();

/** A variable. */
export class Variable extends Value {
  readonly name: string;

  /** The code whose variable it is, such as one call of a function; `undefined` at the top level. */
  readonly owner: { readonly isVague: boolean } | undefined;

  constructor(name: string, owner: Variable['owner']) {
    super();
    this.name = name;
    this.owner = owner;
  }
}

/**
 * The kinds of things:
 * - `summary`: the summary of all objects that are not told apart; see `Heap`.
 * - `plain`: an object or an instance. `list`: an array or another built-in container.
 * - `function`, `class`: of the module, with its code.
 * - `outside`: anything that other modules, the language or Node.js provide or return.
 * - `library`: an export of the library. `ours`: an object that such an export made.
 * - `wrapper`: a wrapped function, a pool, or anything else whose use is work for a thread.
 */
export type ThingKind =
  'summary' | 'plain' | 'list' | 'function' | 'class' | 'outside' | 'library' | 'ours' | 'wrapper';

/** The facts about a new thing. */
export interface ThingFacts {
  readonly path?: string | undefined;
  readonly code?: FunctionNode | ClassNode | undefined;
  readonly isVague?: boolean;
}

/** An abstract object: one object that the program may make, or all objects that are made at one place in the code. */
export class Thing {
  readonly kind: ThingKind;

  /**
   * The origin of an outside thing: `node:fs.readFileSync`, `Object.assign`, `module:lodash.merge`; or the name of an
   * export.
   */
  readonly path: string | undefined;
  readonly fields: Map<string, Value> = new Map();

  /** The possible values of properties with unknown names. */
  readonly unnamed: Value = new Value();

  /** The possible values of all properties. */
  readonly contents: Value = new Value();

  /** For a thing that outside code made: the arguments of that code, which may be parts of the thing. */
  sources: Value | undefined;

  /** Its prototypes, where missing properties are looked up. */
  readonly prototypes: Value = new Value();

  /** The results of reading properties, by name. */
  readonly found: Map<string, Value> = new Map();

  /** The getters and setters, by property name. */
  readonly accessors: Map<string, Value> = new Map();
  readonly code: FunctionNode | ClassNode | undefined;

  /** The method definition that contains `code`; its text is the text of the function. */
  method: { readonly start: number; readonly end: number } | undefined;

  /** The summary that the thing has joined, for values that hold too many things to tell them apart. */
  summary: Summary | undefined;

  /** For a wrapper: the functions that it wraps. */
  wraps: Value | undefined;

  /** Whether the thing is vague: the code that makes it stands for many calls, so it stands for many objects. */
  readonly isVague: boolean;

  /** Whether the object is frozen. */
  isFrozen = false;

  /** The object whose method it is, for `super`. */
  home: Thing | undefined;

  constructor(kind: ThingKind, { path, code, isVague = false }: ThingFacts = {}) {
    this.kind = kind;
    this.path = path;
    this.code = code;
    this.isVague = isVague;
  }

  /** Whether a call of the thing runs code of the module. */
  get isCode(): boolean {
    return this.code !== undefined;
  }
}

/** A summary: stands for many things where it is not known which of them is meant. */
export class Summary extends Thing {
  /** Values that some members are given, by name, and under unknown names. */
  readonly given: Map<string, Value> = new Map();
  readonly givenUnnamed: Value = new Value();

  /** The prototypes that some members are given. */
  readonly givenPrototypes: Value = new Value();

  /** Everything that some members are given. */
  readonly givenAny: Value = new Value();

  /** The members, if they are functions and classes. */
  readonly members: Thing[] = [];
  readonly watchers: ((thing: Thing) => void)[] = [];

  constructor(kind: ThingKind, path?: string) {
    super(kind, { path, isVague: true });
  }

  override get isCode(): boolean {
    return this.kind === 'function';
  }
}
