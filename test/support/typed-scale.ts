/** Something that a wrapped function's module imports. @module */

/** Not in a form that Node.js can strip. */
enum Unit {
  dozen = 12,
}

export const dozen: number = Unit.dozen;

export const scaleOf = (n: number): number => (n > 0 ? 1 : -1);
