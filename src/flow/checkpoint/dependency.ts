/** A dependency of another source: when it was heard of last, and whether it is down. @module */

import { argumentError } from '../../base/errors.ts';
import { duration, kind, ownOptions, show } from '../../base/options.ts';

/** A point in the time of the events: a `Date`, milliseconds, or with checks of one's own anything. */
export type Marker = unknown;

/** The state of the dependent source, such as its positions. */
export type State = Readonly<Record<string, unknown>>;

/** The latest state of the dependent source. */
export interface DependentFacts {
  /** The states of its pulses, merged. */
  readonly state: State;

  /** The marker of its last pulse; `undefined` before the first. */
  readonly marker: Marker;
}

/** Options of `dependency`. */
export interface DependencyOptions {
  /**
   * How far the dependent source may be ahead before this one counts as down, in milliseconds; above 0.
   * @defaultValue `600_000`
   */
  threshold?: number | undefined;

  /**
   * Says for how long the dependency has been down: what is falsy means that it is not.
   * @defaultValue the milliseconds between the markers, if they are more than `threshold`
   */
  downtime?: ((checkpoint: DependentFacts, dependency: Dependency) => unknown) | undefined;

  /** Says whether it has caught up. @defaultValue whether its marker is past that of the dependent source */
  recovered?: ((checkpoint: DependentFacts, dependency: Dependency) => unknown) | undefined;
}

const checks = { threshold: duration, downtime: kind('function'), recovered: kind('function') };

/** The part of a dependency that is kept. */
export interface DependencyRecord {
  readonly state: State | undefined;
  readonly marker: Marker;
  readonly isDown: boolean;
  readonly downtime?: unknown;
}

/** A source that another one depends on, within a checkpoint. */
export class Dependency {
  readonly name: string;
  readonly threshold: number;
  readonly #downtime: NonNullable<DependencyOptions['downtime']>;
  readonly #recovered: NonNullable<DependencyOptions['recovered']>;

  /** The marker of its last heartbeat, or of the first pulse of the dependent source if there was none. */
  marker: Marker;

  /**
   * The state of the dependent source when this one was heard of last; while it is down, and when `onRecovery` is called, when
   * it was heard of last before that: what was made since may be wrong.
   */
  state: State | undefined;

  /** Whether it is down, or has not caught up yet. */
  isDown = false;

  /** The result of the check that found it down; `undefined` if it is not. */
  downtime: unknown;

  /** @internal */
  constructor(name: string, options: DependencyOptions) {
    const { threshold = 600_000, downtime, recovered } = ownOptions('dependency', options, checks);
    this.name = name;
    this.threshold = threshold;
    this.#downtime = downtime ?? downtimeByTime;
    this.#recovered = recovered ?? recoveredByTime;
  }

  /** @internal */
  get record(): DependencyRecord {
    const { state, marker, isDown, downtime } = this;
    return { state, marker, isDown, downtime };
  }

  /** @internal */
  load({ state, marker, isDown, downtime = true }: DependencyRecord): void {
    this.state = state;
    this.marker = marker;
    this.isDown = isDown;
    if (isDown) this.downtime = downtime;
  }

  /**
   * Throws if `marker` is one that cannot be compared.
   *
   * @internal
   */
  refuseOthers(marker: Marker): void {
    if (this.#downtime === downtimeByTime || this.#recovered === recoveredByTime) timeOf(marker);
  }

  /** @internal */
  async check(checkpoint: DependentFacts): Promise<unknown> {
    return this.#downtime(checkpoint, this);
  }

  /** @internal */
  async hasRecovered(checkpoint: DependentFacts): Promise<boolean> {
    return Boolean(await this.#recovered(checkpoint, this));
  }
}

/**
 * Describes a source that another one depends on, for `checkpoint`. Its name is what it is kept under, so it is not to change.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the name is empty, or an option is unknown or not of its kind.
 */
export function dependency(name: string, options: DependencyOptions = {}): Dependency {
  if (typeof name !== 'string' || name === '')
    throw argumentError(`Cannot make a dependency: expected a name, received ${show(name)}`);
  return new Dependency(name, options);
}

function downtimeByTime({ marker }: DependentFacts, dependency: Dependency): number | undefined {
  const time = timeOf(marker) - timeOf(dependency.marker);
  return time > dependency.threshold ? time : undefined;
}

function recoveredByTime({ marker }: DependentFacts, dependency: Dependency): boolean {
  return marker === undefined || timeOf(dependency.marker) > timeOf(marker);
}

function timeOf(marker: Marker): number {
  const time = typeof marker === 'number' ? marker : isDate(marker) ? marker.getTime() : NaN;
  if (!Number.isNaN(time)) return time;
  throw argumentError(
    `Cannot compare the markers of a checkpoint: expected dates or milliseconds, received ${typeof marker}; ` +
      'for others give the dependency downtime and recovered',
  );
}

/** Of any realm, and fakes of `Date`. */
function isDate(value: unknown): value is { getTime(): number } {
  return typeof value === 'object' && value !== null && 'getTime' in value && typeof value.getTime === 'function';
}
