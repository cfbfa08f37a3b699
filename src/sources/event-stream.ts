/** The events of the devices of a project at Disruptive Technologies: a source over HTTP with their words. @module */

import { URL, URLSearchParams } from 'node:url';
import { argumentError } from '../base/errors.ts';
import { duration, kind, list, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import type { Gap } from './connection.ts';
import { SourceError } from './failures.ts';
import { openHttp } from './http-events.ts';
import type { HttpEventsOptions } from './http-options.ts';
import { serviceAccount } from './service-account.ts';
import type { ServiceAccount } from './service-account.ts';
import type { EventIterator } from './source-iterator.ts';

/** An event of a device. */
export interface DeviceEvent {
  readonly eventId: string;
  readonly targetName: string;
  readonly eventType: string;
  readonly data: unknown;
  readonly timestamp: string;

  /** Only a gap has a type. */
  readonly type?: undefined;
}

/** The items of `eventStream`: events, and notices with the type `'gap'` that some may be missing. */
export type EventStreamItem = DeviceEvent | Gap;

/** Options of `eventStream`. */
export interface EventStreamOptions extends Pick<
  HttpEventsOptions,
  'request' | 'fetch' | 'retry' | 'maxLength' | 'signal'
> {
  /**
   * The account that reads the events. @defaultValue `serviceAccount()`, with the credentials of the environment, over the same
   * `fetch` and `dispatcher`
   */
  auth?: ServiceAccount | undefined;

  /** Only the events of these devices. @defaultValue all */
  deviceIds?: readonly string[] | undefined;

  /** Only the events of devices with these labels; `null` is any value. @defaultValue all */
  labelFilters?: Readonly<Record<string, string | null>> | undefined;

  /** Only the events of devices of these types. @defaultValue all */
  deviceTypes?: readonly string[] | undefined;

  /** Only events of these types. @defaultValue all */
  eventTypes?: readonly string[] | undefined;

  /** How often the server sends a ping, in milliseconds; whole seconds are asked for. Above 0. @defaultValue `10_000` */
  pingInterval?: number | undefined;

  /** How much later than that a ping may come before the connection counts as lost, in milliseconds from 0. @defaultValue `2000` */
  pingJitter?: number | undefined;

  /** The address of the service. @defaultValue `'https://api.disruptive-technologies.com/v2'` */
  baseUrl?: string | undefined;
}

const checks: Readonly<Record<Exclude<keyof EventStreamOptions, keyof HttpEventsOptions>, Check>> = {
  auth: kind('object'),
  deviceIds: list,
  labelFilters: kind('object'),
  deviceTypes: list,
  eventTypes: list,
  pingInterval: duration,
  pingJitter: timeLimit,
  baseUrl: kind('string'),
};

const passed = ['request', 'fetch', 'retry', 'maxLength', 'signal'] as const;

/**
 * Reads the events of the devices of a project for ever, as `httpEvents` does, from which it has `retry` with three attempts,
 * `signal` and the notices of gaps. Pings are swallowed; where none comes in time, it connects again.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range; at once.
 * @throws {OffloopError} From `next()`: as `httpEvents`, and as `serviceAccount`.
 *
 * @example
 * ```ts
 * for await (const event of eventStream(projectId, { eventTypes: ['temperature'] })) console.log(event.targetName, event.data);
 * ```
 */
export function eventStream(projectId: string, given: EventStreamOptions = {}): EventIterator<EventStreamItem> {
  if (typeof projectId !== 'string' || projectId === '') {
    throw argumentError('Cannot use the project of eventStream: expected an id');
  }
  const known = { ...checks, ...Object.fromEntries(passed.map((name) => [name, () => undefined])) };
  const options = ownOptions('eventStream', given, known);
  const { pingInterval = 10_000, pingJitter = 2000, request, fetch } = options;
  // The tokens come over the same proxy.
  const { auth = serviceAccount(undefined, { fetch, request: { dispatcher: request?.['dispatcher'] } }) } = options;
  return openHttp<EventStreamItem>(
    'eventStream',
    addressOf(projectId, options),
    {
      ...Object.fromEntries(passed.map((name) => [name, options[name]])),
      format: 'ndjson',
      headers: auth.headers,
      idleTimeout: secondsOf(pingInterval) * 1000 + pingJitter,
      parse: eventFrom,
      isPing: ({ data }) => (data as DeviceEvent).eventType === 'ping',
    },
    { attempts: 3, item: ({ data }) => data as DeviceEvent },
  );
}

const secondsOf = (time: number): number => Math.max(1, Math.round(time / 1000));

function addressOf(projectId: string, options: EventStreamOptions): URL {
  const { deviceIds = [], labelFilters = {}, deviceTypes = [], eventTypes = [], pingInterval = 10_000 } = options;
  const { baseUrl = 'https://api.disruptive-technologies.com/v2' } = options;
  if (!URL.canParse(baseUrl)) throw argumentError(`Cannot use the option baseUrl of eventStream: ${baseUrl}`);
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/projects/${encodeURIComponent(projectId)}/devices:stream`);
  const labels = Object.entries(labelFilters).map(([name, value]) => (value === null ? name : `${name}=${value}`));
  const query = new URLSearchParams();
  const fields = { device_ids: deviceIds, label_filters: labels, device_types: deviceTypes, event_types: eventTypes };
  for (const [name, values] of Object.entries(fields)) for (const value of values) query.append(name, value);
  query.append('ping_interval', `${secondsOf(pingInterval)}s`);
  url.search = query.toString();
  return url;
}

/** The event in a line, whose server may have failed instead. */
function eventFrom(line: string): unknown {
  const { result, error } = Object(JSON.parse(line)) as { result?: { event?: unknown }; error?: unknown };
  const event = result?.event;
  if (typeof event === 'object' && event !== null) return event;
  if (error === undefined) throw new Error('expected a result with an event, or an error');
  const { code } = Object(error) as { code?: unknown };
  const reason = typeof error === 'string' ? error : JSON.stringify(error);
  const facts = typeof code === 'number' ? { status: code } : {};
  if (code === 401) throw new SourceError('ERR_OFFLOOP_UNAUTHORIZED', `Cannot read the events: ${reason}`, facts);
  throw new SourceError('ERR_OFFLOOP_SOURCE', `Cannot read on: the server sent the error ${reason}`, facts);
}
