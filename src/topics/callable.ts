/** Objects that can be called. @module */

/**
 * The class of functions of one argument, which call `run`. What its constructor gives is such a function, so that the private
 * fields of a class above are the function's.
 */
export const Callable = function Callable(name: string, run: (argument: unknown) => unknown): Function {
  const call = (argument: unknown): unknown => run(argument);
  Object.defineProperty(call, 'name', { value: name, configurable: true });
  return Object.setPrototypeOf(call, new.target.prototype) as Function;
} as unknown as new <A, R>(name: string, run: (argument: A) => R) => (argument: A) => R;
