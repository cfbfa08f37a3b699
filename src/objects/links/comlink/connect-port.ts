/** Finds out what speaks at the other end of a port: this library, or Comlink alone. @module */

import { OffloopError } from '../../../base/errors.ts';
import type { CarrierListener } from '../carriers/carrier.ts';
import type { PortCarrier } from '../carriers/port.ts';
import { Session } from '../frames/session.ts';
import type { Connection, ConnectionEvents, Exposed } from '../live/connection.ts';
import { lostError } from '../live/lost.ts';
import type { Remote } from '../live/remote.ts';
import { ComlinkSession, probe } from './comlink-session.ts';
import { idOf } from './wire.ts';

/** Says hello in both ways; the first message that comes tells which one the other side understands. */
export function connectPort(port: PortCarrier, exposed: Exposed, events: ConnectionEvents): Connection {
  return new PortConnection(port, exposed, events);
}

/** Invariant: once `#comlink` is set, the session of frames is over, and no frame is taken. */
class PortConnection implements Connection {
  readonly #port: PortCarrier;
  readonly #exposed: Exposed;
  readonly #events: ConnectionEvents;
  readonly #session: Session;
  #frames: CarrierListener | undefined;
  #hasFrames = false;
  #comlink: ComlinkSession | undefined;

  constructor(port: PortCarrier, exposed: Exposed, events: ConnectionEvents) {
    this.#port = port;
    this.#exposed = exposed;
    this.#events = events;
    this.#session = new Session(
      {
        buffered: 0,
        mayHaveMissed: port.mayHaveMissed,
        send: (frame) => port.send(frame),
        listen: (listener) => (this.#frames = listener),
        close: () => {
          if (!this.#comlink) port.close();
        },
      },
      exposed,
      { ...events, ended: (error) => (this.#comlink ? undefined : events.ended(error)) },
    );
    this.#session.start();
    port.post(probe);
    port.listen({
      receive: (frame) => this.#receive(frame),
      other: (message) => this.#other(message),
      drained: () => undefined,
      lost: (cause) => this.#lost(cause),
    });
  }

  get root(): Remote {
    return (this.#comlink ?? this.#session).root;
  }

  settle(): Promise<void> {
    return (this.#comlink ?? this.#session).settle();
  }

  end(error: OffloopError, farewell?: boolean): void {
    if (this.#comlink) this.#comlink.end(error);
    else this.#session.end(error, farewell);
  }

  #receive(frame: Uint8Array): void {
    if (this.#comlink) return;
    this.#hasFrames = true;
    this.#frames?.receive(frame);
  }

  #other(message: unknown): void {
    if (this.#hasFrames || idOf(message) === undefined) return;
    if (!this.#comlink) {
      this.#comlink = new ComlinkSession(this.#port, this.#exposed, this.#events);
      this.#session.end(new OffloopError('ERR_OFFLOOP_CLOSED', 'The other side has Comlink alone'));
      this.#events.opened();
    }
    this.#comlink.receive(message);
  }

  #lost(cause: unknown): void {
    this.end(cause instanceof OffloopError ? cause : lostError(cause));
  }
}
