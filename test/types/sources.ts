/** The types of sources and live pages. Nothing here runs. @module */

import { createServer } from 'node:http';
import { threadedIterableSeparate } from 'offloop';
import { eventStream, httpEvents, serviceAccount, websocketEvents } from 'offloop/sources';
import type { EventIterator, Gap, SourceItem } from 'offloop/sources';
import { ndjsonResponse, pipeSse, sseBroadcast, sseResponse } from 'offloop/sse';
import { same, typed } from './equal.ts';

interface Price {
  readonly id: number;
}

const prices = httpEvents('https://example.com', { parse: (text): Price => JSON.parse(text) as Price });
same<typeof prices, EventIterator<SourceItem<Price>>>();
for await (const item of prices) {
  if (item.type === 'gap') same<typeof item, Gap>();
  else typed<number>()(item.data.id);
  // @ts-expect-error A gap has no data.
  typed<unknown>()(item.data);
}

const live = threadedIterableSeparate((url: string) => httpEvents(url), { maxSize: 15, overflow: 'drop-oldest' });
typed<SourceItem[]>()(live('https://example.com').drain());

for await (const item of eventStream('project', { auth: serviceAccount(), labelFilters: { a: 'b', c: null } })) {
  if (item.type !== 'gap') typed<string>()(item.eventType);
}
for await (const item of websocketEvents('wss://example.com')) {
  if (item.type === 'event') typed<string | Uint8Array>()(item.data);
}

// @ts-expect-error There is no such format.
httpEvents('https://example.com', { format: 'csv' });
// @ts-expect-error A secret is missing.
serviceAccount({ keyId: '', email: '' });

const numbers = [1, 2, 3];
typed<Response>()(
  sseResponse(numbers, { id: (n) => n.toFixed(), event: 'n', request: new Request('https://example.com') }),
);
typed<Response>()(ndjsonResponse(({ lastEventId }) => [lastEventId ?? '']));
const broadcast = sseBroadcast(numbers, { replay: 1, data: (n) => n.toFixed() });
createServer((request, response) => {
  typed<Response>()(broadcast.response(request));
  typed<Promise<void>>()(broadcast.pipe(response));
  typed<Promise<void>>()(pipeSse(numbers, response));
});
// @ts-expect-error A number is no iterable.
sseResponse(1);
