/** A module of a development server, as the thread that runs it sees it. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Frame } from '../frame.ts';
import type { HotSpec } from './spec.ts';

/** Where the functions of the modules are, and what else a thread has to know. */
export type HotSource = Omit<HotSpec, 'id' | 'texts'> & {
  /** The functions of all modules, as they were then; `undefined` if they cannot be read. */
  readonly factories: Factories | undefined;
};

/** The functions of the modules, by the ids of these. */
export type Factories = ReadonlyMap<string, Function>;

/** An evaluation of a module that runs here. */
export interface HotModule {
  /** `undefined` if the text that runs is not the one that was loaded. */
  readonly id: string | undefined;

  /** The runtime that runs the module, as it was then; `undefined` if it is not to be found. */
  readonly source: HotSource | undefined;
}

/** The module in which a call stands. */
export interface HotCall {
  /** The URL by which this thread knows it. */
  readonly url: string;

  /** How many frames are of code that the module has called; the next one is the module itself. */
  readonly depth: number;

  /** Whether the module was being evaluated. */
  readonly top: boolean;

  /** The module with all that its runtime has now; `fn` is a function of the module. */
  keep(fn: Function): HotModule;
}

/** The number of the runtime whose modules are being evaluated: a thread may have several, with other texts. */
export const worldNow: AsyncLocalStorage<number> = new AsyncLocalStorage();

/** The URL of a module in a thread, or in the runtime number `world` of the thread. */
export function hotUrl(kind: HotSpec['kind'], id: string, world: number | undefined = worldNow.getStore()): string {
  return `${kind.toLowerCase()}:${id}${world === undefined ? '' : `#${world}`}`;
}

/** Whether there is nothing around code with the caller `outer`: so it is after an `await` at the top level of a module. */
export function isOutermost(outer: Frame | undefined): boolean {
  return !outer || outer.getFileName() === 'node:internal/process/task_queues';
}
