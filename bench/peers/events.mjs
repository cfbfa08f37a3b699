/** Events of a server that runs in another thread, read by a loop over `fetch` or by a source. @module */

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createParser } from 'eventsource-parser';
import { httpEvents } from 'offloop/sources';
import { live } from './events-jobs.mjs';

/** Reads a response by hand, with the same parsers. */
async function bareLoop(url, format, take) {
  const { body } = await fetch(url);
  const decoder = new TextDecoder();
  if (format === 'sse') {
    const parser = createParser({ onEvent: ({ data }) => take(data) });
    for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
    return;
  }
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line !== '') take(JSON.parse(line));
  }
}

async function source(url, format, take) {
  for await (const { data } of httpEvents(url, { format, retry: false })) take(data);
}

export async function open({ reader }) {
  const server = new Worker(new URL('./events-worker.mjs', import.meta.url));
  const [port] = await once(server, 'message');
  const read = reader === 'fetch' ? bareLoop : source;
  const url = (query) => `http://127.0.0.1:${port}/?${query}`;

  return {
    runsOnMain: true,

    /** Reads `count` events; gives how many came. */
    async events(count, format) {
      let taken = 0;
      await read(url(`format=${format}&count=${count}`), format, (data) => void (taken += data === undefined ? 0 : 1));
      return taken;
    },

    /** Reads lines of 1,000 bytes at `rate` bytes a second for `time` milliseconds; gives how many came. */
    async watch(rate, time) {
      const address = url(`format=ndjson&rate=${rate}`);
      if (reader === 'thread') {
        const events = live(address).start();
        // The start of the thread is no part of the rate: a busy machine takes its time for it.
        for (let waited = 0; events.size === 0 && waited < 10_000; waited += 1) await setTimeout(1);
        const before = events.dropped + events.size;
        await setTimeout(time);
        const taken = events.dropped + events.size - before;
        await events.close();
        return taken;
      }
      let taken = 0;
      const end = performance.now() + time;
      for await (const { type } of httpEvents(address)) {
        taken += type === 'event' ? 1 : 0;
        if (performance.now() > end) break;
      }
      return taken;
    },
    close: () => server.terminate(),
  };
}
