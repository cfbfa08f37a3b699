/** Analyses functions and classes, and calls of them. @module */

import { isClass, isFunction, keyName, patternNames } from '../syntax.ts';
import type { ClassNode, FunctionNode } from '../syntax.ts';
import { bindPattern, listOf } from './bind.ts';
import { addAccessor, propertyKey, prototypeOf } from './access.ts';
import { Arguments, Frame, Scope } from './frame.ts';
import type { Context } from './frame.ts';
import { Region } from './region.ts';
import { declareBlock, declareVars } from './statement.ts';
import { Summary, nothing, Thing, Value } from './value.ts';
import type { Walk } from './walk.ts';

/** The functions and classes of a module, and their calls. */
export class Functions {
  readonly #walk: Walk;

  /** The frame in which each function or class is defined. */
  readonly #frames: Map<Thing, Frame> = new Map();
  readonly #calls: Map<Thing, Map<Context, Frame>> = new Map();

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** The thing for a function or class that is defined in `frame`. */
  closure(node: FunctionNode | ClassNode, frame: Frame): Thing {
    if (isClass(node)) return this.#class(node, frame);
    const thing = new Thing('function', { code: node, isVague: frame.region.isVague });
    this.#frames.set(thing, frame);
    return thing;
  }

  /** The frame of a call of `thing` in `context`. */
  activate(thing: Thing, context: Context): Frame {
    let calls = this.#calls.get(thing);
    if (!calls) this.#calls.set(thing, (calls = new Map()));
    let frame = calls.get(context);
    if (frame) return frame;
    if (context.shared && (context.left <= 0 || thing instanceof Summary)) return this.activate(thing, context.shared);
    context.left -= 1;
    const outer = this.#frames.get(thing);
    const { code } = thing;
    const isArrow = code?.type === 'ArrowFunctionExpression';
    const { heap } = this.#walk;
    const args = new Arguments((from, to) => heap.flow(from, to));
    frame = new Frame({
      scope: new Scope(outer?.scope),
      context,
      region: new Region(outer?.region.unit ?? -1, context.shared === undefined),
      self: isArrow ? (outer?.self ?? nothing) : new Value(),
      home: isArrow ? outer?.home : thing.home,
      args,
      named: isArrow ? outer?.named : args,
    });
    calls.set(context, frame);
    const started = frame;
    if (thing instanceof Summary) this.#runAll(thing, started);
    else heap.schedule(() => (isClass(code) ? this.#construct(thing, code, started) : this.#run(thing, started)));
    return frame;
  }

  /** Analyses a call of any member of a summary. */
  #runAll({ members, watchers }: Summary, { context, region, args, self, result, yielded }: Frame): void {
    const { heap } = this.#walk;
    const visit = (member: Thing): void => {
      const running = this.activate(member, context);
      region.mayRun.add(running.region);
      if (args) running.args?.give([], args.all);
      if (member.code?.type !== 'ArrowFunctionExpression') heap.flow(self, running.self);
      heap.flow(running.result, result);
      heap.flow(running.yielded, yielded);
    };
    watchers.push(visit);
    for (const member of members.slice()) visit(member);
  }

  #run({ code }: Thing, frame: Frame): void {
    const walk = this.#walk;
    if (!isFunction(code)) return;
    const { scope, region, args, result, yielded } = frame;
    if (code.type === 'FunctionExpression' && code.id) scope.declare(code.id.name, region);
    for (const param of code.params) for (const name of patternNames(param)) scope.declare(name, region);
    for (const [index, param] of code.params.entries()) {
      const value =
        param.type === 'RestElement' ? listOf(walk, args?.all ?? nothing, frame) : (args?.at(index) ?? nothing);
      bindPattern(walk, param, value, frame);
    }
    if (code.generator) walk.heap.flow(listOf(walk, yielded, frame), result);
    if (code.body.type !== 'BlockStatement') {
      walk.heap.flow(walk.expression(code.body, frame, true), result);
      return;
    }
    const inner = frame.inner();
    declareVars(code.body, inner);
    declareBlock(walk, code.body.body, inner);
    for (const statement of code.body.body) walk.statement(statement, inner);
  }

  #class(node: ClassNode, outer: Frame): Thing {
    const walk = this.#walk;
    const { heap } = walk;
    const thing = new Thing('class', { code: node, isVague: outer.region.isVague });
    const frame = outer.inner();
    this.#frames.set(thing, frame);
    if (node.id) heap.add(frame.scope.declare(node.id.name, outer.region), thing);
    const prototype = heap.make('plain', outer.region);
    heap.add(heap.initial(prototype, 'constructor'), thing);
    heap.add(heap.initial(thing, 'prototype'), prototype);
    const parents = walk.expression(node.superClass, frame);
    heap.watch(parents, (parent) => {
      heap.add(thing.prototypes, parent);
      heap.flow(prototypeOf(walk, parent), prototype.prototypes);
    });
    const statics = new Frame({ self: heap.holding(thing), home: thing }, frame);
    for (const member of node.body.body) this.#member(member, { thing, prototype, frame, statics });
    return thing;
  }

  #member(member: ClassNode['body']['body'][number], { thing, prototype, frame, statics }: ClassParts): void {
    const walk = this.#walk;
    const { heap } = walk;
    if (member.type === 'StaticBlock') {
      const inner = statics.inner();
      for (const statement of member.body) declareVars(statement, inner);
      declareBlock(walk, member.body, inner);
      for (const statement of member.body) walk.statement(statement, inner);
      return;
    }
    if (member.computed) walk.expression(member.key, frame);
    const owner = member.static ? thing : prototype;
    const key = member.computed ? propertyKey(member) : keyName(member);
    if (member.type === 'PropertyDefinition') {
      // A static field is set when the class is evaluated; instance fields are set when an instance is made.
      if (member.static) heap.flow(walk.expression(member.value, statics), heap.initial(thing, key));
      return;
    }
    if (member.kind === 'constructor') return;
    const method = walk.closure(member.value, frame);
    method.home = owner;
    method.method = member;
    if (member.kind !== 'method') addAccessor(walk, owner, key, method);
    else heap.add(heap.initial(owner, key), method);
    if (key !== undefined && walk.world.wrappedMethods.has(key)) {
      const wrapper = new Thing('wrapper');
      wrapper.wraps = heap.holding(method);
      heap.add(heap.initial(owner, key), wrapper);
      walk.serve(method);
    }
  }

  #construct(thing: Thing, node: ClassNode, frame: Frame): void {
    const walk = this.#walk;
    const { heap } = walk;
    const { self, args } = frame;
    const [prototype] = heap.field(thing, 'prototype').things ?? [];
    const inner = new Frame({ home: prototype }, frame);
    for (const member of node.body.body) {
      if (member.type !== 'PropertyDefinition' || member.static) continue;
      const key = member.computed ? propertyKey(member) : keyName(member);
      const value = walk.expression(member.value, inner);
      heap.watch(self, (instance) => heap.flow(value, heap.field(instance, key)));
    }
    const made = node.body.body.find((it) => it.type === 'MethodDefinition' && it.kind === 'constructor');
    if (made?.type === 'MethodDefinition') {
      this.#run(new Thing('function', { code: made.value }), inner);
      return;
    }
    heap.watch(thing.prototypes, (parent) =>
      walk.construct(parent, self, inner, { args: [], spread: args?.all ?? nothing }),
    );
  }
}

interface ClassParts {
  readonly thing: Thing;
  readonly prototype: Thing;
  readonly frame: Frame;

  /** The frame of static members. */
  readonly statics: Frame;
}
