/** Notices that a source has stopped on which another one depends, and that it is back. @module */

import { argumentError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { kind, list, ownOptions, show } from '../../base/options.ts';
import type { AnyIterable } from '../../streams/index.ts';
import { checkedIterable } from '../../streams/arguments/iterables.ts';
import { holdUp, release } from '../run/pauses.ts';
import { Dependency } from './dependency.ts';
import type { DependencyRecord, DependentFacts, Marker, State } from './dependency.ts';

/** Where a checkpoint is kept: a cache, a `Map`, or what else has both methods, which may give promises. */
export interface CheckpointStore {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
}

/** Told that a dependency is down, or has recovered. */
export type CheckpointCallback = (checkpoint: Checkpoint, dependency: Dependency) => unknown;

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** The key under which it is kept; not to change. */
  name: string;

  /** The dependencies of the dependent source; at least one. */
  dependencies: readonly Dependency[];

  /** The source to hold up, in the runs of its handlers, while a dependency is down. @defaultValue none is */
  dependent?: AnyIterable<unknown> | undefined;

  /** Called once when a dependency is found to be down. @defaultValue nothing is called */
  onDowntime?: CheckpointCallback | undefined;

  /** Called once when it has caught up, before the dependent source goes on. @defaultValue nothing is called */
  onRecovery?: CheckpointCallback | undefined;

  /** Keeps it when the process ends. @defaultValue it is not kept */
  cache?: CheckpointStore | undefined;
}

/** The content of a heartbeat. */
export interface Latency {
  /** Whether what comes is late: the dependency is down, or has not caught up. */
  readonly isLate: boolean;
  readonly dependentMarker: Marker;
  readonly dependencyMarker: Marker;
}

/** A store has one shape for a key: an object, or a function with methods, as a cache is. */
const hasStore = (value: unknown): string | undefined => {
  const { get, set } = (value ?? {}) as Partial<CheckpointStore>;
  return typeof get === 'function' && typeof set === 'function' ? undefined : 'something with the methods get and set';
};

const checks = {
  name: kind('string'),
  dependencies: list,
  dependent: kind('object', 'function'),
  onDowntime: kind('function'),
  onRecovery: kind('function'),
  cache: hasStore,
};

/**
 * A source and what it depends on. The handler of the dependent source calls {@link checkPulse}, those of the dependencies
 * call {@link heartbeat}, each with the time of the event in hand.
 *
 * Invariant: calls take effect one after the other, in order; the dependent source is held up while a dependency is down.
 */
export class Checkpoint implements DependentFacts {
  readonly name: string;
  readonly dependencies: ReadonlyMap<string, Dependency>;

  /** The latest state of the dependent source. */
  state: State = {};

  /** The marker of its last pulse; `undefined` before the first. */
  marker: Marker;
  readonly #options: CheckpointOptions;

