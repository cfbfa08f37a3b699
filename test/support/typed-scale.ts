/** Something that a wrapped function's module imports. @module */

export const scaleOf = (n: number): number => (n > 0 ? 1 : -1);
