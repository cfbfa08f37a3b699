/** The page of the pipeline in the documents, in a real browser. @module */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { blocks } from './support/documents.ts';
import { root } from './support/run.ts';

// Inside the package, which finds itself by its name.
mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/pipeline-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Prints the address of the page, and ends everything at the end of its input. */
const serve = `
import { sensor, url } from './sensor.js';
import { start } from './pipeline.js';
const pipeline = await start(url);
console.log(pipeline.address);
for await (const _ of process.stdin);
await pipeline.close();
sensor.closeAllConnections();
sensor.close();
`;

describe.runIf(hasBrowser())('the page of the pipeline', () => {
  test('draws data as it comes, and the program ends by itself', { timeout: 60_000 }, async () => {
    const files = blocks.filter(({ page, file }) => page === 'docs/pipeline.md' && file !== undefined);
    for (const { file = '', code } of files) writeFileSync(join(folder, file), code);
    writeFileSync(join(folder, 'serve.js'), serve);
    const program = spawn(process.execPath, ['serve.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(program, 'exit');
    const [address] = (await once(program.stdout.setEncoding('utf8'), 'data')) as [string];

    await using browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(address.trim());
    const points = async (): Promise<number> => page.evaluate<number>('points.length');
    const grows = async (from: number): Promise<void> =>
      vi.waitFor(async () => expect(await points()).toBeGreaterThan(from + 3), { timeout: 20_000 });
    await grows(0);
    const before = await page.locator('#chart').screenshot();
    await grows(await points());
    const after = await page.locator('#chart').screenshot();

    expect(before.equals(after)).toBe(false);
    await page.close();
    program.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});
