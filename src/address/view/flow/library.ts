/** Analyses calls of the library's exports. @module */

import { made, memberOf, use } from './access.ts';
import { initializer, registering, wrapping } from '../known.ts';
import { passOn } from './pass-on.ts';
import { nothing, Value } from './value.ts';
import type { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Analyses the call of `thing`, an export of the library. */
export function callLibrary(walk: Walk, thing: Thing, call: Call): void {
  const { heap } = walk;
  const { region } = call.frame;
  const name = thing.path ?? '';
  if (registering.has(name) || name === initializer) region.registers = true;
  if (name === initializer) return;
  if (wrapping.has(name)) return wrap(walk, thing, call);
  if (name === 'ThreadPool') {
    heap.add(call.result, made(walk, call, 'wrapper'));
    return;
  }
  const given = heap.union(...call.args, call.spread);
  if (name === 'coroutine') {
    // A coroutine runs on the main thread, also if a thread calls it.
    passOn(walk, given, call, {
      items: heap.holding(made(walk, call, 'outside')),
      owner: nothing,
      returned: new Value(),
      isAtOnce: false,
    });
  } else if (name === 'setup') {
    passOn(walk, given, call, { items: nothing, owner: nothing, returned: call.result, isAtOnce: true });
  } else if (registering.has(name)) {
    // Every thread calls the functions among the arguments: `toThread`, `fromThread`, `serialize`.
    serveAll(walk, given);
    use(given, call.frame);
  } else passOn(walk, given, call, { items: nothing, owner: nothing, returned: call.result, isAtOnce: true });
  heap.add(call.result, made(walk, call, 'ours'));
}

/** Analyses the call of a method of an object that the library made, such as `id.run(5, () => work())`. */
export function callOurs(walk: Walk, thing: Thing, call: Call): void {
  const { heap } = walk;
  const given = heap.union(...call.args, call.spread);
  const items = heap.holding(made(walk, call, 'outside'));
  passOn(walk, given, call, { items, owner: nothing, returned: call.result, isAtOnce: true });
  heap.add(call.result, thing);
}

/** Analyses `threaded(fn)`, `threaded(options)`, which returns a wrapper maker, and `threaded(method, context)`. */
function wrap(walk: Walk, maker: Thing, call: Call): void {
  const { heap } = walk;
  const { args, spread, result } = call;
  const given = args[0] ?? spread;
  const wrapper = made(walk, call, 'wrapper');
  wrapper.wraps = given;
  heap.watch(given, (thing) => {
    heap.add(result, thing.kind === 'plain' ? maker : wrapper);
    walk.serve(thing);
  });
  // In a decorator: the class calls, when it is made, the initializers that are added here.
  const [, context = nothing] = args;
  const adding = memberOf(walk, context, 'addInitializer', call.frame);
  const added = heap.holding(made(walk, call, 'library', initializer));
  heap.watch(adding, (method) => {
    if (method.isCode) walk.call(heap.holding(method), { ...call, self: context, args: [added], spread: nothing });
  });
  heap.whenSettled(() => {
    if (!given.things) heap.add(result, wrapper);
  });
}

function serveAll({ heap, serve }: Walk, value: Value): void {
  const seen = new Set<Thing>();
  const visit = (thing: Thing): void => {
    if (seen.has(thing) || thing.kind === 'outside') return;
    seen.add(thing);
    serve(thing);
    heap.watch(thing.contents, visit);
  };
  heap.watch(value, visit);
}
