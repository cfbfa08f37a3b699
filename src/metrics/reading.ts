/** Reads the figures of pools, once for all that ask in one go. @module */

import { argumentError } from '../base/errors.ts';
import { queueMicrotask } from '../base/intrinsics.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { Known, Value } from './figures.ts';
import { LifeCounts } from './lives.ts';

/** What has figures: a pool, or a fleet. */
export interface Figured {
  readonly name: string;

  /** Of a fleet, also how many nodes it has. */
  stats(): PoolStats & { readonly nodes?: number };

  /** Of a fleet: asks its nodes, so that the next `stats()` know them. */
  survey?(): void;
}

/** The values of a set of pools, each labelled with its pool's name. */
export class Reading {
  readonly #pools: () => Iterable<Figured>;
  readonly #lives = new LifeCounts();
  #known: ReadonlyMap<string, Known> | undefined;

  constructor(pools: () => Iterable<Figured>) {
    this.#pools = pools;
  }

  /**
   * The values that `read` gives for each pool. All that ask before the next microtask are told of one moment.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if two pools have the same name.
   */
  values(read: (known: Known) => readonly Value[]): Value[] {
    return [...this.#now()].flatMap(([pool, known]) =>
      read(known).map(({ labels, value }) => ({ labels: { pool, ...labels }, value })),
    );
  }

  #now(): ReadonlyMap<string, Known> {
    if (!this.#known) queueMicrotask(() => (this.#known = undefined));
    return (this.#known ??= this.read());
  }

  /**
   * The names of the pools, and what is known of them at this moment.
   *
   * @throws {TypeError} as {@link values}.
   */
  read(): ReadonlyMap<string, Known> {
    const known = new Map<string, Known>();
    for (const pool of this.#pools()) {
      if (known.has(pool.name)) {
        throw argumentError(
          `Cannot tell the figures of two pools apart: both are named ${JSON.stringify(pool.name)}; give each a name of its own`,
        );
      }
      known.set(pool.name, { stats: pool.stats(), lives: this.#lives.of(pool) });
      // Nodes answer later than figures are told: they are in the next ones.
      pool.survey?.();
    }
    return known;
  }

  close(): void {
    this.#lives.close();
  }
}
