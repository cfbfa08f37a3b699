/** Follows functions that are passed to other code, which may call them. @module */

import { initializer, registering } from '../known.ts';
import { bareCall } from './access.ts';
import type { Context } from './frame.ts';
import { methodName } from './prototype-method.ts';
import { Region } from './region.ts';
import { Summary, nothing, Value } from './value.ts';
import type { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** How the passed functions are called. */
export interface PassedOn {
  /** The possible values of their arguments. */
  readonly items: Value;

  /** The receiver of the method that they are passed to. */
  readonly owner: Value;

  /** Receives their return values. */
  readonly returned: Value;

  /** Whether they are called before the call that they are passed to returns. */
  readonly isAtOnce: boolean;
}

/** A passed thing; `region` runs all functions that are reachable from it. */
interface Passed {
  readonly region: Region;
  readonly items: Value;
  readonly self: Value;
  readonly returned: Value;
}

const passed = new WeakMap<Context, Map<Thing, Passed>>();

/** Analyses that other code receives `value`, and may call the functions reachable from it. */
export function passOn(
  walk: Walk,
  value: Value,
  { frame, place }: Call,
  { items, owner, returned, isAtOnce }: PassedOn,
): void {
  const { heap } = walk;
  const { region, context } = frame;
  heap.watch(value, (thing) => {
    if (thing.kind === 'wrapper') region.dispatches.add(thing);
    if (isRegistering(thing)) region.registers = true;
    if (methodName(thing) !== undefined) walk.invoke(thing, { ...bareCall(frame, place, returned), spread: items });
    if (!traversed.has(thing.kind)) return;
    const given = passedOf(walk, thing, context);
    if (isAtOnce) region.run(given.region);
    else region.passesOn.add(given.region);
    heap.flow(items, given.items);
    heap.flow(owner, given.items);
    heap.flow(owner === nothing ? items : owner, given.self);
    heap.flow(given.returned, returned);
  });
}

/** Analyses the arguments of a wrapper: a thread may call the functions among them; everything else is copied. */
export function lend(walk: Walk, { args, spread, frame }: Call): void {
  const { heap } = walk;
  const seen = new Set<Thing>();
  const visit = (thing: Thing): void => {
    if (seen.has(thing)) return;
    seen.add(thing);
    if (thing.kind === 'plain' || thing.kind === 'list' || thing.kind === 'summary') heap.watch(thing.contents, visit);
    if (thing.kind !== 'function') return;
    const running = walk.activate(thing, frame.context);
    frame.region.passesOn.add(running.region);
    running.args?.give([], heap.holding(heap.make('outside', frame.region)));
  };
  const given = heap.union(...args, spread);
  if (given !== nothing) frame.region.wholes.push(given);
  heap.watch(given, visit);
}

const isRegistering = ({ kind, path = '' }: Thing): boolean =>
  kind === 'library' && (registering.has(path) || path === initializer);

/** The kinds to follow. The parts of other kinds were followed when they were stored there. */
const traversed: ReadonlySet<Thing['kind']> = new Set(['summary', 'plain', 'list', 'function', 'class']);

/** The passed form of `thing`: each thing is followed once in a context, for all code that passes it. */
function passedOf(walk: Walk, thing: Thing, context: Context): Passed {
  const { heap } = walk;
  let things = passed.get(context);
  if (!things) passed.set(context, (things = new Map()));
  const known = things.get(thing);
  if (known) return known;
  const own: Passed = { region: new Region(-1), items: new Value(), self: new Value(), returned: new Value() };
  things.set(thing, own);
  if (thing.isCode) callPassed(walk, thing, context, own);
  const visit = (part: Thing): void => {
    if (part.kind === 'wrapper') own.region.dispatches.add(part);
    if (isRegistering(part)) own.region.registers = true;
    if (!traversed.has(part.kind)) return;
    const inner = passedOf(walk, part, context);
    if (inner === own) return;
    own.region.run(inner.region, thing instanceof Summary || part instanceof Summary || thing.summary !== undefined);
    heap.flow(own.items, inner.items);
    heap.flow(own.self, inner.self);
    heap.flow(inner.returned, own.returned);
  };
  // Scheduled, not called, because things may hold each other over thousands of levels.
  heap.schedule(() => {
    heap.watch(thing.contents, visit);
    heap.watch(thing.prototypes, visit);
    for (const accessors of thing.accessors.values()) heap.watch(accessors, visit);
  });
  return own;
}

function callPassed(walk: Walk, thing: Thing, context: Context, { region, items, self, returned }: Passed): void {
  const { heap } = walk;
  const running = walk.activate(thing, context);
  region.run(running.region);
  running.args?.give([], items);
  if (thing.kind === 'class') {
    // Instances that other code makes have the members of the class; its methods see these in `this`.
    heap.flow(heap.field(thing, 'prototype'), running.self);
  } else if (thing.code?.type !== 'ArrowFunctionExpression') {
    if (thing.home) heap.add(running.self, thing.home);
    else heap.flow(self, running.self);
  }
  heap.flow(running.result, returned);
}
