/** From the options of a wrapper and of a call to the plan of one call. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import type { CallPlan } from '../call/call-plan.ts';
import { isExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import type { Sink } from '../call/print.ts';
import { configuration } from '../base/config.ts';
import type { StreamPlan } from '../channel/consumer.ts';
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

const perCall = {
  signal: signalCheck,
  transfer: list,
};

const texts: Check = (value) =>
  Array.isArray(value) && value.every((text) => typeof text === 'string') ? undefined : 'an array of strings';

const sink: Check = (value) =>
  typeof (value as Partial<Sink> | null)?.write === 'function' ? undefined : 'a writable stream';

/** Of threads of their own. */
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

/** What can be said in a wrapper's options, and in those of a call. */
interface KindChecks {
  readonly options: Checks;
  readonly call: Checks;
}

/** The wrappers: those of functions, and those of generators, which a wrapper of functions is given as well. */
export type WrapperKind = 'threaded' | 'threadedSeparate' | 'threadedIterable' | 'threadedIterableSeparate';

/** Which options each wrapper takes, and each call of it. */
export const checks: Readonly<Record<WrapperKind, KindChecks>> = {
  threaded: { options: { ...defaults, ...pooled, ...ofWrapper }, call: { ...defaults, ...pooled, ...perCall } },
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

/** The options that are left once names and values were checked. */
export interface Settings extends Partial<CallPlan>, Partial<StreamPlan> {
  readonly pool?: Executor;
  readonly name?: string;
  readonly module?: string | URL;
  readonly view?: 'auto' | 'always' | 'never';
}

/**
 * Checks and freezes `options`.
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

/** The plan of a call: what it says itself goes before what its wrapper says. */
export function plan(wrapper: Settings, call: Settings = wrapper): CallPlan {
  return {
    signal: call.signal,
    timeout: call.timeout ?? wrapper.timeout ?? Infinity,
    queueTimeout: call.queueTimeout ?? wrapper.queueTimeout ?? Infinity,
    priority: call.priority ?? wrapper.priority ?? 0,
    key: call.key ?? wrapper.key,
    transfer: call.transfer,
    detach: call.detach ?? wrapper.detach,
    argv: (call.argv ?? wrapper.argv)?.slice(),
    stdout: call.stdout ?? wrapper.stdout,
    stderr: call.stderr ?? wrapper.stderr,
  };
}

/** How long a generator that was closed may take to end, in milliseconds, where nothing else is said. */
const defaultCloseTimeout = 5000;

/** How the iterator of a call behaves: what the call says itself goes before what its wrapper says. */
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
