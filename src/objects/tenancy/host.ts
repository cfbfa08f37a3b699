/** The one function that is registered for a class: it runs in the thread where the objects live. @module */

import { Op } from '../crossing/form.ts';
import type { OpCode } from '../crossing/form.ts';
import { runningCall } from '../../wait/running-call.ts';
import { closedError } from '../crossing/closed.ts';
import { livingHere } from '../crossing/reference.ts';
import { Tenancy } from './tenancy.ts';
import type { Class } from './tenancy.ts';

/** Does one thing with an object. */
export type Host = (op: OpCode, home: number, id: number, name: string, ...args: unknown[]) => unknown;

/** Makes the function for `type`. */
export function hostOf(type: Class): Host {
  return (op, home, id, name, ...args) => {
    if (op === Op.live) return live(new Tenancy(home, type, args[0] as number), home);
    const tenancy = livingHere.get(home);
    if (!(tenancy instanceof Tenancy)) throw closedError(name);
    switch (op) {
      case Op.start:
        return tenancy.start(args);
      case Op.call:
        return tenancy.call(id, name, args);
      case Op.iterate:
        return tenancy.iterate(id, name, args);
      case Op.read:
        return tenancy.read(id, name);
      case Op.write:
        return tenancy.write(id, name, args[0]);
      case Op.settle:
        return tenancy.settle(id, args[0] as number);
      case Op.dispose:
        return tenancy.dispose(id);
    }
  };
}

/** Lets the objects of `tenancy` be reached, and keep callbacks, until the one that was started is gone. */
async function live(tenancy: Tenancy, home: number): Promise<void> {
  livingHere.set(home, tenancy);
  runningCall()?.keepHandles();
  await tenancy.over.opened;
  livingHere.delete(home);
}
