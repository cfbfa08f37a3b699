/** Objects that can be called. @module */

/**
 * Instances of a subclass are the function that the constructor is given, with the methods and private fields of the
 * subclass.
 */
export class Callable {
  constructor(call: Function) {
    // oxlint-disable-next-line no-constructor-return -- this is how an instance can be a function
    return Object.setPrototypeOf(call, new.target.prototype) as Callable;
  }

  static {
    // Caches are functions, so they have `name`, `call` and `apply` too.
    Object.setPrototypeOf(this.prototype, Function.prototype);
  }
}
