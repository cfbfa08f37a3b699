/** The values of all context variables, in a single store, so that a call has to read only one. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../base/realm.ts';

/** Values by the names of their variables. The map is immutable: setting a value makes a new map. */
export type Values = ReadonlyMap<string, unknown>;

/** How the values of a variable or a store are copied to a thread; see `CrossingOptions`. */
export interface Crossing {
  readonly serialize: ((value: never) => unknown) | undefined;
  readonly deserialize: ((data: never) => unknown) | undefined;
  readonly onUncloneable: 'omit' | 'throw';
}

/** The store whose value is the current values. */
export const values: AsyncLocalStorage<Values> = shared('context values', () => new AsyncLocalStorage<Values>());

export const noValues: Values = new Map();

/** How the values of variables are copied, by the variables' names. */
export const crossings: Map<string, Crossing> = shared('context variables', () => new Map<string, Crossing>());
