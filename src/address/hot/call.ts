/** Recognises calls in modules of development servers that replace modules one by one. @module */

import type { Frame } from '../frame.ts';
import type { HotCall } from './module.ts';
import { turbopackCall } from './turbopack.ts';
import { webpackCall } from './webpack.ts';

/** The module of a call, if it is one of Turbopack's development server, or of webpack's in Next.js. */
export function hotCall(frames: readonly Frame[]): HotCall | undefined {
  return turbopackCall(frames) ?? webpackCall(frames);
}
