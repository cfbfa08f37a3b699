/**
 * Lanes whose far end is in this thread. Calls with functions, signals, iterables or items take them: there their arguments
 * become what a thread would be given, which goes on to the node. @module
 */

import type { Definition } from '../../address/registry.ts';
import type { Call } from '../../call/call.ts';
import { Lane } from '../../call/lane/lane.ts';
import { serve } from '../../job/serve.ts';
import { withSignal } from '../../wait/running-call.ts';
import type { LocalAddress } from '../../wire/messages.ts';
import { endOf } from '../../wire/transport.ts';
import { wireEnds } from '../../wire/wire.ts';

/** What runs in place of the function, given the arguments. */
export type Stand = (args: unknown[]) => unknown;

interface Near {
  readonly lane: Lane;
  stand: Stand;
  over: () => void;
}

/**
 * The lanes that are free.
 *
 * Invariant: each lane has one call at a time, and is free again once that is over.
 */
export class NearLanes {
  readonly #free: Near[] = [];

  /**
   * Sends `call` over a lane, at whose end `stand` runs for it; `over` is called when that has ended. Gives the lane;
   * `undefined` if the arguments cannot cross, and the call has failed.
   */
  run(call: Call, stand: Stand, over: () => void): Lane | undefined {
    const near = this.#free.pop() ?? this.#open();
    near.stand = stand;
    near.over = over;
    if (near.lane.sender.send(call)) return near.lane;
    this.#free.push(near);
    return undefined;
  }

  /** Closes the free lanes. */
  close(): void {
    for (const { lane } of this.#free.splice(0)) lane.close();
  }

  #open(): Near {
    const definitions = new Map<number, Definition>();
    const introduce = (definition: Definition): LocalAddress => {
      definitions.set(definition.id, definition);
      return { local: definition.id };
    };
    const { near, far } = wireEnds();
    const onProgress = (): void => {
      if (lane.load > 0 || this.#free.includes(made)) return;
      this.#free.push(made);
      made.over();
    };
    const lane: Lane = new Lane(endOf(near), { onProgress, onLoss: () => lane.close() }, introduce);
    const made: Near = { lane, stand: () => undefined, over: () => undefined };
    const there = endOf(far);
    serve<LocalAddress>(there, {
      find: async ({ local }) => {
        const { source, name } = definitions.get(local) as Definition;
        const fn = (...args: unknown[]): unknown => made.stand(args);
        return { fn, source, name, instance: false, owner: undefined, overlaps: false };
      },
      explain: (thrown) => thrown,
      enter: withSignal,
      isInline: true,
    });
    // Only this end keeps the process alive, and only while a call is pending.
    there.transport.release();
    return made;
  }
}
