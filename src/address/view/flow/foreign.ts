/** Analyses calls of code outside the module: other modules, the language, Node.js. @module */

import { made, use } from './access.ts';
import {
  callsBack,
  cannotBeHadTwice,
  givesPrimitive,
  isStart,
  listening,
  onlyReads,
  pureMethods,
  quietModules,
  showing,
} from '../known.ts';
import { callBuiltin } from './builtin.ts';
import { callContainer } from './container.ts';
import { passOn } from './pass-on.ts';
import { isBuiltin } from './known-things.ts';
import { boundTo, methodName } from './prototype-method.ts';
import { nothing, Value } from './value.ts';
import type { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Analyses the call of `thing`, which comes from outside. */
export function callOutside(walk: Walk, thing: Thing, call: Call): void {
  const { path } = thing;
  const { region } = call.frame;
  // The call depends on how `thing` was configured.
  if (!isBuiltin(thing)) use(walk.heap.holding(thing), call.frame);
  if (path !== undefined) {
    const method = methodName(thing);
    if (method !== undefined) return callPrototypeMethod(walk, thing, method, call);
    if (cannotBeHadTwice(path)) region.isUnique = true;
    if (isStart(path)) region.acts = true;
    if (!path.startsWith('module:') && callBuiltin(walk, path, call)) return;
  }
  // A function that another function returned, such as `resolve`, may store its arguments.
  if (path?.endsWith(')'))
    walk.heap.flow(walk.heap.union(...call.args, call.spread), walk.heap.field(thing, undefined));
  const [self] = call.self.things ?? [];
  callForeign(walk, call, { path, self });
}

/** Analyses the call of the built-in `method` named `name`, on what it is bound to or on `this`. */
function callPrototypeMethod(walk: Walk, method: Thing, name: string, call: Call): void {
  const { heap } = walk;
  heap.watch(heap.union(boundTo(method), call.self), (thing) =>
    callContainer(walk, thing, name, { ...call, name, self: heap.holding(thing) }),
  );
}

interface Foreign {
  readonly path: string | undefined;
  readonly self: Thing | undefined;
}

/** Analyses a call of which only the arguments are known. */
export function callForeign(walk: Walk, call: Call, { path, self }: Foreign): void {
  const { heap } = walk;
  const { frame, args, spread, isDropped, place } = call;
  const { region } = frame;
  const isKnown = path !== undefined && !path.startsWith('module:');
  // Many functions may be called here, but nothing known tells their effects apart, so one of them is enough.
  const { known } = call;
  const done = isKnown ? (known.doneBuiltin ??= new Set()) : (known.done ??= new Set());
  if (done.has(self)) return;
  done.add(self);
  const name = call.name ?? '';
  // If the result of a module's own function is used, the call is assumed not to change the module.
  const isModule = self?.path !== undefined && !self.path.includes('()');
  if (!isKnown) region.isForeign = true;
  if (!isKnown && isStart(name)) region.acts = true;
  const given = heap.union(...args, spread);
  const owner = self && !isModule ? heap.holding(self) : nothing;
  const isPrimitive = isKnown && givesPrimitive.test(path);
  const thing = made(walk, call, 'outside', isKnown ? `${path}()` : undefined);
  if (!isPrimitive) {
    heap.source(thing, given);
    heap.source(thing, owner);
    heap.add(call.result, thing);
  }
  use(heap.union(given, call.self), frame);

  const isPure = pureMethods.has(name) || listening.has(name) || onlyReads.test(name);
  const change = (of: Value): void => {
    if (of !== nothing) region.changes.push({ of, key: undefined, deep: true, start: place.start, end: place.end });
  };
  if (self && !isPure && (isModule ? isDropped && !isKnown : true)) {
    change(heap.holding(self));
    if (!isModule) heap.source(self, given);
  }
  if (isDropped && !isKnown && !isPure && !showing.has(name)) change(given);

  const isQuiet = isKnown && quietModules.test(path);
  if (isQuiet) return;
  const returned = new Value();
  const isAtOnce = callsBack.has(name);
  passOn(walk, given, call, { items: heap.holding(thing), owner, returned, isAtOnce });
  heap.source(thing, returned);
  if (isAtOnce || isKnown) heap.flow(returned, call.result);
}
