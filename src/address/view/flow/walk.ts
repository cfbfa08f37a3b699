/** What the readers of the kinds of syntax need of each other. @module */

import type { ClassNode, FunctionNode, Node } from '../syntax.ts';
import type { Context, Frame } from './frame.ts';
import type { Heap } from './heap.ts';
import type { Place } from './region.ts';
import type { Thing, Value } from './value.ts';

/** What was read of a call already. */
export interface KnownOfCall {
  /** What it makes, by kind: one thing. */
  made?: Map<string, Thing>;

  /** Of which things it was read as a method of somebody else's; and as one of Node.js or the language. */
  done?: Set<Thing | undefined>;
  doneBuiltin?: Set<Thing | undefined>;
}

/** A call that is read. */
export interface Call {
  readonly frame: Frame;
  readonly place: Place;

  /** The name under which it is called, as far as there is one: of the function, or of the method. */
  readonly name: string | undefined;

  /** What `this` is in it. */
  readonly self: Value;
  readonly args: readonly Value[];

  /** What is among the arguments at places that nobody knows. */
  readonly spread: Value;

  /** What it gives. */
  readonly result: Value;

  /** What was read of it already, however many functions it may call. */
  readonly known: KnownOfCall;

  /** Whether nobody looks at what it gives, so that it is called for what it does. */
  readonly isDropped: boolean;
  readonly isNew: boolean;

  /** Whether it may be another function that is called, since it is not known whose method it is. */
  readonly isGuess?: boolean;
}

/** What is known of the module as a whole. */
export interface World {
  /** What names mean that nobody declares. */
  readonly global: Thing;

  /** Names of methods that are wrappers, as they are decorated. */
  readonly wrappedMethods: ReadonlySet<string>;

  /** Names of properties that functions of the module compute. */
  readonly accessors: ReadonlySet<string>;

  /** Whether a function of a block is a variable around it too. */
  readonly isSloppy: boolean;

  /** What the module at `source` gives. */
  module(source: string): Thing;
}

/** Reads code. */
export interface Walk {
  readonly heap: Heap;
  readonly world: World;

  /** Reads `node`, and gives what it is. */
  expression(node: Node | null | undefined, frame: Frame, isDropped?: boolean): Value;
  statement(node: Node | null | undefined, frame: Frame): void;

  /** Reads the call of what `callee` holds. */
  call(callee: Value, call: Call): void;

  /** Reads the call of `thing`, one of what a callee may be. */
  invoke(thing: Thing, call: Call): void;

  /** A function or a class whose code stands at `frame`. */
  closure(node: FunctionNode | ClassNode, frame: Frame): Thing;

  /** What runs when `thing` is called on the account of `context`. */
  activate(thing: Thing, context: Context): Frame;

  /** Runs `thing` as the constructor of what `self` holds. */
  construct(thing: Thing, self: Value, frame: Frame, args: Pick<Call, 'args' | 'spread'>): void;

  /** Reads the call of code that is not the module's; `self` is what it is a method of. */
  callForeign(call: Call, self: Thing | undefined): void;

  /** A function that threads run. */
  serve(thing: Thing): void;
}
