/** Checks how long to wait. @module */

import type { WaitOptions } from '../lane/wait-options.ts';
import { checkOptions, instance } from '../options.ts';
import type { Check } from '../options.ts';

/** What it means to be given none. */
export const noOptions: WaitOptions = {};

const checks: Readonly<Record<string, Check>> = {
  timeout: (value) => (typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds from 0'),
  signal: instance(AbortSignal, 'an AbortSignal'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function checkWait(options: WaitOptions): void {
  if (options !== noOptions) checkOptions('a wait', options, checks);
}
