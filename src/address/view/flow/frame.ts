/** Where a piece of code stands: its variables, its `this`, on whose account it runs. @module */

import type { Region } from './region.ts';
import { Cell, nothing, Value } from './value.ts';
import type { Thing } from './value.ts';

/** On whose account code runs: that of a statement of the top level, of a wrapped function. */
export class Context {
  /** How many more calls are told apart on it; others are made on that of many. */
  left: number;

  /** That of many, unless it is this one. */
  readonly shared: Context | undefined;

  constructor(left: number = Infinity, shared?: Context) {
    this.left = left;
    this.shared = shared;
  }
}

/** Names, and the scope around them. */
export class Scope {
  readonly #cells = new Map<string, Cell>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** @param owner Whose variable it is; see {@link Cell}. */
  declare(name: string, owner: Cell['owner']): Cell {
    let cell = this.#cells.get(name);
    if (!cell) this.#cells.set(name, (cell = new Cell(name, owner)));
    return cell;
  }

  /** `undefined` if nobody declares it: it belongs to the global object. */
  find(name: string): Cell | undefined {
    return this.#cells.get(name) ?? this.#outer?.find(name);
  }
}

/** One call of a function, or the evaluation of a statement of the top level. */
export class Frame {
  readonly scope: Scope;
  readonly region: Region;
  readonly context: Context;
  readonly self: Value;

  /** What it returns. */
  readonly result: Value;

  /** What it yields. */
  readonly yielded: Value;

  /** Whose method runs, for `super`. */
  readonly home: Thing | undefined;
  readonly args: Arguments | undefined;

  /** The variable that has no value where this runs. */
  readonly empty: string | undefined;

  /** What `arguments` means. */
  readonly named: Arguments | undefined;

  /** @param around Where it stands: what `facts` does not tell is as it is there. */
  constructor(facts: FrameFacts, around?: Frame) {
    const { scope = around?.scope, context = around?.context, region = around?.region } = facts;
    if (!scope || !context || !region) throw new TypeError('Code stands nowhere');
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

  /** The same code in a block of its own. */
  inner(scope: Scope = new Scope(this.scope)): Frame {
    return new Frame({ scope }, this);
  }

  /** The same code where the variable `name` has no value. */
  without(name: string | undefined): Frame {
    return name === undefined ? this : new Frame({ empty: name }, this);
  }
}

type FrameFacts = { readonly [Name in keyof Frame]?: Frame[Name] | undefined };

type Flow = (from: Value, to: Value) => void;

/** The arguments of a call, as its function gets them. */
export class Arguments {
  /** What is at any place. */
  readonly all: Value = new Value();

  /** What may be at every place. */
  readonly #spread = new Value();
  readonly #places: Value[] = [];
  readonly #flow: Flow;

  constructor(flow: Flow) {
    this.#flow = flow;
    flow(this.#spread, this.all);
  }

  /** What is at `index`. */
  at(index: number): Value {
    let value = this.#places[index];
    if (!value) {
      this.#places[index] = value = new Value();
      this.#flow(this.#spread, value);
      this.#flow(value, this.all);
    }
    return value;
  }

  /** @param spread What stands at places that nobody knows. */
  give(args: readonly Value[], spread: Value = nothing): void {
    for (const [index, value] of args.entries()) if (value !== nothing) this.#flow(value, this.at(index));
    this.#flow(spread, this.#spread);
  }
}
