/** Where the values of all context variables are: one store, so that a call looks at one thing. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../base/realm.ts';

/** Values by the names of their variables. Never changed: another value is in another map. */
export type Values = ReadonlyMap<string, unknown>;

/** What a variable or a store says of how its values cross. */
export interface Crossing {
  /** Gives what crosses instead of the value. */
  readonly serialize: ((value: never) => unknown) | undefined;

  /** Makes the value again of what has crossed. */
  readonly deserialize: ((data: never) => unknown) | undefined;
  readonly onUncloneable: 'omit' | 'throw';
}

/** The values of here and now. */
export const values: AsyncLocalStorage<Values> = shared('context values', () => new AsyncLocalStorage<Values>());

export const noValues: Values = new Map();

/** How the values of variables cross, by the variables' names. */
export const crossings: Map<string, Crossing> = shared('context variables', () => new Map<string, Crossing>());
