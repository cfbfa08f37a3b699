// What the page does: reads samples, and draws the last few minutes of one pool.
(() => {
  const kept = 300;
  const byId = (id) => document.getElementById(id);
  const base = location.pathname.replace(/\/?$/, '/');
  const query = location.search;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const time = (ms) =>
    ms === 0
      ? '0'
      : ms < 1
        ? `${Math.round(ms * 1000)} µs`
        : ms < 1000
          ? `${ms.toPrecision(3)} ms`
          : `${(ms / 1000).toPrecision(3)} s`;
  const count = (n) => (n < 10 && n % 1 !== 0 ? n.toFixed(1) : Math.round(n).toLocaleString('en'));
  const part = (n) => `${Math.round(n * 100)} %`;

  const charts = [
    {
      title: 'Calls a second',
      text: count,
      lines: [
        ['returned', '--a', (pool) => pool.returns],
        ['failed', '--b', (pool) => pool.failures],
      ],
    },
    {
      title: 'Threads and queue',
      text: count,
      lines: [
        ['threads', '--c', (pool) => pool.threads],
        ['busy', '--a', (pool) => pool.busy],
        ['calls that wait', '--b', (pool) => pool.queued],
      ],
    },
    {
      title: 'Waiting for a thread',
      text: time,
      lines: [
        ['p50', '--a', (pool) => pool.wait.p50],
        ['p99', '--b', (pool) => pool.wait.p99],
      ],
    },
    {
      title: 'Running',
      text: time,
      lines: [
        ['p50', '--a', (pool) => pool.run.p50],
        ['p99', '--b', (pool) => pool.run.p99],
      ],
    },
    {
      title: "Delay of main's event loop",
      text: time,
      lines: [
        ['p50', '--a', (_, sample) => sample.loop.p50],
        ['p99', '--b', (_, sample) => sample.loop.p99],
      ],
    },
  ];

  const facts = [
    ['Threads', (pool) => `${pool.threads} of ${pool.size}`],
    ['Busy', (pool) => count(pool.busy)],
    ['Calls that wait', (pool) => count(pool.queued)],
    ['Calls a second', (pool) => count(pool.returns + pool.failures)],
    ['Returned', (pool) => count(pool.completed)],
    ['Failed', (pool) => count(pool.failed)],
    ['Utilization', (pool) => part(pool.utilization)],
    ['Loop delay, p99', (_, sample) => time(sample.loop.p99)],
  ];

  let samples = [];
  let chosen;
  let isPaused = false;
  let drawn = [];

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function build() {
    // All of them stand before the first is drawn: a chart is as wide as its place.
    const figures = charts.map(({ title }) => {
      const figure = element('figure');
      figure.append(element('figcaption', title));
      return figure;
    });
    byId('charts').replaceChildren(...figures);
    drawn = charts.map(({ title, text, lines }, i) => {
      const figure = figures[i];
      const plot = chart(figure, text, lines);
      figure.querySelector('canvas').setAttribute('role', 'img');
      return { plot, figure, lines, title, text };
    });
  }

  function chart(figure, text, lines) {
    const grid = { stroke: color('--line'), width: 1 };
    const axis = { stroke: color('--quiet'), grid, ticks: grid };
    const series = lines.map(([label, name]) => ({
      label,
      stroke: color(name),
      width: 2,
      points: { show: false },
      value: (_, value) => (value === null ? '' : text(value)),
    }));
    const options = {
      width: widthOf(figure),
      height,
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...axis, space: 90, values: (_, seconds) => seconds.map(clock) },
        { ...axis, size: 64, values: (_, values) => values.map(text) },
      ],
      series: [{ label: 'at', value: (_, seconds) => (seconds === null ? '' : clock(seconds)) }, ...series],
    };
    return new uPlot(options, [[], ...lines.map(() => [])], figure);
  }

  const height = 180;
  const widthOf = (figure) => figure.clientWidth - 16;
  const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en', { hourCycle: 'h23' });

  const poolOf = (sample) => sample.pools.find(({ name }) => name === chosen) ?? sample.pools[0];

  function show() {
    const last = samples.at(-1);
    if (!last) return;
    choices(last.pools);
    const pool = poolOf(last);
    if (!pool) return;
    byId('facts').replaceChildren(
      ...facts.map(([label, text]) => {
        const box = element('div');
        box.append(element('dt', label), element('dd', text(pool, last), { 'data-fact': label }));
        return box;
      }),
    );
    const known = samples.filter((sample) => poolOf(sample)?.name === pool.name);
    for (const { plot, figure, lines, title, text } of drawn) {
      const values = lines.map(([, , read]) => known.map((sample) => read(poolOf(sample), sample)));
      plot.setData([known.map(({ at }) => at / 1000), ...values]);
      if (plot.cursor.idx === undefined || plot.cursor.idx === null) plot.setLegend({ idx: known.length - 1 });
      const words = lines.map(([label], i) => `${label} ${text(values[i].at(-1))}`);
      figure.querySelector('canvas').setAttribute('aria-label', `${title}: ${words.join(', ')}`);
    }
    byId('nodes-section').hidden = pool.nodes === undefined;
    byId('threads-section').hidden = pool.nodes !== undefined;
    byId('nodes').replaceChildren(
      ...(pool.nodes ?? []).map((node) => {
        const row = element('tr');
        const { host, pid, threads, busy, completed, failed, run, uptime } = node;
        const cells = [host, pid, threads, busy, count(completed), count(failed), time(run.p50), time(run.p99)];
        row.append(...[...cells, time(uptime * 1000)].map((text) => element('td', text)));
        return row;
      }),
    );
    byId('threads').replaceChildren(
      ...pool.perThread.map((thread) => {
        const row = element('tr');
        const state = thread.blocked ? 'waits' : thread.iterating ? 'iterates' : thread.busy ? 'runs' : 'idle';
        const cells = [
          thread.number,
          thread.threadId,
          state,
          count(thread.calls),
          time(thread.runTime),
          time(thread.age),
        ];
        row.append(...cells.map((text) => element('td', text)));
        return row;
      }),
    );
  }

  function choices(pools) {
    const select = byId('pool');
    const names = pools.map(({ name }) => name);
    if (names.join('\n') === [...select.options].map(({ value }) => value).join('\n')) return;
    select.replaceChildren(...names.map((name) => element('option', name, { value: name })));
    select.value = names.includes(chosen) ? chosen : names[0];
    chosen = select.value;
    byId('choose').hidden = names.length < 2;
    document.title = `offloop: ${names.join(', ')}`;
  }

  function say(text, isLost = false) {
    byId('state').textContent = text;
    byId('state').className = isLost ? 'lost' : '';
  }

  function pause() {
    isPaused = !isPaused;
    byId('pause').textContent = isPaused ? 'Go on' : 'Pause';
    byId('pause').setAttribute('aria-pressed', String(isPaused));
    if (!isPaused) show();
  }

  byId('pause').addEventListener('click', pause);
  byId('pool').addEventListener('change', ({ target }) => {
    chosen = target.value;
    show();
  });
  document.addEventListener('keydown', (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === 'p' && isPlain && event.target.tagName !== 'SELECT') pause();
  });
  addEventListener('resize', () => {
    for (const { plot, figure } of drawn) plot.setSize({ width: widthOf(figure), height });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    build();
    show();
  });

  build();
  const events = new EventSource(`${base}events${query}`);
  events.addEventListener('open', () => say('Live'));
  events.addEventListener('error', () => say('Connection lost, trying again …', true));
  events.addEventListener('message', ({ data }) => {
    samples = [...samples, JSON.parse(data)].slice(-kept);
    if (!isPaused) show();
  });
})();
