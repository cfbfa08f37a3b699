/** Draws a group: for each row the contestants' medians, and a line from the first to the third quartile. @module */

import { own } from './contestants.mjs';
import { digits } from './numbers.mjs';
import { capital } from './table.mjs';

const width = 800;
const line = 20;
const titleHeight = 34;
const axisHeight = 44;
const labelsEnd = 250;
const valuesWidth = 70;

/** From this ratio of the largest to the smallest figure on, the scale is logarithmic. */
const spanOfLog = 10;

const colours = { own: '#c2410c', peer: '#1e3a5f', baseline: '#8a8f98' };

/** The SVG of a group of results; `echarts` is the library that draws it. Needs no browser. */
export function chart({ rows }, echarts) {
  const panels = [];
  let top = 0;
  for (const row of rows) {
    const shown = row.contestants.filter(({ figure }) => figure);
    if (shown.length === 0) continue;
    panels.push({ row, shown, top });
    top += titleHeight + shown.length * line + axisHeight;
  }

  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height: Math.max(top, titleHeight) });
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: panels.map(title),
    grid: panels.map(({ shown, top }) => ({
      top: top + titleHeight,
      height: shown.length * line,
      left: labelsEnd,
      right: valuesWidth,
    })),
    xAxis: panels.map(scale),
    yAxis: panels.map(names),
    series: panels.map(points),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}

function title({ row, top }) {
  return { text: `${capital(row.name)}, ${row.unit}`, left: 12, top: top + 8, textStyle: { fontSize: 14 } };
}

function scale({ shown }, gridIndex) {
  const lows = shown.map(({ figure }) => figure.low);
  const highs = shown.map(({ figure }) => figure.high);
  const isLog = Math.min(...lows) > 0 && Math.max(...highs) / Math.min(...lows) >= spanOfLog;
  return {
    gridIndex,
    type: isLog ? 'log' : 'value',
    // A linear scale begins at zero, so that lengths can be compared.
    ...(isLog ? { name: 'logarithmic', nameLocation: 'middle', nameGap: 24 } : { min: 0 }),
    axisLabel: { formatter: (value) => value.toLocaleString('en') },
  };
}

function names({ shown }, gridIndex) {
  return {
    gridIndex,
    type: 'category',
    inverse: true,
    data: shown.map(({ name }) => name),
    axisTick: { show: false },
    axisLabel: { interval: 0, width: labelsEnd - 16, overflow: 'truncate' },
  };
}

function points({ shown }, index) {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    data: shown.map(({ figure }, place) => [place, figure.low, figure.middle, figure.high]),
    encode: { x: [1, 2, 3], y: 0 },
    renderItem(params, api) {
      const [low, y] = api.coord([api.value(1), api.value(0)]);
      const [middle] = api.coord([api.value(2), api.value(0)]);
      const [high] = api.coord([api.value(3), api.value(0)]);
      const colour = colourOf(shown[params.dataIndex]);
      return {
        type: 'group',
        children: [
          { type: 'line', shape: { x1: low, y1: y, x2: high, y2: y }, style: { stroke: colour, lineWidth: 2 } },
          { type: 'circle', shape: { cx: middle, cy: y, r: 4.5 }, style: { fill: colour } },
          { type: 'text', style: { text: digits(api.value(2)), x: high + 9, y: y - 6, fontSize: 12, fill: colour } },
        ],
      };
    },
  };
}

function colourOf({ name, isBaseline }) {
  if (name === own) return colours.own;
  return isBaseline ? colours.baseline : colours.peer;
}
