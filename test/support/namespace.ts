/** A part of the network that a test can take away: no packet passes, and nobody is told. @module */

import { spawnSync } from 'node:child_process';

/** A namespace of the network, with one link to this one. */
export interface Namespace {
  /** The address of this side of the link. */
  readonly address: string;

  /** The words that start a command in there. */
  readonly inside: readonly string[];
  part(): void;
  join(): void;
  remove(): void;
}

const ip = (...words: string[]): boolean => spawnSync('ip', words).status === 0;

/** Makes a namespace; `undefined` where that is not allowed. */
export function makeNamespace(): Namespace | undefined {
  const id = process.pid % 60_000;
  const [name, here, there] = [`offloop${id}`, `oh${id}`, `ot${id}`];
  const net = `10.213.${id % 250}`;
  const remove = (): void => {
    ip('link', 'del', here);
    ip('netns', 'del', name);
  };
  const isMade =
    ip('netns', 'add', name) &&
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there) &&
    ip('link', 'set', there, 'netns', name) &&
    ip('addr', 'add', `${net}.1/24`, 'dev', here) &&
    ip('link', 'set', here, 'up') &&
    ip('netns', 'exec', name, 'ip', 'addr', 'add', `${net}.2/24`, 'dev', there) &&
    ip('netns', 'exec', name, 'ip', 'link', 'set', there, 'up') &&
    ip('netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up');
  if (!isMade) {
    remove();
    return undefined;
  }
  process.once('exit', remove);
  return {
    address: `${net}.1`,
    inside: ['ip', 'netns', 'exec', name],
    part: () => void ip('link', 'set', here, 'down'),
    join: () => void ip('link', 'set', here, 'up'),
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}
