/** Finds out what speaks at the other end of a port: this library, or Comlink. @module */

import type { PortCarrier } from '../carriers/port.ts';
import { Session } from '../frames/session.ts';
import type { Connection, ConnectionEvents, Exposed } from '../live/connection.ts';

export function connectPort(port: PortCarrier, exposed: Exposed, events: ConnectionEvents): Connection {
  const session = new Session(
    {
      buffered: 0,
      send: (frame) => port.send(frame),
      listen: (listener) => port.listen({ ...listener, other: () => undefined }),
      close: () => port.close(),
    },
    exposed,
    events,
  );
  session.start();
  return session;
}
