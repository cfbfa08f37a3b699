/** Which values stay on their side, and how they are reached there. @module */

import { hostBehind, ByteStreamer } from '../../bytes/byte-streamer.ts';
import type { StreamMode } from '../../bytes/mode.ts';
import type { EntityStream } from '../../entity-stream.ts';
import { LocalEntityStream } from '../../entity-stream.ts';
import { membersBehind } from '../../proxies/proxy.ts';
import { RemoteStream } from '../../proxies/remote-stream.ts';
import { forwardGate, functionGate, objectGate } from './gate.ts';
import type { Gate } from './gate.ts';
import { remoteOf } from './remote.ts';
import { byteGate } from './streams/byte-gate.ts';
import { entityGate } from './streams/entity-gate.ts';
import type { Flow } from './streams/flow.ts';
import { LinkedEntityStream } from './streams/linked-entities.ts';
import { LiveFunction } from './streams/live-function.ts';

/** The kind of a live value, and what the other side has to know of it at once. */
export type LiveForm =
  | { readonly kind: 'object' | 'function' }
  | { readonly kind: 'entities'; readonly window: number }
  | { readonly kind: 'bytes'; readonly mode: StreamMode };

export interface Live {
  readonly form: LiveForm;
  readonly gate: () => Gate;
}

/** How `value` is reached from the other side; `undefined` if it is copied. `nested` has the prototypes that stay. */
export function liveOf(value: object, nested: ReadonlySet<object>, flow: Flow): Live | undefined {
  if (isEntities(value)) {
    const { window } = value;
    return {
      form: { kind: 'entities', window: window === Infinity ? Number.MAX_SAFE_INTEGER : window },
      gate: () => entityGate(value),
    };
  }
  if (value instanceof ByteStreamer)
    return { form: { kind: 'bytes', mode: value.mode }, gate: () => byteGate(hostBehind(value), flow) };
  const remote = remoteOf(value);
  if (remote)
    return { form: { kind: typeof value === 'function' ? 'function' : 'object' }, gate: () => forwardGate(remote) };
  if (value instanceof LiveFunction) return { form: { kind: 'function' }, gate: () => value.gate };
  if (typeof value === 'function') return { form: { kind: 'function' }, gate: () => functionGate(value) };
  if (membersBehind(value) || nested.has(Object.getPrototypeOf(value) as object))
    return { form: { kind: 'object' }, gate: () => objectGate(value) };
  return undefined;
}

function isEntities(value: object): value is EntityStream<unknown> {
  return value instanceof LocalEntityStream || value instanceof LinkedEntityStream || value instanceof RemoteStream;
}
