/** Pages over real servers, each with a client that reads, leaves, or never reads. @module */

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { pipeSse, sseBroadcast, sseResponse } from 'offloop/sse';
import type { PipeSseOptions } from 'offloop/sse';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { listen } from '../support/listen.ts';
import { dataOf, ticks } from '../support/sse-source.ts';

type Source = AsyncIterable<unknown>;
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

const require = createRequire(import.meta.url);
const ids = { id: Number } satisfies PipeSseOptions<unknown>;

/** Makes a server that sends `source` to each client, as a program would with each framework. */
const servers: Readonly<Record<string, (source: Source) => Promise<Listener> | Listener>> = {
  'node:http': (source) => async (_, response) => pipeSse(source, response, ids),
  'node:http, a Response': (source) => getRequestListener(() => sseResponse(source, ids)),
  'node:http, sseBroadcast': (source) => {
    const live = sseBroadcast(source, { ...ids, overflow: 'block', maxSize: 8 });
    return async (_, response) => live.pipe(response);
  },
  express(source) {
    const express = require('express') as () => Listener & { get(path: string, handle: Listener): void };
    const app = express();
    app.get('/', async (_, response) => pipeSse(source, response, ids));
    return app;
  },
  'express with compression'(source) {
    const express = require('express') as () => Listener & {
      use(middleware: unknown): void;
      get(path: string, handle: Listener): void;
    };
    const compression = require('compression') as (options: object) => unknown;
    const app = express();
    app.use(compression({ threshold: 0 }));
    // Even where the header does not forbid to compress.
    const headers = { 'cache-control': 'no-cache' };
    app.get('/', async (_, response) => pipeSse(source, response, { ...ids, headers }));
    return app;
  },
  async 'fastify, reply.raw'(source) {
    const fastify = require('fastify') as () => Fastify;
    const app = fastify();
    app.get('/', (_, reply) => {
      reply.hijack();
      return pipeSse(source, reply.raw, ids);
    });
    await app.ready();
    return app.routing;
  },
  async 'fastify, a Response'(source) {
    const fastify = require('fastify') as () => Fastify;
    const app = fastify();
    app.get('/', (_, reply) => reply.send(sseResponse(source, ids)));
    await app.ready();
    return app.routing;
  },
  koa(source) {
    const Koa = require('koa') as new () => {
      use(handle: (context: { respond: boolean; res: ServerResponse }) => unknown): void;
      callback(): Listener;
    };
    const app = new Koa();
    app.use(async (context) => {
      context.respond = false;
      await pipeSse(source, context.res, ids);
    });
    return app.callback();
  },
  hono(source) {
    const app = new Hono();
    app.get('/', (context) => sseResponse(source, { ...ids, request: context.req.raw }));
    return getRequestListener(app.fetch);
  },
};

interface Fastify {
  ready(): Promise<void>;
  readonly routing: Listener;
  get(path: string, handle: (request: unknown, reply: Reply) => unknown): void;
}

interface Reply {
  hijack(): void;
  send(payload: unknown): unknown;
  readonly raw: ServerResponse;
}

/** Reads until `enough`, then leaves. */
async function readFrom(port: number, enough: (text: string) => boolean): Promise<{ text: string; headers: Headers }> {
  const controller = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!enough(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  controller.abort();
  return { text, headers: response.headers };
}

describe.each(Object.entries(servers))('pages by %s', (name, make) => {
  const start = async (source: Source): Promise<number> => {
    const listener = await make(source);
    return listen(createServer((request, response) => void listener(request, response)));
  };

  test('get events as they come, and close the source within a second when they leave', async () => {
    // One that is quiet in the end: no write tells the server that the client has left.
    const source = ticks(3);
    const port = await start(source);
    const { text, headers } = await readFrom(port, (it) => it.includes('data: 3'));
    const left = performance.now();

    expect(dataOf(text)).toEqual(['1', '2', '3']);
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    // A broadcast goes on without clients.
    if (name.includes('Broadcast')) return;
    await vi.waitFor(() => expect(source.isClosed).toBe(true), { timeout: 5000, interval: 5 });
    expect(performance.now() - left).toBeLessThan(1000);
  });

  test('hold the source back when they do not read', async () => {
    const source = large();
    const port = await start(source.items);
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    socket.pause();
    onTestFinished(() => void socket.destroy());
    await vi.waitFor(() => expect(source.given).toBeGreaterThan(2), { timeout: 10_000 });
    let before = -1;
    await vi.waitUntil(() => before === (before = source.given), { interval: 100, timeout: 10_000 });

    // Items of 64 KiB: what sockets and streams hold is some megabytes.
    expect(source.given).toBeLessThan(200);
  });
});

/** Items of 64 KiB without end. */
function large(): { readonly given: number; readonly items: Source } {
  const text = 'x'.repeat(65_536);
  const it = { given: 0, items: endless() };
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      it.given += 1;
      yield text;
    }
  }
  return it;
}
