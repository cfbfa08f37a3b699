/** A page's own EventSource. @module */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeSse } from 'offloop/sse';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { ticks } from '../support/sse-source.ts';
import type { Ticks } from '../support/sse-source.ts';

/** What the page notes. */
interface Notes {
  readonly got: { readonly data: string; readonly id: string }[];
  readonly opened: number;
  readonly errors: number;
  readonly source: { close(): void };
}

const html = `<!doctype html><title>live</title><script>
  notes = { got: [], opened: 0, errors: 0, source: new EventSource('/events') };
  notes.source.onopen = () => (notes.opened += 1);
  notes.source.onerror = () => (notes.errors += 1);
  notes.source.addEventListener('tick', ({ data, lastEventId }) => notes.got.push({ data, id: lastEventId }));
</script>`;

describe.runIf(hasBrowser())('the EventSource of a browser', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(async () => browser.close());

  const notes = async (page: Page): Promise<Notes> => page.evaluate<Notes>('({ ...notes, source: undefined })');

  test('gets names, ids and texts of several lines, and misses none when the server is restarted', async () => {
    const lastIds: (string | undefined)[] = [];
    const sources: Ticks[] = [];
    const last = [20, 40];
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      if (request.url !== '/events') return void response.setHeader('content-type', 'text/html').end(html);
      const source = ({ lastEventId }: { lastEventId: string | undefined }): Ticks => {
        lastIds.push(lastEventId);
        const from = Number(lastEventId ?? 0);
        const source = ticks(last[sources.length] ?? 40, { from });
        sources.push(source);
        return source;
      };
      const options = { event: 'tick', id: Number, data: (n: number) => `${n}\nline`, retry: 100, heartbeat: 50 };
      void pipeSse(source, response, options);
    };
    const listen = async (port: number): Promise<Server> => {
      const server = createServer(handle);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return server;
    };
    const stop = async (server: Server): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    const first = await listen(0);
    const { port } = first.address() as AddressInfo;
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    const reaches = async (length: number): Promise<void> =>
      vi.waitFor(async () => expect((await notes(page)).got).toHaveLength(length), { timeout: 20_000 });
    await reaches(20);
    await stop(first);
    const second = await listen(port);
    await reaches(40);
    const { got, opened, errors } = await notes(page);

    expect(got).toEqual(Array.from({ length: 40 }, (_, i) => ({ data: `${i + 1}\nline`, id: String(i + 1) })));
    expect(lastIds).toEqual([undefined, '20']);
    expect(opened).toBe(2);
    expect(errors).toBeGreaterThanOrEqual(1);
    await page.close();
    await vi.waitFor(() => expect(sources.map(({ isClosed }) => isClosed)).toEqual([true, true]), { timeout: 5000 });
    await stop(second);
  });
});
