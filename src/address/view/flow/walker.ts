/** Analyses a module without running it: what its variables may hold, and what its code reads and changes. @module */

import { isBuiltinModule, isHelper } from '../known.ts';
import { isFunction } from '../syntax.ts';
import type { ClassNode, FunctionNode, Node } from '../syntax.ts';
import type { Unit } from '../units.ts';
import { assignMember, bareCall, made, prototypeOf } from './access.ts';
import { readExpression } from './expression.ts';
import { callHelper } from './decorators.ts';
import { callForeign, callOutside } from './foreign.ts';
import { Context, Frame, Scope } from './frame.ts';
import { Functions } from './function.ts';
import { passOn, lend } from './pass-on.ts';
import { Heap } from './heap.ts';
import { callLibrary } from './library.ts';
import { makeInstance } from './read-call.ts';
import { Region } from './region.ts';
import { readStatement } from './statement.ts';
import { nothing, Thing, Value } from './value.ts';
import type { Call, Walk, World } from './walk.ts';

/** The facts about a module that are known before its code is analysed. */
export interface ModuleFacts {
  readonly isCommon: boolean;
  /** Whether a module that is imported as `source` is the library. */
  isLibrary(source: string): boolean;
  readonly wrappedMethods: ReadonlySet<string>;
  readonly accessors: ReadonlySet<string>;

  /** Whether a registered function stands in that range. */
  isSource(start: number, end: number): boolean;

  /** The exports that other modules may use, by unit; the name is `undefined` if the export has no variable. */
  readonly exported: readonly (readonly [unit: Unit, name: string | undefined])[];
}

/** The precision of the analysis. */
export interface Care {
  /** How many calls are analysed separately for each statement of the module; all further calls are analysed as one. */
  readonly calls: number;

  /** The same for each function that threads run. */
  readonly callsOfThreads: number;

  /** How many things one value may hold before they join a summary. */
  readonly things: number;

  /** The limit of steps; beyond it a {@link TooMuch} is thrown. */
  readonly steps: number;
}

/** The analyser of a module. */
export class Walker implements Walk {
  readonly heap: Heap;
  readonly world: World;

  /** The evaluation of each unit. */
  readonly frames: Map<Unit, Frame> = new Map();

  /** The functions that threads run, each with the frame of a call. */
  readonly served: Map<Thing, Frame> = new Map();

  /** For each unit, the code that runs if other modules call its exports. */
  readonly opened: Map<Unit, Frame> = new Map();

  /** The CommonJS `exports` object. */
  readonly exports: Thing = new Thing('plain');
  readonly #functions: Functions = new Functions(this);
  readonly #scope: Scope = new Scope();
  readonly #modules: Map<string, Thing> = new Map();
  readonly #isLibrary: ModuleFacts['isLibrary'];

  /**
   * The shared contexts, of statements and of functions that threads run, for calls that are not analysed separately.
   */
  readonly #statements: Context = new Context();
  readonly #threads: Context = new Context();
  readonly #callsOfThreads: number;
  readonly #isSource: ModuleFacts['isSource'];

