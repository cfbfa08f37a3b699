/** Values between two links of this library, and the live ones among them. @module */

import { inspect } from 'node:util';
import { fromBytesAt, plainLentBytes, toBytes } from '../../../codec/bytes/bytes.ts';
import type { FromBytesOptions } from '../../../codec/bytes/bytes.ts';
import type { Exports } from '../live/exports.ts';
import { root } from '../live/exports.ts';
import { Imports } from '../live/imports.ts';
import { liveOf } from '../live/live.ts';
import { functionPeer, objectPeer } from '../live/peer.ts';
import { remoteOf } from '../live/remote.ts';
import type { Remote } from '../live/remote.ts';
import { linkedStreamer } from '../live/streams/linked-bytes.ts';
import { LinkedEntityStream } from '../live/streams/linked-entities.ts';
import { malformed } from './frame.ts';
import type { Frame } from './frame.ts';
import { RemoteTarget } from './remote-target.ts';
import type { Requests } from './requests.ts';

/** Stands for a live value: one of the side that sends it, or, as `own`, one of the side that receives it. */
type LivePayload =
  | { readonly own: number }
  | { readonly id: number; readonly kind: 'object' | 'function' }
  | { readonly id: number; readonly kind: 'entities'; readonly window: number }
  | { readonly id: number; readonly kind: 'bytes'; readonly mode: object };

export class Values {
  readonly #session: Requests;
  readonly #exports: Exports;
  readonly #nested: ReadonlySet<object>;
  readonly #peer: () => object;
  readonly #imports: Imports;
  readonly #reading: FromBytesOptions;

  constructor(session: Requests, exports: Exports, nested: ReadonlySet<object>, peer: () => object) {
    this.#session = session;
    this.#exports = exports;
    this.#nested = nested;
    this.#peer = peer;
    this.#imports = new Imports(
      (id, leave) => new RemoteTarget(session, id, leave),
      (id, times) => session.drop(id, times),
    );
    this.#reading = { untrusted: true, importLive: (payload) => this.#import(payload as LivePayload) };
  }

  /**
   * The bytes of `value`, which are valid until the next value becomes bytes in this thread.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if it cannot cross, `ERR_OFFLOOP_OVERFLOW` if the other side has
   * too many live values.
   */
  encode(value: unknown, name: string): Uint8Array {
    return plainLentBytes(value) ?? this.#encodeLive(value, name);
  }

  #encodeLive(value: unknown, name: string): Uint8Array {
    const sent = new Map<object, LivePayload | undefined>();
    const exportLive = (it: object): LivePayload | undefined => {
      if (!sent.has(it)) sent.set(it, this.#export(it));
      return sent.get(it);
    };
    try {
      return toBytes(value, { root: name, exportLive });
    } catch (error) {
      for (const payload of sent.values()) if (payload && 'id' in payload) this.#exports.drop(payload.id, 1);
      throw error;
    }
  }

  /** As {@link encode}, for a thrown value, which always arrives: at least as an error that describes it. */
  encodeThrown(thrown: unknown): Uint8Array {
    try {
      return this.encode(thrown, 'thrown');
    } catch {
      return this.encode(new Error(`The thrown value cannot be sent to a peer: ${describe(thrown)}`), 'thrown');
    }
  }

  /**
   * The value in the body of a frame.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BYTES`, whatever is wrong with the bytes.
   */
  decode({ bytes, at }: Frame): unknown {
    return fromBytesAt(bytes, at, this.#reading);
  }

  clear(): void {
    this.#exports.clear();
    this.#imports.clear();
  }

  #export(value: object): LivePayload | undefined {
    const remote = remoteOf(value);
    const own = remote instanceof RemoteTarget ? remote.idIn(this.#session) : undefined;
    if (own !== undefined) return { own };
    if (value === this.#exports.get(root)?.target) return { id: root, kind: 'object' };
    const live = liveOf(value, this.#nested, this.#session);
    if (!live) return undefined;
    const { id } = this.#exports.add(value, live.gate);
    return { id, ...live.form };
  }

  #import(payload: LivePayload): unknown {
    if ('own' in payload) {
      const entry = this.#exports.get(payload.own);
      if (!entry) throw malformed();
      return entry.target;
    }
    const { id } = payload;
    if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff) throw malformed();
    if (id === root) return this.#peer();
    return this.#imports.receive(id, this.#makerOf(payload));
  }

  #makerOf(payload: Exclude<LivePayload, { readonly own: number }>): (remote: Remote) => object {
    switch (payload.kind) {
      case 'object':
        return (remote) => objectPeer(remote);
      case 'function':
        return functionPeer;
      case 'entities': {
        const { window } = payload;
        if (!(window >= 0)) throw malformed();
        return (remote) => new LinkedEntityStream(remote, window);
      }
      case 'bytes': {
        const { mode } = payload;
        return (remote) => linkedStreamer(remote, mode);
      }
      default:
        throw malformed();
    }
  }
}

function describe(thrown: unknown): string {
  try {
    return inspect(thrown, { depth: 0 });
  } catch {
    return typeof thrown;
  }
}
