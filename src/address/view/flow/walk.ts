/** The interface through which the analysers of different syntax call each other. @module */

import type { ClassNode, FunctionNode, Node } from '../syntax.ts';
import type { Context, Frame } from './frame.ts';
import type { Heap } from './heap.ts';
import type { Place } from './region.ts';
import type { Thing, Value } from './value.ts';

/** The part of a call that was already analysed. */
export interface KnownOfCall {
  /** The things that the call makes, one of each kind. */
  made?: Map<string, Thing>;

  /** The receivers for which it was analysed as a call of outside code, and as a call of a built-in. */
  done?: Set<Thing | undefined>;
  doneBuiltin?: Set<Thing | undefined>;
}

/** A call that is being analysed. */
export interface Call {
  readonly frame: Frame;
  readonly place: Place;

  /** The name by which the function or method is called, if there is one. */
  readonly name: string | undefined;

  /** The possible values of `this`. */
  readonly self: Value;
  readonly args: readonly Value[];

  /** The possible values of arguments at unknown indices. */
  readonly spread: Value;

  /** The possible return values. */
  readonly result: Value;

  /** The part of the call that was already analysed; shared by all functions that it may call. */
  readonly known: KnownOfCall;

  /** Whether the result is not used, so that the call is made for its effect. */
  readonly isDropped: boolean;
  readonly isNew: boolean;

  /** Whether another function may be called instead, because the receiver is not known for sure. */
  readonly isGuess?: boolean;
}

/** The facts about the module as a whole. */
export interface World {
  /** The global object. */
  readonly global: Thing;

  /** The names of decorated methods, which are wrappers. */
  readonly wrappedMethods: ReadonlySet<string>;

  /** The names of properties with getters or setters in the module. */
  readonly accessors: ReadonlySet<string>;

  /** Whether a function declared in a block is also a `var` of the enclosing function. */
  readonly isSloppy: boolean;

  /** The thing for the module `source`. */
  module(source: string): Thing;
}

/** The analyser of code. */
export interface Walk {
  readonly heap: Heap;
  readonly world: World;

  /** Analyses `node`, and gives what its value may be. */
  expression(node: Node | null | undefined, frame: Frame, isDropped?: boolean): Value;
  statement(node: Node | null | undefined, frame: Frame): void;

  /** Analyses the call of what `callee` holds. */
  call(callee: Value, call: Call): void;

  /** Analyses the call of `thing`, one of the possible callees. */
  invoke(thing: Thing, call: Call): void;

  /** The thing for a function or class that is defined in `frame`. */
  closure(node: FunctionNode | ClassNode, frame: Frame): Thing;

  /** The frame of a call of `thing` in `context`. */
  activate(thing: Thing, context: Context): Frame;

  /** Analyses a run of the constructor `thing` for what `self` holds. */
  construct(thing: Thing, self: Value, frame: Frame, args: Pick<Call, 'args' | 'spread'>): void;

  /** Analyses a call of outside code; `self` is the receiver. */
  callForeign(call: Call, self: Thing | undefined): void;

  /** Notes that threads run the function `thing`. */
  serve(thing: Thing): void;
}
