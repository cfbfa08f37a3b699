/** Checks the options of a wrapper and of a call, and makes the plan of the call from them. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import type { CallPlan } from '../call/call-plan.ts';
import { isExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import type { Sink } from '../call/print.ts';
import { configuration } from '../base/config.ts';
import type { StreamPlan } from '../channel/consumer/stream-plan.ts';
import { anyNumber, anything, ownOptions, count, duration, kind, list, oneOf } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';

const defaults = {
  timeout: duration,
  queueTimeout: duration,
  priority: anyNumber,
};

const pooled = {
  key: kind('string', 'number'),
  pool: ((value) => (isExecutor(value) ? undefined : 'a ThreadPool')) satisfies Check,
};

/** Of pooled calls with one result: the items of an iterator are never given twice. */
const repeated = {
  idempotent: kind('boolean'),
};

const perCall = {
  signal: signalCheck,
  transfer: list,
};

const texts: Check = (value) =>
  Array.isArray(value) && value.every((text) => typeof text === 'string') ? undefined : 'an array of strings';

const sink: Check = (value) =>
  typeof (value as Partial<Sink> | null)?.write === 'function' ? undefined : 'a writable stream';

/** The options of dedicated threads. */
const separate = {
  detach: kind('boolean'),
  argv: texts,
  stdout: sink,
  stderr: sink,
};

const ofWrapper = {
  name: kind('string'),
  module: anything,
  view: oneOf('auto', 'always', 'never'),
};

const stream = {
  timeout: duration,
  queueTimeout: duration,
  priority: anyNumber,
  maxSize: count(0, { unbounded: true }),
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
  closeTimeout: duration,
  signal: perCall.signal,
};

/** The checks for the options of a wrapper, and for those of its calls. */
interface KindChecks {
  readonly options: Checks;
  readonly call: Checks;
}

/**
 * The kinds of wrappers. `threaded` and `threadedSeparate` take generator functions too, and then act as the iterable
 * kind.
 */
export type WrapperKind = 'threaded' | 'threadedSeparate' | 'threadedIterable' | 'threadedIterableSeparate';

/** The options that each kind of wrapper takes, and each of its calls. */
export const checks: Readonly<Record<WrapperKind, KindChecks>> = {
  threaded: {
    options: { ...defaults, ...pooled, ...repeated, ...ofWrapper },
    call: { ...defaults, ...pooled, ...repeated, ...perCall },
  },
  threadedSeparate: {
    options: { ...defaults, ...ofWrapper, ...separate },
    call: { ...defaults, ...perCall, ...separate },
  },
  threadedIterable: {
    options: { ...stream, ...pooled, ...ofWrapper },
    call: { ...stream, ...pooled, transfer: list },
  },
  threadedIterableSeparate: {
    options: { ...stream, ...ofWrapper, ...separate },
    call: { ...stream, transfer: list, ...separate },
  },
};

type Checks = Readonly<Record<string, Check>>;

/** Checked options. */
export interface Settings extends Partial<CallPlan>, Partial<StreamPlan> {
  readonly pool?: Executor;
  readonly name?: string;
  readonly module?: string | URL;
  readonly view?: 'auto' | 'always' | 'never';
}

/**
 * Checks `options` and gives a copy of them.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option.
 */
export function settings(of: string, options: unknown, allowed: Checks): Settings {
  const own = ownOptions(of, options as Settings, allowed);
  const { module } = own;
  if (module !== undefined && !URL.canParse(String(module))) {
    throw argumentError(`Cannot use the option module of ${of}: expected a URL, received ${String(module)}`);
  }
  return own;
}

/** The plan of a call: the options of the call override those of its wrapper. */
export function plan(wrapper: Settings, call: Settings = wrapper): CallPlan {
  return {
    signal: call.signal,
    timeout: call.timeout ?? wrapper.timeout ?? Infinity,
    queueTimeout: call.queueTimeout ?? wrapper.queueTimeout ?? Infinity,
    priority: call.priority ?? wrapper.priority ?? 0,
    key: call.key ?? wrapper.key,
    idempotent: call.idempotent ?? wrapper.idempotent,
    transfer: call.transfer,
    detach: call.detach ?? wrapper.detach,
    argv: (call.argv ?? wrapper.argv)?.slice(),
    stdout: call.stdout ?? wrapper.stdout,
    stderr: call.stderr ?? wrapper.stderr,
  };
}

/** The default of `closeTimeout`, in milliseconds. */
const defaultCloseTimeout = 5000;

/** How the iterator of a call behaves: the options of the call override those of its wrapper. */
export function streamPlan(of: string, wrapper: Settings, call: Settings = wrapper): StreamPlan {
  const maxSize = call.maxSize ?? wrapper.maxSize ?? configuration.maxSize;
  const overflow = call.overflow ?? wrapper.overflow ?? 'block';
  if (maxSize === 0 && overflow !== 'block') {
    throw argumentError(`Cannot use the option overflow of ${of}: nothing can overflow with maxSize 0`);
  }
  return {
    maxSize,
    overflow,
    closeTimeout: call.closeTimeout ?? wrapper.closeTimeout ?? defaultCloseTimeout,
    signal: call.signal ?? wrapper.signal,
  };
}
