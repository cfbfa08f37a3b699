/** The environment of a piece of code: its scope, its `this`, and the calling context. @module */

import type { Region } from './region.ts';
import { Variable, nothing, Value } from './value.ts';
import type { Thing } from './value.ts';

/**
 * A calling context: calls in different contexts are analysed separately. Each top-level statement and each wrapped
 * function has its own.
 */
export class Context {
  /** How many more calls are analysed separately in this context; further calls use the shared context. */
  left: number;

  /** The context shared by many; `undefined` if this one is shared. */
  readonly shared: Context | undefined;

  constructor(left: number = Infinity, shared?: Context) {
    this.left = left;
    this.shared = shared;
  }
}

/** A lexical scope. */
export class Scope {
  readonly #variables = new Map<string, Variable>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** @param owner The code whose variable it is; see {@link Variable}. */
  declare(name: string, owner: Variable['owner']): Variable {
    let variable = this.#variables.get(name);
    if (!variable) this.#variables.set(name, (variable = new Variable(name, owner)));
    return variable;
  }

  /** `undefined` if no scope declares the name: then it is a property of the global object. */
  find(name: string): Variable | undefined {
    return this.#variables.get(name) ?? this.#outer?.find(name);
  }
}

/** The evaluation of one call of a function, or of a top-level statement. */
export class Frame {
  readonly scope: Scope;
  readonly region: Region;
  readonly context: Context;
  readonly self: Value;

  /** The possible return values of the function. */
  readonly result: Value;

  /** The possible items of the generator. */
  readonly yielded: Value;

  /** The object whose method runs, for `super`. */
  readonly home: Thing | undefined;
  readonly args: Arguments | undefined;

  /** The variable that is known to have no value where this code runs. */
  readonly empty: string | undefined;

  /** The arguments object of the function. */
  readonly named: Arguments | undefined;

  /** @param around The enclosing frame, from which the facts that `facts` lacks are taken. */
  constructor(facts: FrameFacts, around?: Frame) {
    const { scope = around?.scope, context = around?.context, region = around?.region } = facts;
    if (!scope || !context || !region) throw new TypeError('A frame needs a scope, a context and a region');
    this.scope = scope;
    this.context = context;
    this.region = region;
    this.self = facts.self ?? around?.self ?? nothing;
    this.result = facts.result ?? around?.result ?? new Value();
    this.yielded = facts.yielded ?? around?.yielded ?? new Value();
    this.home = facts.home ?? around?.home;
    this.args = facts.args ?? around?.args;
    this.empty = facts.empty ?? around?.empty;
    this.named = facts.named ?? around?.named;
  }

  /** The same code in a block scope. */
  inner(scope: Scope = new Scope(this.scope)): Frame {
    return new Frame({ scope }, this);
  }

  /** The same code, where the variable `name` has no value. */
  without(name: string | undefined): Frame {
    return name === undefined ? this : new Frame({ empty: name }, this);
  }
}

type FrameFacts = { readonly [Name in keyof Frame]?: Frame[Name] | undefined };

type Flow = (from: Value, to: Value) => void;

/** The arguments of a call, as the function receives them. */
export class Arguments {
  /** The possible values of any argument. */
  readonly all: Value = new Value();

  /** Arguments that may be at any index. */
  readonly #spread = new Value();
  readonly #places: Value[] = [];
  readonly #flow: Flow;

  constructor(flow: Flow) {
    this.#flow = flow;
    flow(this.#spread, this.all);
  }

  /** The possible values of the argument at `index`. */
  at(index: number): Value {
    let value = this.#places[index];
    if (!value) {
      this.#places[index] = value = new Value();
      this.#flow(this.#spread, value);
      this.#flow(value, this.all);
    }
    return value;
  }

  /** @param spread Arguments at unknown indices. */
  give(args: readonly Value[], spread: Value = nothing): void {
    for (const [index, value] of args.entries()) if (value !== nothing) this.#flow(value, this.at(index));
    this.#flow(spread, this.#spread);
  }
}
