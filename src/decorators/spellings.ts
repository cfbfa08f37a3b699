/** The spellings that every wrapper has: a function, a function with options, options alone, and a decorator. @module */

import { callSite } from '../address/call-site.ts';
import type { CallSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import { argumentError } from '../errors.ts';
import { decorateMethod, isMethodContext } from './method.ts';
import { checks, settings } from './plan.ts';
import type { Settings } from './plan.ts';
import { wrap } from './wrapper.ts';
import type { Route } from './wrapper.ts';

type Kind = keyof typeof checks;

/** Makes the function `name`, whose wrappers take the route that `routeOf` gives for their options. */
export function spellings(name: Kind, routeOf: (options: Settings) => Route): Function {
  const apply = (fn: unknown, second: unknown, given: unknown, rest: number, above: Function): unknown => {
    if (isMethodContext(second)) {
      const options = settings(name, given ?? {}, checks[name].options);
      return decorateMethod(name, checkedFunction(name, fn), second, siteOf(options, above), routeOf(options));
    }
    if (rest > 0 || typeof second === 'string' || typeof second === 'symbol') {
      throw argumentError(
        `Cannot use @${name} as a legacy decorator: turn off experimentalDecorators in tsconfig.json`,
      );
    }
    const options = settings(name, given ?? second ?? {}, checks[name].options);
    const checked = checkedFunction(name, fn);
    const definition = register(
      checked,
      siteOf(options, above),
      options.name === undefined ? {} : { name: options.name },
    );
    return wrap(definition, routeOf(options));
  };

  function decorate(first?: unknown, second?: unknown, ...rest: unknown[]): unknown {
    if (typeof first === 'function' || second !== undefined)
      return apply(first, second, undefined, rest.length, decorate);
    if (typeof first !== 'object' || first === null) throw notAFunction(name, first);
    settings(name, first, checks[name].options);
    return function withOptions(fn?: unknown, context?: unknown, ...more: unknown[]): unknown {
      return apply(fn, context, first, more.length, withOptions);
    };
  }

  return Object.defineProperty(decorate, 'name', { value: name, configurable: true });
}

/**
 * `fn`, if it is one that can be wrapped.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`.
 */
function checkedFunction(of: string, fn: unknown): Function {
  if (typeof fn !== 'function') throw notAFunction(of, fn);
  if (/Generator/.test(Object.prototype.toString.call(fn))) {
    const text = `Cannot wrap ${fn.name || 'the function'} with ${of}: it is a generator function`;
    throw argumentError(`${text}. Wrap one that returns a value or a promise`);
  }
  if (/^class\b/.test(Function.prototype.toString.call(fn))) {
    throw argumentError(`Cannot wrap ${fn.name || 'the class'} with ${of}: it is a class. Wrap its methods`);
  }
  return fn;
}

/** Where the call of `above` stands, or the module that the options name. */
function siteOf({ module }: Settings, above: Function): CallSite {
  const site = callSite(above);
  return module === undefined ? site : { ...site, module: { url: String(module), format: 'module' }, top: true };
}

function notAFunction(of: string, value: unknown): TypeError {
  return argumentError(
    `Cannot wrap with ${of}: expected a function, received ${value === null ? 'null' : typeof value}`,
  );
}
