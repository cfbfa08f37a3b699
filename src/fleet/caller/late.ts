/** The errors of calls that no node has taken in time. @module */

import { OffloopError } from '../../base/errors.ts';
import type { FleetNodeInfo } from './nodes.ts';

/** What is known of a call that waited. */
export interface Waited {
  readonly name: string;

  /** Its module, and the hash of its code. */
  readonly module: string;
  readonly hash: string;

  /** How long it waited, in milliseconds. */
  readonly time: number;
}

/** Why no node has taken the call, as `nodes` tell, those that answer; `undefined` if the server is away. */
export function lateError(
  { name, module, hash, time }: Waited,
  nodes: readonly FleetNodeInfo[] | undefined,
): OffloopError {
  const text = `Cannot run ${name}: no node has taken it in ${time} ms`;
  if (!nodes) return new OffloopError('ERR_OFFLOOP_NO_NODE', `${text}, and the server is away`);
  const others = nodes.flatMap(({ id, modules }) => modules.map((it) => ({ id, ...it })));
  if (others.some((it) => it.hash === hash)) {
    return new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', `${text}, because all that serve ${module} are busy`);
  }
  const other = others.filter((it) => it.module === module);
  const listed = other.map((it) => `${it.hash} (${it.id})`).join(', ');
  const words =
    other.length > 0
      ? `nodes serve other code of ${module}: ${listed}, and here it is ${hash}`
      : `no node serves ${module} (${hash}). Start one with offloop serve`;
  return new OffloopError('ERR_OFFLOOP_NO_NODE', `${text}: ${words}`);
}
