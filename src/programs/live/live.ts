/** The pipeline of the live demo: sensors, a thread that reads them, the pool, a cache, a topic, and a page. @module */

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { flow, keyed, timer } from '../../flow/index.ts';
import { sseBroadcast } from '../../sse/index.ts';
import { stream } from '../../streams/index.ts';
import type { Stream } from '../../streams/index.ts';
import type { SourceItem } from '../../sources/index.ts';
import { topic } from '../../topics/index.ts';
import { readings, summarize } from './job.ts';
import type { Summary } from './job.ts';
import { listening } from './listening.ts';
import { page } from './page.ts';
import { startSensors } from './sensors.ts';
import type { Reading } from './sensors.ts';
import { openStore } from './store.ts';

/** The figures of the demo so far. */
export interface LiveFacts {
  readings: number;
  summaries: number;

  /** How often the connection was cut and made again. */
  gaps: number;

  /** How many readings the thread has dropped, since the program was busy. */
  dropped: number;

  /** How late main's event loop was at most, in milliseconds: over the last half second, and over all. */
  late: number;
  latest: number;

  /** How many pages are open. */
  pages: number;
}

/** The demo, running. */
export interface LiveDemo {
  readonly address: string;

  /** The store of the cache, in words for the user. */
  readonly store: string;
  readonly facts: Readonly<LiveFacts>;

  /** Rejects if the pipeline has failed; resolves once it has been drained. */
  readonly running: Promise<unknown>;

  /** Handles what has come, and ends everything. May be called again. */
  close(): Promise<void>;
}

/** Above this number of readings a batch is not delayed further; below it, at most for so many milliseconds. */
const batchSize = 100;
const batchTime = 100;

/** Between two ticks of the timer by which the delay is measured, in milliseconds. */
const resolution = 5;

/**
 * Starts the demo, with its page at `port`, or at any that is free if that is 0.
 *
 * @throws the system's error if the port cannot be had; nothing is left open then.
 */
export async function startLive(port: number): Promise<LiveDemo> {
  const ends: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= endAll(ends));
  try {
    const store = openStore<Summary>();
    ends.push(store.close);
    const events = topic<Summary | LiveFacts>('offloop-demo-live');
    ends.push(() => events.close());
    const live = sseBroadcast(stream(events).items(), {
      event: ([key]) => (key === 'facts' ? key : 'summary'),
      data: ([key, value]) => (key === 'facts' ? value : { room: key, ...value }),
      maxSize: 64,
      retry: 1000,
    });

    const server = createServer((request, response) => {
      if (request.url === '/') response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
      else if (request.url === '/latest') response.end(JSON.stringify([...(store.cache?.entries() ?? [])]));
      else if (request.url === '/events') void live.pipe(response).catch(() => response.destroy());
      else response.writeHead(404).end();
    });
    const { address, close: closeServer } = await listening(server, port);
    // The pages' responses end with the last event, before the server does.
    ends.push(closeServer, () => live.close());
    const sensors = await startSensors();
    ends.push(sensors.close);

    const delay = monitorEventLoopDelay({ resolution });
    delay.enable();
    ends.push(() => delay.disable());
    const facts: LiveFacts = { readings: 0, summaries: 0, gaps: 0, dropped: 0, late: 0, latest: 0, pages: 0 };
    const source = readings(sensors.address);
    const batches = (items: Stream<SourceItem<Reading>>): Stream<Reading[]> =>
      items
        .flatMap((item) => {
          if (item.type === 'event') return [item.data];
          facts.gaps += 1;
          return [];
        })
        .tap(() => void (facts.readings += 1))
        .batch(batchSize, { within: batchTime });
    const count = (): void => void (facts.summaries += 1);
    const look = (): LiveFacts => {
      facts.late = delay.count === 0 ? 0 : Math.max(0, delay.max / 1e6 - resolution);
      delay.reset();
      facts.latest = Math.max(facts.latest, facts.late);
      facts.dropped = source.dropped;
      facts.pages = live.clients;
      return facts;
    };

    const { handle, run, drain } = flow();
    const sinks = store.cache ? [store.cache, events, count] : [events, count];
    handle(source, { pipe: [batches], sinks })(summarize);
    handle(timer(500), { sinks: [events] })(() => keyed('facts', { ...look() }));
    // Ctrl-C belongs to the command line, which closes all of this.
    const running = run({ signals: [] });
    running.catch(() => undefined);
    ends.push(async () => {
      drain();
      await running;
    });
    return { address, store: store.name, facts, running, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Calls all of them, the last one first. @throws the first error, after all of them. */
async function endAll(ends: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends.toReversed()) {
    try {
      // What was opened last stands on what was opened before.
      // oxlint-disable-next-line no-await-in-loop
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
