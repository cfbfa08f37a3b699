/** A way to a server that a test can cut, or let stall. @module */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Cut {
  readonly address: string;

  /** Ends all connections, and refuses new ones until {@link mend}. */
  cut(): void;

  /** Keeps all connections, and passes nothing on until {@link mend}: what comes is passed on then. */
  stall(): void;

  /** As {@link stall}, for the connections that are there: new ones work. */
  stallOpen(): void;
  mend(): void;
  close(): void;
}

/** Passes everything on to `port`, until it is cut. */
export async function cuttable(port: number): Promise<Cut> {
  const pairs = new Map<Socket, Socket>();
  let isCut = false;
  let isStalled = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      pairs.set(one, other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(one);
        other.destroy();
      });
      if (!isStalled) one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const socket of pairs.keys()) socket.destroy();
  };
  const stallOpen = (): void => {
    for (const [one, other] of pairs) one.unpipe(other);
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    stall() {
      isStalled = true;
      stallOpen();
    },
    stallOpen,
    mend() {
      isCut = false;
      // To pipe once more what was not stalled would bring everything twice.
      if (isStalled) for (const [one, other] of pairs) one.pipe(other);
      isStalled = false;
    },
    close() {
      cut();
      server.close();
    },
  };
}
