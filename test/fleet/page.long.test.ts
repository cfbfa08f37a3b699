/** The page of a monitor of a fleet in a browser. @module */

import { fleet } from 'offloop/fleet';
import { monitor } from 'offloop/monitor';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hasNats } from '../support/brokers.ts';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { natsServer } from '../support/nats-server.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

test.runIf(hasNats && hasBrowser())(
  'the page has a line for each node, with what stats() of the nodes say',
  async () => {
    const server = await natsServer();
    await using pool = fleet({ servers: server.servers, name: 'far' });
    const browser = await openBrowser();
    onTestFinished(async () => {
      await browser.close();
      await endNodes();
      await server.stop();
    });
    const nodes = [await startNode(server.servers, { threads: 2 }), await startNode(server.servers, { threads: 3 })];
    await Promise.all(Array.from({ length: 20 }, async (_, i) => jobs.add.with({ pool })(i, 1)));
    await using listening = await monitor(pool, { interval: 50 }).listen();
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));

    await page.goto(listening.url);
    // A node that is slow to answer is not in every sample.
    await vi.waitFor(
      async () => {
        const rows = await page.locator('#nodes tr').allTextContents();
        expect(nodes.map(({ pid }) => rows.filter((row) => row.includes(String(pid))).length)).toEqual([1, 1]);
      },
      { timeout: 20_000 },
    );
    await vi.waitFor(
      async () => {
        const told = await pool.nodes();
        expect(told.reduce((sum, { completed }) => sum + completed, 0)).toBe(20);
      },
      { timeout: 20_000 },
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await page.locator('#threads-section').isHidden()).toBe(true);
    expect(errors).toEqual([]);
  },
);
