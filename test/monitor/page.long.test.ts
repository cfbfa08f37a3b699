/** The page of a monitor in a browser, and the same in a terminal, while a pool is under load. @module */

import { join } from 'node:path';
import { ThreadPool } from 'offloop';
import { monitor } from 'offloop/monitor';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { add, block } from '../fixtures/jobs/basics.mjs';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { root, run } from '../support/run.ts';

const wide = { timeout: 20_000, interval: 20 };

let pool: ThreadPool;
let other: ThreadPool;
let url: string;
let stop: () => Promise<void>;
beforeEach(async () => {
  pool = new ThreadPool({ name: 'images', size: 2 });
  other = new ThreadPool({ name: 'mail', size: 1 });
  const listening = await monitor([pool, other], { interval: 20 }).listen();
  url = listening.url;
  stop = async () => listening.close();
});
afterEach(async () => {
  await stop();
  await Promise.all([pool.close(), other.close()]);
});

describe.runIf(hasBrowser())('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => browser?.close());

  async function look(options: Parameters<Browser['newPage']>[0] = {}): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage(options);
    onTestFinished(async () => page.close());
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.goto(url);
    return { page, errors };
  }

  const fact = async (page: Page, name: string): Promise<string | null> => page.textContent(`[data-fact="${name}"]`);

  test('shows what stats() says, of the pool that is chosen, by keyboard', async () => {
    const it = gate();
    const { page, errors } = await look();
    const running = [block.with({ pool })(it, 1), block.with({ pool })(it, 2), add.with({ pool })(3)];
    await vi.waitFor(async () => expect(await fact(page, 'Busy')).toBe('2'), wide);
    expect(await fact(page, 'Calls that wait')).toBe(String(pool.stats().queued));
    expect(await page.locator('#threads tr').count()).toBe(2);
    await reaches(it, 1, 1);
    open(it);
    await Promise.all(running);
    await vi.waitFor(async () => expect(await fact(page, 'Returned')).toBe('3'), wide);
    const label = await page.getAttribute('figure canvas', 'aria-label');
    await page.focus('#pool');
    await page.keyboard.press('ArrowDown');

    expect(label).toMatch(/^Calls a second: returned \S+, failed 0$/);
    await vi.waitFor(async () => expect(await fact(page, 'Threads')).toBe('0 of 1'), wide);
    expect(errors).toEqual([]);
  });

  test('stands still while it is paused, and says when the connection is lost', async () => {
    const { page } = await look();
    await vi.waitFor(async () => expect(await page.textContent('#state')).toBe('Live'), wide);
    await page.keyboard.press('p');
    expect(await page.getAttribute('#pause', 'aria-pressed')).toBe('true');
    const before = await fact(page, 'Returned');
    await add.with({ pool })(1);
    await stop();
    await vi.waitFor(async () => expect(await page.textContent('#state')).toContain('Connection lost'), wide);

    expect(await fact(page, 'Returned')).toBe(before);
  });

  test('is readable on a phone and in the dark: nothing is wider than the screen, and ink differs from paper', async () => {
    const { page } = await look({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await vi.waitFor(async () => expect(await page.locator('figure canvas').count()).toBe(5), wide);
    const { width, paper, ink } = await page.evaluate<{ width: number; paper: string; ink: string }>(`({
      width: document.documentElement.scrollWidth,
      paper: getComputedStyle(document.body).backgroundColor,
      ink: getComputedStyle(document.body).color,
    })`);

    expect(width).toBeLessThanOrEqual(390);
    expect([paper, ink]).toEqual(['rgb(18, 22, 29)', 'rgb(230, 233, 239)']);
  });
});

describe('offloop top', () => {
  const main = join(root, 'dist/lib/src/programs/cli/main.js');

  test('prints what stats() says, once, in words or as JSON', async () => {
    await add.with({ pool })(1);
    const [words, json] = await Promise.all([
      run(main, { args: ['top', new URL(url).port, '--once'] }),
      run(main, { args: ['top', url, '--once', '--json'] }),
    ]);

    expect(words).toMatchObject({ code: 0, stderr: '' });
    expect(words.stdout).toContain('images: 1 of 2 threads, 0 busy, 0 calls wait');
    expect(words.stdout).toContain('1 and 0 in all');
    expect(JSON.parse(json.stdout)).toMatchObject({ pools: [{ name: 'images', completed: 1 }, { name: 'mail' }] });
  });

  test('says what is wrong where there is no monitor, or one that refuses, and exits with 1', async () => {
    await using refusing = await monitor(pool, { token: 'a-token-of-some-length' }).listen();
    await stop();
    const [none, refused, misused] = await Promise.all([
      run(main, { args: ['top', url] }),
      run(main, { args: ['top', refusing.url, '--token', 'wrong'] }),
      run(main, { args: ['top', 'nonsense'] }),
    ]);

    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/^offloop: Cannot reach .*: ECONNREFUSED\n$/);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('This monitor has a token');
    expect(misused).toMatchObject({ code: 2, stdout: '' });
  });
});
