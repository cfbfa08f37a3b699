/** Wrapped functions in a TypeScript module that a test imports. @module */

import { threadId } from 'node:worker_threads';
import { threaded } from 'offloop';
import { scaleOf } from './typed-scale.ts';

enum Unit {
  dozen = 12,
}

export const dozens: (n: number) => Promise<[number, number]> = threaded(function dozens(n: number): [number, number] {
  return [n * Unit.dozen * scaleOf(n), threadId];
});
