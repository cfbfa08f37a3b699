/** The functions that callers have named. @module */

import type { Definition } from '../../address/registry.ts';
import { decodeValue } from '../values/bodies.ts';
import { malformed } from '../values/frame.ts';
import { functionAt } from './served.ts';
import type { Served } from './served.ts';

/** How many are kept: callers may send any keys. */
const most = 10_000;

/** Finds the functions of calls, each once: most calls are of few functions. */
export class FoundFunctions {
  readonly #found = new Map<string, Definition>();

  /**
   * The function in `served` that a caller means by `key`, which may come from anybody.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if there is none, `ERR_OFFLOOP_BYTES` if `key` is no key.
   */
  at(served: Served, key: unknown): Definition {
    if (!(key instanceof Uint8Array)) throw malformed();
    const text = `${served.code.hash} ${Buffer.from(key).toString('latin1')}`;
    const known = this.#found.get(text);
    if (known) return known;
    const found = functionAt(served, decodeValue(key));
    if (this.#found.size < most) this.#found.set(text, found);
    return found;
  }
}