  /** @throws {TooMuch} if the module is too long for that precision. */
  constructor(units: readonly Unit[], facts: ModuleFacts, { calls, callsOfThreads, things, steps }: Care) {
    this.heap = new Heap(things, steps);
    this.#callsOfThreads = callsOfThreads;
    const { isCommon, isLibrary, wrappedMethods, accessors, isSource } = facts;
    this.#isSource = isSource;
    this.#isLibrary = isLibrary;
    this.world = {
      global: new Thing('outside', { path: '' }),
      wrappedMethods,
      accessors,
      isSloppy: isCommon,
      module: (source) => this.#module(source),
    };
    for (const unit of units) for (const name of unit.names) this.#scope.declare(name, undefined);
    if (isCommon) this.#declareCommon();
    for (const [index, unit] of units.entries()) {
      const context = new Context(calls, this.#statements);
      const frame = new Frame({ scope: this.#scope, context, region: new Region(index) });
      this.frames.set(unit, frame);
      const { value } = unit;
      const variable = value?.type === 'FunctionDeclaration' && value.id ? this.#scope.find(value.id.name) : undefined;
      if (variable && isFunction(value)) this.heap.add(variable, this.closure(value, frame));
    }
    for (const [unit, frame] of this.frames) this.heap.schedule(() => this.#unit(unit, frame));
    this.heap.settle();
    this.#open(facts.exported);
    this.heap.settle();
  }

  /** The value of the top-level variable `name`. */
  top(name: string): Value | undefined {
    return this.#scope.find(name);
  }

  expression(node: Node | null | undefined, frame: Frame, isDropped = false): Value {
    return node ? readExpression(this, node, frame, isDropped) : nothing;
  }

  statement(node: Node | null | undefined, frame: Frame): void {
    if (!node) return;
    const isExpression = node.type.endsWith('Expression') || expressions.has(node.type);
    if (isExpression) readExpression(this, node, frame, false);
    else readStatement(this, node, frame);
  }

  closure(node: FunctionNode | ClassNode, frame: Frame): Thing {
    const thing = this.#functions.closure(node, frame);
    if (this.#isSource(node.start, node.end)) this.serve(thing);
    return thing;
  }

  activate(thing: Thing, context: Context): Frame {
    return this.#functions.activate(thing, context);
  }

  call(callee: Value, call: Call): void {
    this.heap.watch(callee, (thing) => this.invoke(thing, call));
    this.heap.whenSettled(() => {
      if (!callee.things) this.callForeign(call, undefined);
    });
  }

  callForeign(call: Call, self: Thing | undefined): void {
    callForeign(this, call, { path: undefined, self });
  }

  construct(thing: Thing, self: Value, frame: Frame, { args, spread }: Pick<Call, 'args' | 'spread'>): void {
    const place = { start: 0, end: 0 };
    if (thing.isCode) {
      const running = this.activate(thing, frame.context);
      frame.region.run(running.region);
      this.heap.flow(self, running.self);
      running.args?.give(args, spread);
    } else if (thing.kind === 'outside') {
      const call = { ...bareCall(frame, place, new Value()), args, spread, isNew: true };
      callOutside(this, thing, call);
      if (thing.path?.startsWith('module:') === false) return;
      passOn(this, self, call, { items: nothing, owner: self, returned: new Value(), isAtOnce: false });
    }
  }

  serve = (thing: Thing): void => {
    if (!thing.code || this.served.has(thing)) return;
    const frame = this.activate(thing, new Context(this.#callsOfThreads, this.#threads));
    this.served.set(thing, frame);
    frame.args?.give([], this.heap.holding(new Thing('outside')));
    if (thing.home) this.heap.add(frame.self, thing.home);
    frame.region.wholes.push(frame.result, frame.yielded);
  };

  /** Analyses that other modules may call the exports, all in one context. */
  #open(exported: ModuleFacts['exported']): void {
    const context = new Context(this.#callsOfThreads, this.#threads);
    const outside = this.heap.holding(new Thing('outside'));
    for (const [unit, name] of exported) {
      const { value } = unit;
      const own = name === undefined ? undefined : this.#scope.find(name);
      const frame = this.opened.get(unit) ?? new Frame({ scope: this.#scope, context, region: new Region(-1) });
      this.opened.set(unit, frame);
      // An export is evaluated where it stands; here only its value counts.
      const given =
        own ?? (value && this.expression(value, new Frame({ scope: this.#scope, context, region: new Region(-1) })));
      if (!given) continue;
      const call = bareCall(frame, unit, frame.result);
      const how = { items: outside, owner: nothing, returned: frame.result, isAtOnce: true };
      passOn(this, given, call, how);
      // Other modules may also call the functions that the exports return.
      passOn(this, frame.result, call, how);
      frame.region.wholes.push(given, frame.result);
    }
  }

  invoke(thing: Thing, call: Call): void {
    const { frame, isNew, result } = call;
    switch (thing.kind) {
      case 'function':
      case 'class': {
        if (isHelper(call.name)) return callHelper(this, call);
        if (isNew) makeInstance(this, thing, call, prototypeOf(this, thing));
        if (thing.kind === 'class') return;
        const running = this.activate(thing, frame.context);
        frame.region.run(running.region, call.isGuess);
        if (!isNew && thing.code?.type !== 'ArrowFunctionExpression') this.heap.flow(call.self, running.self);
        running.args?.give(call.args, call.spread);
        this.heap.flow(running.result, result);
        return;
      }
      case 'wrapper':
        frame.region.dispatches.add(thing);
        this.heap.add(result, made(this, call, 'outside'));
        return lend(this, call);
      case 'library':
        return callLibrary(this, thing, call);
      case 'outside':
        return isHelper(call.name) ? callHelper(this, call) : callOutside(this, thing, call);
      case 'summary':
        this.heap.add(result, thing);
        return this.callForeign(call, undefined);
      default:
    }
  }

  #unit(unit: Unit, frame: Frame): void {
    const { kind, node } = unit;
    if (kind === 'import') this.#import(unit, frame);
    else if (kind === 'property') this.#property(unit, frame);
    else if (unit.group?.kind === 'sequence' || unit.isExpression) this.expression(node, frame, true);
    else this.statement(node, frame);
  }

  #import({ node, source = '' }: Unit, frame: Frame): void {
    if (node.type !== 'ImportDeclaration') return this.statement(node, frame);
    const given = this.world.module(source);
    for (const specifier of node.specifiers) {
      const variable = this.#scope.find(specifier.local.name);
      if (!variable) continue;
      const { type } = specifier;
      const isWhole = type === 'ImportNamespaceSpecifier' || (type === 'ImportDefaultSpecifier' && isOwn(given));
      const name = type === 'ImportSpecifier' ? nameOf(specifier.imported) : 'default';
      if (isWhole) this.heap.add(variable, given);
      else this.heap.flow(this.heap.lookup(given, name), variable);
    }
  }

  /** Analyses a property of `module.exports = { … }`, or of `__export(exports, { a: () => a })`. */
  #property({ node, value, exported, group }: Unit, frame: Frame): void {
    const target = group?.shell?.arguments[0];
    const shell = target ? this.expression(target, frame) : this.heap.holding(this.exports);
    const given = this.expression(value, frame);
    assignMember(this, shell, exported[0], { value: given, place: node }, frame);
  }

  #declareCommon(): void {
    const { heap } = this;
    const module = new Thing('plain');
    heap.add(heap.field(module, 'exports'), this.exports);
    heap.add(this.#scope.declare('module', undefined), module);
    heap.add(this.#scope.declare('exports', undefined), this.exports);
  }

  #module(source: string): Thing {
    let thing = this.#modules.get(source);
    if (!thing) {
      const path = isBuiltinModule(source) ? source.replace(/^(?:node:)?/, 'node:') : `module:${source}`;
      thing = this.#isLibrary(source) ? new Thing('library', { path: '' }) : new Thing('outside', { path });
      this.#modules.set(source, thing);
    }
    return thing;
  }
}

const expressions = new Set(['Identifier', 'Literal', 'TemplateLiteral', 'SpreadElement', 'MetaProperty']);

/** Whether the default export of a module is the module itself, as for Node.js modules. */
const isOwn = ({ kind, path }: Thing): boolean => kind === 'library' || path?.startsWith('node:') === true;

const nameOf = (node: Node): string =>
  node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : '';
