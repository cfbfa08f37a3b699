/** The types of context variables, stores, coroutines and waits. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { ContextVar, coroutine, propagate, syncWaitCoroutine } from 'offloop';
import { same as equal, typed } from './equal.ts';

const plain = new ContextVar<number>('plain');
const full = new ContextVar('full', { defaultValue: 1 });
const ran = full.run(2, (a: string) => a.length, 'text');
plain.set(1);
// @ts-expect-error: another type
plain.set('text');

const store = propagate(new AsyncLocalStorage<{ id: string }>(), {
  name: 'store',
  serialize: ({ id }) => id,
  deserialize: (id: string) => ({ id }),
});
// @ts-expect-error: no store
propagate({ get: () => 1 });

const price = coroutine(async (id: string, amount = 1) => id.length * amount);
const same = coroutine(async <T>(it: T): Promise<T> => it);
const waited = syncWaitCoroutine(price, 'id');
const limited = syncWaitCoroutine.with({ timeout: 5 })(price, 'id', 2);
// @ts-expect-error: an argument is missing
syncWaitCoroutine(price);
// @ts-expect-error: there is no such option
syncWaitCoroutine.with({ patience: 5 });

typed<number | undefined>()(plain.get());
typed<number>()(full.get());
typed<number>()(ran);
typed<AsyncLocalStorage<{ id: string }>>()(store);
equal<Parameters<typeof price>, [id: string, amount?: number | undefined]>();
typed<Promise<number>>()(price('id'));
typed<number>()(waited);
typed<number>()(limited);
typed<Promise<7>>()(same<7>(7));