  /** Whether what was kept has been read. */
  #isLoaded = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.name = options.name;
    this.dependencies = new Map(options.dependencies.map((dependency) => [dependency.name, dependency]));
  }

  /**
   * A dependency was heard of: `marker` is the time of its event. If it was down and has caught up, `onRecovery` is called,
   * and then the dependent source goes on, unless another dependency is down.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if there is no dependency of that name, or there are several and none is named,
   * or the marker cannot be compared; then nothing has changed.
   * @throws What `onRecovery` or the cache throws.
   */
  async heartbeat(marker: Marker, name?: string): Promise<Latency> {
    const dependency = this.#dependency(name);
    dependency.refuseOthers(marker);
    return this.#next(async () => {
      dependency.marker = marker;
      if (!dependency.isDown) dependency.state = { ...this.state };
      else if (await dependency.hasRecovered(this)) await this.#recover(dependency);
      await this.#save(dependency);
      return { isLate: dependency.isDown, dependentMarker: this.marker, dependencyMarker: dependency.marker };
    });
  }

  /**
   * The dependent source is at `marker`; `state` is merged into what it has told of itself. If a dependency is found to be
   * down, the source is held up and `onDowntime` is called. Gives for how long the dependencies that are down have been so,
   * the longest of them; `undefined` if none is.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the marker cannot be compared, or `state` is no object; then nothing has
   * changed.
   * @throws What `onDowntime` or the cache throws.
   */
  async checkPulse(marker: Marker, state: State = {}): Promise<unknown> {
    if (!isState(state))
      throw argumentError(
        `Cannot take a pulse of ${this.name}: expected its state as an object, received ${show(state)}`,
      );
    for (const dependency of this.dependencies.values()) dependency.refuseOthers(marker);
    return this.#next(async () => {
      this.state = { ...this.state, ...state };
      this.marker = marker;
      await this.#save();
      for (const dependency of this.dependencies.values()) await this.#check(dependency);
      const down = [...this.dependencies.values()].filter(({ isDown }) => isDown);
      return down.reduce<unknown>((most, { downtime }) => longer(most, downtime), undefined);
    });
  }

  async #check(dependency: Dependency): Promise<void> {
    if (dependency.marker === undefined) {
      // Nothing was heard of it: it counts from here.
      dependency.marker = this.marker;
      dependency.state = { ...this.state };
      await this.#save(dependency);
    }
    const downtime = await dependency.check(this);
    if (!downtime) return;
    dependency.downtime = downtime;
    const wasDown = dependency.isDown;
    dependency.isDown = true;
    if (!wasDown) this.#pause();
    await this.#save(dependency);
    if (!wasDown) await this.#options.onDowntime?.(this, dependency);
  }

  async #recover(dependency: Dependency): Promise<void> {
    await this.#options.onRecovery?.(this, dependency);
    dependency.isDown = false;
    dependency.downtime = undefined;
    dependency.state = { ...this.state };
    const { dependent } = this.#options;
    if (dependent && ![...this.dependencies.values()].some(({ isDown }) => isDown)) release(dependent, this);
  }

  #pause(): void {
    const { dependent } = this.#options;
    if (dependent) holdUp(dependent, this);
  }

  #dependency(name: string | undefined): Dependency {
    const [only] = this.dependencies.values();
    const found = name === undefined && this.dependencies.size === 1 ? only : this.dependencies.get(name ?? '');
    if (found) return found;
    const names = [...this.dependencies.keys()].join(', ');
    throw argumentError(
      name === undefined
        ? `Cannot take a heartbeat of ${this.name}: say of which dependency it is: ${names}`
        : `Cannot take a heartbeat of ${this.name}: there is no dependency ${show(name)}, but ${names}`,
    );
  }

  /** Runs `step` after all those before it, once what was kept has been read. */
  async #next<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      await this.#load();
      return step();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #load(): Promise<void> {
    const { cache } = this.#options;
    if (!cache || this.#isLoaded) return;
    const own = (await cache.get(this.#key())) as Pick<Checkpoint, 'state' | 'marker'> | undefined;
    if (own) ({ state: this.state, marker: this.marker } = own);
    for (const dependency of this.dependencies.values()) {
      const record = (await cache.get(this.#key(dependency))) as DependencyRecord | undefined;
      if (record) dependency.load(record);
      if (dependency.isDown) this.#pause();
    }
    this.#isLoaded = true;
  }

  async #save(dependency?: Dependency): Promise<void> {
    const { state, marker } = this;
    await this.#options.cache?.set(this.#key(dependency), dependency?.record ?? { state, marker });
  }

  #key(dependency?: Dependency): string {
    return ['checkpoint', this.name, ...(dependency ? [dependency.name] : [])].join(':');
  }
}

function isState(state: unknown): boolean {
  return typeof state === 'object' && state !== null && !Array.isArray(state);
}

function longer(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return Math.max(one, other);
  return one ?? other;
}

/**
 * Makes a checkpoint: it notices when a source is so far behind another one, by the times of their events, that what is made
 * of both would be wrong; holds that other one up; and says when the source has caught up, and from where to do it again.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if there is no name or no dependency, two dependencies have one name, or an option
 * is unknown or not of its kind.
 *
 * @example
 * ```ts
 * const point = checkpoint({ name: 'activity', dependent: activity, dependencies: [dependency('weather')] });
 * handle(weather)(({ time }) => point.heartbeat(time));
 * handle(activity)(async (event) => {
 *   await point.checkPulse(event.time);
 * });
 * ```
 */
export function checkpoint(options: CheckpointOptions): Checkpoint {
  const own = ownOptions('checkpoint', options, checks);
  const { name, dependencies, dependent } = own;
  if (!name) throw argumentError('Cannot make a checkpoint: it has no name');
  if (!dependencies?.length || !dependencies.every((it) => it instanceof Dependency))
    throw argumentError(`Cannot make the checkpoint ${name}: expected dependencies, as dependency(name) makes them`);
  if (new Set(dependencies.map((it) => it.name)).size < dependencies.length)
    throw argumentError(`Cannot make the checkpoint ${name}: two dependencies have one name`);
  if (dependent) checkedIterable(`make the checkpoint ${name}`, dependent);
  return new Checkpoint(own);
}
