/** The ways to call a wrapper: with a function, a function and options, options alone, or as a decorator. @module */

import { callSite } from '../address/call-site.ts';
import type { CallSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { argumentError } from '../base/errors.ts';
import { iterationsOf, wrapIterable } from './iterable-wrapper.ts';
import { legacyMethod, replaced } from './legacy-method.ts';
import { isMethodContext, registerMethod } from './method.ts';
import type { MethodContext } from './method.ts';
import { checks, settings } from './plan.ts';
import type { Settings, WrapperKind } from './plan.ts';
import { wrapMethod } from './views.ts';
import { callsOf, wrap } from './wrapper.ts';
import type { Calls, Route } from './wrapper.ts';

/** Makes the public wrapper function `name`; `routeOf` gives the route of the calls for some options. */
export function spellings(name: WrapperKind, routeOf: RouteOf): Function {
  const method = (fn: unknown, context: MethodContext, given: unknown, above: Function): Function => {
    const kind = isGenerator(fn) ? iterableOf[name] : name;
    const options = settings(kind, given ?? {}, checks[kind].options);
    const definition = registerMethod(kind, fn, context, siteOf(options, above));
    return wrapMethod(definition, kind, callsAs(kind, definition, routeOf(kind, options), options), context);
  };

  const apply = (fn: unknown, second: unknown, given: unknown, rest: readonly unknown[], above: Function): unknown => {
    if (isMethodContext(second)) return method(fn, second, given, above);
    const legacy = legacyMethod(fn, second, rest);
    if (legacy) {
      const wrapper = method(legacy.fn, legacy.context, given, above);
      return replaced(rest[0], legacy.fn as object, wrapper);
    }
    const kind = isGenerator(fn) ? iterableOf[name] : name;
    const options = settings(kind, given ?? second ?? {}, checks[kind].options);
    const definition = register(
      checkedFunction(name, fn),
      siteOf(options, above),
      options.name === undefined ? {} : { name: options.name },
    );
    return wrapAs(kind, definition, routeOf(kind, options), options);
  };

  function decorate(first?: unknown, second?: unknown, ...rest: unknown[]): unknown {
    if (typeof first === 'function' || second !== undefined) return apply(first, second, undefined, rest, decorate);
    if (typeof first !== 'object' || first === null) throw notAFunction(name, first);
    // The function comes later and may be a generator function, so options of both kinds are allowed here.
    settings(name, first, { ...checks[iterableOf[name]].options, ...checks[name].options });
    return function withOptions(fn?: unknown, context?: unknown, ...more: unknown[]): unknown {
      return apply(fn, context, first, more, withOptions);
    };
  }

  return Object.defineProperty(decorate, 'name', { value: name, configurable: true });
}

/** Gives the route of the calls of a kind of wrapper with some options. */
type RouteOf = (kind: WrapperKind, options: Settings) => Route;

/** The kind of wrapper that a generator function gets. */
const iterableOf: Readonly<Record<WrapperKind, WrapperKind>> = {
  threaded: 'threadedIterable',
  threadedSeparate: 'threadedIterableSeparate',
  threadedIterable: 'threadedIterable',
  threadedIterableSeparate: 'threadedIterableSeparate',
};

function wrapAs(kind: WrapperKind, definition: Definition, route: Route, options: Settings): Function {
  return iterableOf[kind] === kind ? wrapIterable(definition, route, options) : wrap(definition, route);
}

function callsAs(kind: WrapperKind, definition: Definition, route: Route, options: Settings): Calls {
  return iterableOf[kind] === kind ? iterationsOf(definition, route, options) : callsOf(definition, route);
}

function isGenerator(fn: unknown): boolean {
  return typeof fn === 'function' && /Generator/.test(Object.prototype.toString.call(fn));
}

/**
 * Returns `fn` if it can be wrapped.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or is a class.
 */
function checkedFunction(of: string, fn: unknown): Function {
  if (typeof fn !== 'function') throw notAFunction(of, fn);
  if (/^class\b/.test(Function.prototype.toString.call(fn))) {
    throw argumentError(`Cannot wrap ${fn.name || 'the class'} with ${of}: it is a class. Wrap its methods`);
  }
  return fn;
}

/** The place where `above` was called, or the module that the options name. */
function siteOf({ module }: Settings, above: Function): CallSite {
  const site = callSite(above);
  return module === undefined ? site : { ...site, module: { url: String(module), format: 'module' }, top: true };
}

function notAFunction(of: string, value: unknown): TypeError {
  return argumentError(
    `Cannot wrap with ${of}: expected a function, received ${value === null ? 'null' : typeof value}`,
  );
}
