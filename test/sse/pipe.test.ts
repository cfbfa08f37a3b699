/** `pipeSse` over servers of Node.js: how it begins, fails and ends. @module */

import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { pipeSse, sseBroadcast } from 'offloop/sse';
import type { PipeSseOptions } from 'offloop/sse';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { listen } from '../support/listen.ts';
import { dataOf, ticks } from '../support/sse-source.ts';
import type { Ticks } from '../support/sse-source.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

const ids = { id: Number } satisfies PipeSseOptions<unknown>;

describe('pipeSse', () => {
  const serve = async (handle: Listener): Promise<number> =>
    listen(createServer((request, response) => void handle(request, response)));

  test('serves HTTP/2', async () => {
    const source = ticks(3);
    const server = createHttp2Server((_, response) => void pipeSse(source, response, ids));
    const client = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
    onTestFinished(() => client.destroy());
    const stream = client.request({ ':path': '/' });
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) if ((text += String(chunk)).includes('data: 3')) break;

    expect(dataOf(text)).toEqual(['1', '2', '3']);
    await vi.waitFor(() => expect(source.isClosed).toBe(true));
  });

  test('cuts a stream of HTTP/2, and not only ends it, where the source fails', async () => {
    const failing = async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    };
    const server = createHttp2Server((_, response) => void pipeSse(failing(), response).catch(() => undefined));
    const client = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
    onTestFinished(() => client.destroy());
    const stream = client.request({ ':path': '/' });
    let text = '';
    const all = async (): Promise<void> => {
      for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
    };

    await expect(all()).rejects.toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' });
    expect(dataOf(text)).toEqual(['1']);
  });

  test('by a broadcast whose source has failed answers those who come with 500', async () => {
    const failing = async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    };
    const live = sseBroadcast(failing());
    const served: Promise<unknown>[] = [];
    const port = await serve((_, response) => served.push(live.pipe(response).catch((error: unknown) => error)));
    const url = `http://127.0.0.1:${port}/`;

    await expect(fetch(url).then(async (response) => response.text())).rejects.toThrow('terminated');
    expect((await fetch(url)).status).toBe(500);
    expect(await Promise.all(served)).toMatchObject([{ message: 'broken' }, { message: 'broken' }]);
  });

  test('refuses what a framework makes of a response', async () => {
    const reply = { raw: {}, send: () => undefined };
    const refusal = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as object;
    for (const response of [reply, new Response(), undefined]) {
      await expect(pipeSse(ticks(1), response as never)).rejects.toEqual(refusal);
      await expect(sseBroadcast(ticks(1)).pipe(response as never)).rejects.toEqual(refusal);
    }
  });

  test('answers HEAD with the headers, and does not open the source', async () => {
    const source = ticks();
    const port = await serve(async (_, response) => pipeSse(source, response, ids));
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' });

    expect([status, headers.get('content-type'), source.given]).toEqual([200, 'text/event-stream', 0]);
  });

  test('serves curl -N as events come', async () => {
    const source = ticks(3);
    const port = await serve(async (_, response) => pipeSse(source, response, { event: 'tick' }));
    const { stdout } = await promisify(execFile)('curl', ['-sN', '--max-time', '1', `http://127.0.0.1:${port}/`]).catch(
      (error: unknown) => error as { stdout: string },
    );

    expect(stdout).toBe(`:\n\n${[1, 2, 3].map((n) => `event: tick\ndata: ${n}\n\n`).join('')}`);
    await vi.waitFor(() => expect(source.isClosed).toBe(true));
  });

  test('hands the last id to the source, keeps headers, and resolves at the end', async () => {
    let served: Promise<void> | undefined;
    const port = await serve((_, response) => {
      response.setHeader('x-mine', '1');
      served = pipeSse(({ lastEventId }) => [lastEventId], response, { headers: { 'x-other': '2' } });
    });
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'last-event-id': '7' } });

    expect(dataOf(await response.text())).toEqual(['7']);
    expect(['x-mine', 'x-other', 'x-accel-buffering'].map((it) => response.headers.get(it))).toEqual(['1', '2', 'no']);
    await served;
  });

  test('rejects with the error of the source, and cuts the connection', async () => {
    const failing = async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    };
    let served!: Promise<void>;
    const port = await serve((_, response) => {
      served = pipeSse(failing(), response);
      served.catch(() => undefined);
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);

    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    const all = async (): Promise<void> => {
      for (let step = await reader.read(); !step.done; step = await reader.read())
        text += new TextDecoder().decode(step.value);
    };

    await expect(all()).rejects.toThrow('terminated');
    expect(dataOf(text)).toEqual(['1']);
    await expect(served).rejects.toThrow('broken');
  });

  test('resolves when the client has left, also before it began', async () => {
    let served: Promise<void> | undefined;
    const source: Ticks = ticks(1);
    const port = await serve(async (_, response) => {
      await new Promise((resolve) => response.once('close', resolve));
      served = pipeSse(source, response);
    });
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.destroy()),
    );
    await vi.waitFor(() => expect(served).toBeDefined());
    await served;

    expect(source.given).toBe(0);
  });
});
