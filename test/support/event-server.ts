/** A real server for sources: each request is answered as the test says. @module */

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface EventServer {
  readonly url: string;
  readonly port: number;

  /** The requests so far. */
  readonly requests: readonly IncomingMessage[];

  /** The responses whose connections are open; `fetch` may keep others, to use them again. */
  readonly open: ReadonlySet<ServerResponse>;

  /** Cuts all connections, and listens no more. */
  stop(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

/** Answers the first request by the first of `answers` and so on; the last one answers all further requests. */
export async function eventServer(...answers: readonly Answer[]): Promise<EventServer> {
  return serve(0, answers);
}

/** As {@link eventServer}, where one was before. */
export async function serve(port: number, answers: readonly Answer[]): Promise<EventServer> {
  const requests: IncomingMessage[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    const answer = answers[Math.min(requests.push(request), answers.length) - 1];
    answer?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}/events`, port: actual, requests, open, stop };
}

const ndjson = { 'content-type': 'application/x-ndjson' };
const sse = { 'content-type': 'text/event-stream' };

/** Sends lines, and leaves the response open. */
export const lines =
  (...values: readonly unknown[]): Answer =>
  (response) => {
    response.writeHead(200, ndjson).flushHeaders();
    for (const value of values) response.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
  };

/** Sends text of server-sent events, and leaves the response open. */
export const frames =
  (text: string): Answer =>
  (response) => {
    response.writeHead(200, sse).flushHeaders();
    if (text !== '') response.write(text);
  };

/** As `answer`, then the end, in good order. */
export const thenEnd =
  (answer: Answer): Answer =>
  (response, request) => {
    answer(response, request);
    response.end();
  };

/** As `answer`; what was sent goes out, then the connection is cut. */
export const thenCut =
  (answer: Answer): Answer =>
  (response, request) => {
    answer(response, request);
    response.write('', () => setImmediate(() => response.destroy()));
  };

/** Only a status. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end('{"error":"no"}');
  };

/** Cuts the connection without an answer. */
export const refuse: Answer = (response) => response.destroy();

/** Accepts, and says nothing. */
export const silence: Answer = () => undefined;
