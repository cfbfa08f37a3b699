/** The page of the live demo, without anything that would have to be loaded from elsewhere. @module */

/** HTML. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>offloop, live</title>
<link rel="icon" href="data:," />
<style>
  :root { color-scheme: light dark; --ink: #1c2430; --quiet: #667085; --paper: #fff; --line: #e4e7ec; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #98a2b3; --paper: #12161d; --line: #2a313c; } }
  body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  p { color: var(--quiet); margin: 0.25rem 0 1rem; }
  canvas { width: 100%; height: 22rem; border: 1px solid var(--line); border-radius: 6px; }
  #legend { display: flex; gap: 1.5rem; margin: 0.5rem 0 1rem; }
  #legend i { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 50%; margin-right: 0.4rem; }
  dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 0; }
  dl div { border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.75rem; }
  dt { color: var(--quiet); font-size: 0.8rem; }
  dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
</style>
<h1>Temperatures, as they come</h1>
<p>A thread of its own reads the sensors; threads of the pool work out each median and how sure it is; main only passes on.
<span id="state">Connecting …</span></p>
<canvas id="chart"></canvas>
<div id="legend"></div>
<dl id="facts"></dl>
<script>
  const colors = ['#2f6fde', '#d9480f', '#2b8a3e', '#9c36b5'];
  const seconds = 20;
  const rooms = new Map();
  const canvas = document.querySelector('#chart');
  const colorOf = (room) => colors[[...rooms.keys()].indexOf(room) % colors.length];

  function add(room, point) {
    if (!rooms.has(room)) rooms.set(room, []);
    const points = rooms.get(room);
    points.push(point);
    while (points[0].at < point.at - seconds * 1000) points.shift();
  }

  function draw() {
    requestAnimationFrame(draw);
    const scale = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== width * scale || canvas.height !== height * scale) {
      canvas.width = width * scale;
      canvas.height = height * scale;
    }
    const paint = canvas.getContext('2d');
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, width, height);
    const all = [...rooms.values()].flat();
    if (all.length === 0) return;
    const least = Math.floor(Math.min(...all.map(({ low }) => low)) - 1);
    const most = Math.ceil(Math.max(...all.map(({ high }) => high)) + 1);
    const now = Date.now();
    const x = (at) => width - ((now - at) / (seconds * 1000)) * (width - 40);
    const y = (celsius) => height - ((celsius - least) / (most - least)) * height;
    paint.font = '12px system-ui';
    paint.lineWidth = 1;
    for (let celsius = least + 1; celsius < most; celsius += Math.ceil((most - least) / 8)) {
      paint.strokeStyle = getComputedStyle(document.body).getPropertyValue('--line');
      paint.beginPath();
      paint.moveTo(40, y(celsius));
      paint.lineTo(width, y(celsius));
      paint.stroke();
      paint.fillStyle = getComputedStyle(document.body).getPropertyValue('--quiet');
      paint.fillText(celsius + ' °C', 4, y(celsius) + 4);
    }
    for (const [room, points] of rooms) {
      paint.fillStyle = colorOf(room) + '33';
      paint.beginPath();
      for (const { at, high } of points) paint.lineTo(x(at), y(high));
      for (const { at, low } of points.toReversed()) paint.lineTo(x(at), y(low));
      paint.fill();
      paint.strokeStyle = colorOf(room);
      paint.lineWidth = 2;
      paint.beginPath();
      for (const { at, median } of points) paint.lineTo(x(at), y(median));
      paint.stroke();
    }
  }

  function legend() {
    const items = [...rooms].map(([room, points]) => {
      const item = document.createElement('span');
      const dot = document.createElement('i');
      dot.style.background = colorOf(room);
      item.append(dot, room + ' ' + points.at(-1).median.toFixed(1) + ' °C');
      return item;
    });
    document.querySelector('#legend').replaceChildren(...items);
  }

  function show(facts) {
    const rows = {
      'readings': facts.readings.toLocaleString('en'),
      'summaries': facts.summaries.toLocaleString('en'),
      'connection cut, and back': facts.gaps,
      'readings dropped': facts.dropped,
      'loop of main late, at most': facts.late.toFixed(1) + ' ms',
      'pages open': facts.pages,
    };
    const cells = Object.entries(rows).map(([name, value]) => {
      const [cell, term, fact] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
      term.append(name);
      fact.append(value);
      cell.append(term, fact);
      return cell;
    });
    document.querySelector('#facts').replaceChildren(...cells);
  }

  const state = (text) => document.querySelector('#state').replaceChildren(text);
  const source = new EventSource('/events');
  source.onopen = () => state('Live.');
  source.onerror = () => state(source.readyState === EventSource.CLOSED ? 'The demo has ended.' : 'Connecting …');
  source.addEventListener('summary', ({ data }) => {
    const { room, ...point } = JSON.parse(data);
    add(room, { ...point, at: Date.now() });
    legend();
  });
  source.addEventListener('facts', ({ data }) => show(JSON.parse(data)));
  fetch('/latest').then((it) => it.json()).then((all) => {
    for (const [room, point] of all) if (!rooms.has(room)) add(room, { ...point, at: Date.now() });
  });
  draw();
</script>
</html>
`;
