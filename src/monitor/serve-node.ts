/** Serves a monitor over requests and responses of Node.js. @module */

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { once } from 'node:events';
import { URL } from 'node:url';
import { AbortController } from '../base/intrinsics.ts';
import { pipeSse } from '../sse/pipe.ts';
import type { NodeResponse } from '../sse/pipe.ts';
import type { Sample } from './sample.ts';
import type { Answer, Request } from './answer.ts';

export type { NodeResponse } from '../sse/pipe.ts';

/** A request of `node:http`, `node:http2`, or of a framework over one of these. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Answers `request` by what `answer` gives. */
export function serveNode(request: NodeRequest, response: NodeResponse, answer: (request: Request) => Answer): void {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join() : value;
  };
  const given = answer({
    method: request.method ?? 'GET',
    // Of another address only the path and the query are read.
    url: new URL(pathOf(request.url), 'http://localhost'),
    header: (name) => (name === 'host' ? (header('host') ?? header(':authority')) : header(name)),
    peer: request.socket,
  });
  if ('body' in given) {
    (response as { writeHead(status: number, headers: object): void }).writeHead(given.status, given.headers);
    if (request.method === 'HEAD') response.end();
    else response.end(given.body);
  } else if (given.as === 'events') {
    pipeSse(given.items, response).catch(() => undefined);
  } else {
    void writeLines(given.items, response).catch(() => response.destroy());
  }
}

function pathOf(url: string | undefined): string {
  return url?.startsWith('/') ? url : '/';
}

async function writeLines(
  items: (client: { readonly signal: AbortSignal }) => AsyncIterable<Sample>,
  response: NodeResponse,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  (response as { writeHead(status: number, headers: object): void }).writeHead(200, {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
  });
  for await (const item of items(left)) {
    if (left.signal.aborted) return;
    if (!(response as { write(text: string): boolean }).write(`${JSON.stringify(item)}\n`))
      await once(response, 'drain', left).catch(() => undefined);
  }
  response.end();
}
