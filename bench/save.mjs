/** Writes a run to a folder: tables, numbers and a chart for each group, by the major version of Node.js. @module */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.mjs';
import { merge } from './merge.mjs';
import { isInstalled } from './packages.mjs';
import { report } from './report.mjs';

/** The package that draws the charts. */
export const drawsCharts = 'echarts';

/**
 * Writes `node-20.md`, `node-20.json`, `calls-node-20.svg` and so on, replacing earlier files, and prints the paths.
 * Runs of several versions of Node.js have different files. Without the package that draws them, there are no charts.
 * With `groups`, all that there are, the rows that the run did not measure stay as the folder has them.
 */
export async function save(run, folder, groups) {
  const name = `node-${/\d+/.exec(run.machine.node)[0]}`;
  const before = join(folder, `${name}.json`);
  const isPart = groups !== undefined && existsSync(before);
  const results = isPart ? merge(run, JSON.parse(readFileSync(before, 'utf8')), groups) : run;
  const echarts = isInstalled(drawsCharts) ? await import('echarts') : undefined;
  const chartOf = ({ title }) => `${title.toLowerCase().replaceAll(/\W+/g, '-')}-${name}.svg`;
  const files = {
    [`${name}.md`]: `# What it costs\n\n${report(results, { chartOf: echarts && chartOf })}\n`,
    [`${name}.json`]: `${JSON.stringify(results, undefined, 2)}\n`,
  };
  if (echarts) for (const group of results.groups) files[chartOf(group)] = chart(group, echarts);

  mkdirSync(folder, { recursive: true });
  return Object.entries(files).map(([file, content]) => {
    const path = join(folder, file);
    writeFileSync(path, content);
    return path;
  });
}
