/** Whether anything of a caller's context may have to go along with a call: most programs have nothing. @module */

import { shared } from '../base/realm.ts';

/**
 * `areUsed` becomes true with the first context variable that has a value, the first propagated store, the first callback,
 * and the first coroutine, and stays so: until then no call has to look for a context.
 */
export const contexts: { areUsed: boolean } = shared('contexts in use', () => ({ areUsed: false }));
