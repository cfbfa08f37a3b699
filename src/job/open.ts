/**
 * Opens a lane in a thread of the library: how functions are found there, and how their errors are explained. @module
 */

import type { Address } from '../address/address.ts';
import { find } from '../address/find/find.ts';
import { explainThrown } from '../address/find/explain.ts';
import { ListenerContext } from '../context/listener-context.ts';
import { LaneWord } from '../wire/control.ts';
import type { LaneOffer } from '../wire/offer.ts';
import { enterThread, threadState } from '../base/realm.ts';
import { tellHoldersBy } from '../wait/holders.ts';
import { carryOutput } from './carry-output.ts';
import { discardBy } from './discard.ts';
import { endAtMemoryLimit } from './memory-limit.ts';
import { serveCalls } from '../wait/running-call.ts';
import { serve } from './serve.ts';
import { endOf } from '../wire/transport.ts';
import { borrowThreadsBy } from '../wire/thread-source.ts';

/**
 * Serves `offer` in this thread, and marks the thread as one of the library's. Gives the function that preloads a
 * module.
 */
export function openLane(offer: LaneOffer): (address: Address) => void {
  const depth = offer.control[LaneWord.depth] ?? 1;
  if (!threadState()) enterThread({ loading: undefined, number: offer.number, depth });
  const { borrow, flush, giveUp, holds, preload, print, running } = serve(endOf(offer), {
    find,
    explain: explainThrown,
    context: new ListenerContext(offer.port),
  });
  carryOutput(print);
  serveCalls(running);
  tellHoldersBy(holds);
  borrowThreadsBy(borrow);
  discardBy(giveUp);
  endAtMemoryLimit();
  Atomics.store(offer.control, LaneWord.isOpen, 1);
  // A call that ends the thread must not lose the results of the calls before it.
  process.once('exit', flush);
  return preload;
}
