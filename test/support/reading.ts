/** Reads sources over HTTP to the item or the failure that a test is about. @module */

import { httpEvents } from 'offloop/sources';
import type { HttpEventsOptions, SourceItem } from 'offloop/sources';
import { expect } from 'vitest';
import { untilThrown } from './items.ts';
import { take } from './take.ts';

/** Pauses that no test waits for. */
export const soon = { delay: 1, maxDelay: 5 } as const;

export const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
export const event = (data: unknown): object => ({ type: 'event', data });
export const gap = (facts: object = {}): object => expect.objectContaining({ type: 'gap', ...facts }) as object;

/** The first `most` items. */
export const first = async (most: number, url: string, options: HttpEventsOptions = {}): Promise<SourceItem[]> =>
  take(httpEvents(url, { retry: soon, ...options }), most);

/** The failure that ends it. */
export const failure = async (url: string, options: HttpEventsOptions = {}): Promise<unknown> =>
  (await untilThrown(httpEvents(url, { retry: { ...soon, attempts: 0 }, ...options }))).thrown;
