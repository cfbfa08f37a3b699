/** Says at compile time that two types are the same. @module */

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `same<A>()<B>(…)` fails to compile unless `A` and `B` are the same type. */
export declare function same<A, B>(...equal: Equal<A, B> extends true ? [] : [notEqual: [A, B]]): void;

/** Fails to compile unless the value's type is exactly `A`. */
export declare function typed<A>(): <B>(value: B, ...equal: Equal<A, B> extends true ? [] : [notEqual: [A, B]]) => void;
