/** A handle whose source is in another thread. @module */

import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { HandleRequest, StreamHost } from './host.ts';
import type { Duplex } from './wire/duplex.ts';
import type { ToStream, ToStreamer } from './wire/messages.ts';
import { PortDuplex } from './wire/port-duplex.ts';

/** If the other thread is gone, what is asked for is lost, and so is the end of the connection: it tells. */
export class RemoteHost implements StreamHost {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
    port.unref();
  }

  connect({ headroom }: { readonly headroom: number } = { headroom: 0 }): Duplex<ToStreamer, ToStream> {
    const { port1, port2 } = new MessageChannel();
    this.#ask({ kind: 'connect', port: port2, headroom });
    return new PortDuplex(port1, { received: headroom });
  }

  share(port: MessagePort): void {
    this.#ask({ kind: 'share', port });
  }

  close(): void {
    this.#port.postMessage({ kind: 'close' } satisfies HandleRequest);
  }

  release(): void {
    this.#port.close();
  }

  #ask(request: Extract<HandleRequest, { port: MessagePort }>): void {
    this.#port.postMessage(request, [request.port]);
  }
}
