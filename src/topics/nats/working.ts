/** Tells the server that messages are being worked on. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { settled } from '../../streams/run/scope.ts';
import type { Connection } from './connection.ts';
import type { HeldMessages } from './held.ts';
import { working } from './messages.ts';

/** Says so of all that is held, three times in the time that the server waits. */
export class Working {
  readonly #connection: Connection;
  readonly #held: HeldMessages;
  #beat: Later | undefined;

  constructor(connection: Connection, held: HeldMessages) {
    this.#connection = connection;
    this.#held = held;
  }

  /** @param ackWait how long the server waits, in milliseconds */
  begin(ackWait = 30_000): void {
    this.#beat = after(Math.max(50, ackWait / 3), () => {
      this.begin(ackWait);
      if (this.#held.size > 0 && this.#connection.isUp) void this.#tell();
    });
  }

  end(): void {
    this.#beat?.cancel();
  }

  async #tell(): Promise<void> {
    await settled(async () => {
      const { connection } = await this.#connection.open();
      for (const { reply } of this.#held.all()) connection.publish(reply, working);
    });
  }
}
