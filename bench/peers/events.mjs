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

/** How many events have to come before a stream counts as running. */
const enough = 1000;

function inThread(address) {
  const events = live(address).start();
  return {
    get count() {
      return events.dropped + events.size;
    },
    close: () => events.close(),
  };
}

function here(address) {
  const events = httpEvents(address);
  const stream = {
    count: 0,
    async close() {
      await events.close();
      await reading;
    },
  };
  const read = async () => {
    for await (const { type } of events) stream.count += type === 'event' ? 1 : 0;
  };
  const reading = read();
  return stream;
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

    /** Reads lines of 1,000 bytes at `rate` bytes a second until it is closed; resolves once some have come. */
    async stream(rate) {
      const address = url(`format=ndjson&rate=${rate}`);
      const stream = reader === 'thread' ? inThread(address) : here(address);
      for (let waited = 0; stream.count < enough && waited < 10_000; waited += 1) await setTimeout(1);
      return stream;
    },
    close: () => server.terminate(),
  };
}
