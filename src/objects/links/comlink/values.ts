/** Values to a peer that has Comlink alone: structured clones, and ports for what stays on its side. @module */

import { inspect } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { OffloopError } from '../../../base/errors.ts';
import type { HoleKind } from '../../../codec/walk/hole.ts';
import { pack } from '../../../codec/walk/pack.ts';
import type { Gate } from '../live/gate.ts';
import type { Exposed } from '../live/connection.ts';
import { liveOf } from '../live/live.ts';
import { thrownForm } from './wire.ts';
import type { WireValue } from './wire.ts';

/** A value, and the port that has to be moved with it. */
export interface Encoded {
  readonly wire: WireValue;
  readonly transfer: readonly MessagePort[];
}

/** The parts of a value that structured clone keeps by itself. */
const kept: ReadonlySet<HoleKind> = new Set<HoleKind>(['buffer', 'error', 'fields', 'map', 'set']);

/** Streams of bytes do not reach a peer with Comlink, so nobody is slow. */
const noFlow = { isSlow: false, whenDrained: (): void => undefined };

export class ComlinkValues {
  readonly #exposed: Exposed;
  readonly #serve: (port: MessagePort, gate: Gate) => void;
  readonly #moves: boolean;

  /** `serve` lets the other side use what stands behind `gate` over a port, if ports can be moved to it. */
  constructor(exposed: Exposed, serve: (port: MessagePort, gate: Gate) => void, moves: boolean) {
    this.#exposed = exposed;
    this.#serve = serve;
    this.#moves = moves;
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a part of `value` would be lost. */
  encode(value: unknown, name: string): Encoded {
    const gate = this.#gateOf(value, name);
    if (gate) {
      if (!this.#moves)
        throw new OffloopError(
          'ERR_OFFLOOP_NOT_CLONEABLE',
          `Cannot send ${name}: its port does not carry the port that an object or a function needs`,
        );
      const { port1, port2 } = new MessageChannel();
      try {
        this.#serve(port1, gate);
      } catch (error) {
        // It would be kept for ever.
        port1.close();
        throw error;
      }
      return { wire: { type: 'HANDLER', name: 'proxy', value: port2 }, transfer: [port2] };
    }
    this.#assertPlain(value, name);
    return { wire: { type: 'RAW', value }, transfer: [] };
  }

  encodeThrown(thrown: unknown): Encoded {
    try {
      if (!(thrown instanceof Error)) this.#assertPlain(thrown, 'thrown');
      return { wire: thrownForm(thrown), transfer: [] };
    } catch {
      return {
        wire: thrownForm(new Error(`The thrown value cannot be sent to a peer: ${describe(thrown)}`)),
        transfer: [],
      };
    }
  }

  #gateOf(value: unknown, name: string): Gate | undefined {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    const { gateway, gate, nested } = this.#exposed;
    if (value === gateway) return gate;
    const live = liveOf(value, nested, noFlow);
    if (live?.form.kind === 'bytes')
      throw new OffloopError(
        'ERR_OFFLOOP_NOT_CLONEABLE',
        `Cannot send ${name}: a peer with Comlink alone has no byte streams`,
      );
    return live?.gate();
  }

  #assertPlain(value: unknown, name: string): void {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'symbol')
        throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `Cannot send ${name}: it is a symbol`);
      return;
    }
    const { gateway, nested } = this.#exposed;
    const { holes = [] } = pack([value], {
      root: name,
      exportLive(part) {
        if (part !== gateway && !liveOf(part, nested, noFlow)) return undefined;
        const text = `Cannot send ${name}: a peer with Comlink alone takes objects and functions that stay only as arguments and results of their own, not inside others`;
        throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text);
      },
    });
    const lost = holes.find(([, , kind]) => !kept.has(kind));
    if (lost)
      throw new OffloopError(
        'ERR_OFFLOOP_NOT_CLONEABLE',
        `Cannot send ${name}: a peer with Comlink alone would lose the class of a part of it (${lost[2]})`,
      );
  }
}

function describe(thrown: unknown): string {
  try {
    return inspect(thrown, { depth: 0 });
  } catch {
    return typeof thrown;
  }
}
