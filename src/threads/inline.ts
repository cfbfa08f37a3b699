/** Lanes with both ends in one thread: for inline mode, and for tests of both ends in one process. @module */

import type { LocalAddress } from '../wire/messages.ts';
import type { Definition } from '../address/registry.ts';
import type { Call } from '../call/call.ts';
import { Lane } from '../call/lane/lane.ts';
import { withSignal } from '../wait/running-call.ts';
import { serve } from '../job/serve.ts';
import { endOf } from '../wire/transport.ts';
import { wireEnds } from '../wire/wire.ts';

const free: Lane[] = [];

/**
 * Runs `call` on this thread, through the same copying of values as in another thread. Calls do not wait for each
 * other: each has its own lane while it runs.
 */
export function runInline(call: Call): void {
  const lane = free.pop() ?? open();
  call.holder = { gone: (given, reason) => void lane.interrupt(given, reason) };
  if (!lane.sender.send(call)) free.push(lane);
}

function open(): Lane {
  const definitions = new Map<number, Definition>();
  const introduce = (definition: Definition): LocalAddress => {
    definitions.set(definition.id, definition);
    return { local: definition.id };
  };
  const { near, far } = wireEnds();
  const lane: Lane = new Lane(endOf(near), { onProgress, onLoss: () => lane.close() }, introduce);
  function onProgress(): void {
    if (lane.load === 0 && !free.includes(lane)) free.push(lane);
  }
  const there = endOf(far);
  serve<LocalAddress>(there, {
    find: async ({ local }) => definitions.get(local) as Definition,
    explain: (thrown) => thrown,
    enter: withSignal,
    isInline: true,
  });
  // Only the main side's end keeps the process alive, and only while a call is pending.
  there.transport.release();
  return lane;
}
