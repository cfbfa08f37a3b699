/** One established connection of a link, whatever it stands on. @module */

import type { OffloopError } from '../../../base/errors.ts';
import type { Gate } from './gate.ts';
import type { Remote } from './remote.ts';

/** What a side exposes, and how much it takes. */
export interface Exposed {
  readonly gateway: object;
  readonly gate: Gate;

  /** The prototypes of the objects that are not copied. */
  readonly nested: ReadonlySet<object>;
  readonly maxMessage: number;
  readonly maxCalls: number;
  readonly maxObjects: number;
  readonly maxBuffered: number;
  readonly heartbeat: number;
}

export interface ConnectionEvents {
  /** The other side has shown that it is there. */
  opened(): void;

  /** The connection is over; it is told once. */
  ended(error: OffloopError): void;

  /** Gives the proxy of what the other side exposes. */
  peer(): object;
}

export interface Connection {
  /** What the other side exposes. */
  readonly root: Remote;

  /** Takes no more calls of the object that is exposed, and resolves once no call is in flight. */
  settle(): Promise<void>;

  /** Ends it: calls in flight and streams fail with `error`; `farewell` tells the other side that this was meant. */
  end(error: OffloopError, farewell?: boolean): void;
}
