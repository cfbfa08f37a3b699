/** Answers requests, whichever server they come from. @module */

import { randomBytes } from 'node:crypto';
import { AbortSignal } from '../base/intrinsics.ts';
import { refuse } from './guard.ts';
import type { Asked } from './guard.ts';
import { pageWith } from './page/page.ts';
import { samples } from './sample.ts';
import type { Monitored, Sample } from './sample.ts';

/** A request. */
export interface Request extends Asked {
  readonly method: string;
}

/** What is answered: a text, or items for as long as the client stays. */
export type Answer =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | {
      readonly as: 'events' | 'lines';
      readonly items: (client: { readonly signal: AbortSignal }) => AsyncIterable<Sample>;
    };

/** What a monitor tells of, and to whom. */
export interface Telling {
  readonly pools: () => Iterable<Monitored>;
  readonly interval: number;
  readonly token: string | undefined;

  /** The figures as the text that Prometheus reads. */
  readonly figures: () => string;

  /** Aborted when the monitor is closed. */
  readonly closed: AbortSignal;
}

/** The answer to a request; the last part of its path says what it asks for. */
export function answerTo(request: Request, telling: Telling): Answer {
  const { method, url, header } = request;
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, 'Only GET and HEAD are answered.\n', { allow: 'GET, HEAD' });
  const part = url.pathname.split('/').at(-1);
  const refusal = refuse(request, telling.token);
  if (refusal)
    return plain(refusal.status, refusal.text, refusal.status === 401 ? { 'www-authenticate': 'Bearer' } : {});
  if (part === 'events') {
    const { pools, interval, closed } = telling;
    const as = header('accept')?.includes('ndjson') ? 'lines' : 'events';
    // One that asks for the headers only would wait for the end.
    if (method === 'HEAD') return { status: 200, headers: textHeaders(types[as]), body: '' };
    return { as, items: ({ signal }) => samples(pools, interval, AbortSignal.any([signal, closed])) };
  }
  if (part === 'metrics')
    return { status: 200, headers: textHeaders('text/plain; version=0.0.4; charset=utf-8'), body: telling.figures() };
  if (part === 'health') return health(telling);
  return pageAnswer();
}

const types = { events: 'text/event-stream', lines: 'application/x-ndjson' };

/** A pool that was closed takes no calls, and the program that has it is not well. */
function health({ pools }: Telling): Answer {
  const known = Array.from(pools(), (pool) => {
    const { threads, busy, queued } = pool.stats();
    return { name: pool.name, closed: pool.closed, threads, busy, queued };
  });
  const isWell = known.every(({ closed }) => !closed);
  const body = JSON.stringify({ status: isWell ? 'ok' : 'closed', uptime: process.uptime(), pools: known });
  return { status: isWell ? 200 : 503, headers: textHeaders('application/json'), body: `${body}\n` };
}

function pageAnswer(): Answer {
  const nonce = randomBytes(16).toString('base64');
  return {
    status: 200,
    headers: {
      ...textHeaders('text/html; charset=utf-8'),
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    body: pageWith(nonce),
  };
}

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...textHeaders('text/plain; charset=utf-8'), ...headers }, body };
}

function textHeaders(type: string): Record<string, string> {
  return {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // The address may have the token.
    'referrer-policy': 'no-referrer',
  };
}
