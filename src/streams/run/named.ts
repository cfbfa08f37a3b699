/** Receivers that streams know by their names: topics. @module */

import { argumentError } from '../../base/errors.ts';
import { shared } from '../../base/realm.ts';

/** What takes values and events. */
interface Receiving {
  receive(item: never): Promise<unknown>;
}

/** A receiver under a name, and what it writes to: receivers that write to the same in the same way are as one. */
interface Named {
  readonly receiver: Receiving;
  readonly target: readonly unknown[];
}

const names = shared('offloop.named', () => new Map<string, Named[]>());

/** From now on `name` means `receiver`, which writes to `target`; gives what ends that. */
export function nameReceiver(name: string, receiver: Receiving, target: readonly unknown[]): () => void {
  const others = (names.get(name) ?? []).filter((other) => !isSame(other.target, target));
  const named = { receiver, target };
  names.set(name, [...others, named]);
  return () => {
    const left = (names.get(name) ?? []).filter((other) => other !== named);
    if (left.length > 0) names.set(name, left);
    else names.delete(name);
  };
}

/**
 * What `name` means.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it means nothing, or more than one thing.
 */
export function receiverNamed(action: string, name: string): Receiving {
  const [first, ...others] = names.get(name) ?? [];
  if (!first) throw argumentError(`Cannot ${action}: there is no topic ${JSON.stringify(name)}`);
  if (others.length > 0)
    throw argumentError(
      `Cannot ${action}: there are ${others.length + 1} topics ${JSON.stringify(name)}, which differ; give the topic itself`,
    );
  return first.receiver;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((part, i) => part === b[i]);
}
