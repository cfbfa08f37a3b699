/** The documents tell the truth: their programs run and print what they say; commands, tables and links are right. @module */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as offloop from 'offloop';
import * as cache from 'offloop/cache';
import * as flow from 'offloop/flow';
import * as kafkaTopics from 'offloop/kafka';
import type { FleetOptions } from 'offloop/fleet';
import * as natsTopics from 'offloop/nats';
import * as objects from 'offloop/objects';
import * as sources from 'offloop/sources';
import * as sse from 'offloop/sse';
import type { MetricsOptions } from 'offloop/metrics';
import type { ListenOptions, MonitorOptions } from 'offloop/monitor';
import * as streams from 'offloop/streams';
import * as topics from 'offloop/topics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks } from '../dist/src/wrappers/plan.js';
import { commands, execute, withoutWarnings } from './support/document-commands.ts';
import { anchors, blockBefore, blocks, inSectionOf, linksOf, pageAt, pages, tableRows } from './support/documents.ts';
import type { Block, Link } from './support/documents.ts';
import { share } from './support/full.ts';
import { root, run } from './support/run.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

/** Compiler options for sections that show none. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  },
});

const options = 'docs/options.md';
const temporary = join(root, '.tmp', `docs-${process.pid}`);

beforeAll(() => void mkdirSync(temporary, { recursive: true }));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('the documents', () => {
  test.concurrent.each(share(programs(), 6))('run $file ($page:$line)', async (block) => {
    const { file, needsTsx, prints } = block;
    const folder = sectionFolder(block, block.line);
    const nodeArgs = file?.endsWith('.ts') && (needsTsx || !stripsTypes) ? ['--import', 'tsx'] : [];

    const { code, stdout, stderr } = await run(join(folder, file ?? ''), { cwd: folder, nodeArgs });
    expect({ stdout: tidy(stdout), stderr: withoutWarnings(stderr), code }).toEqual({
      stdout: tidy(prints ?? ''),
      stderr: '',
      code: 0,
    });
  });

  test.concurrent.each(share(commands(), 6))(
    'have a command that works: $command ($block.page:$block.line)',
    async (line) => {
      const { block, command, before, output } = line;
      const printed = await execute(command, () => sectionFolder(block, block.line), before);

      if (output !== undefined) expect(tidy(printed)).toBe(tidy(output));
    },
  );

  test.concurrent.each(share(typedSections(), 6))('have types that hold: under $section of $page', async (block) => {
    const folder = sectionFolder(block, Infinity);
    if (!existsSync(join(folder, 'tsconfig.json'))) writeFileSync(join(folder, 'tsconfig.json'), tsconfig);

    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await run(tsc, { args: ['-p', folder], cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  test('have no block that is not checked', () => {
    const unchecked = blocks.filter(({ language, file }) => file === undefined && !['sh', 'text'].includes(language));
    const texts = blocks.filter(({ language, file }) => language === 'text' && file === undefined);
    const fences = pages.flatMap(({ text }) => text.match(/^ *```/gm) ?? []);

    expect(unchecked).toEqual([]);
    expect(texts.filter((block) => !isOutput(block) && !isDrawing(block))).toEqual([]);
    expect(blocks.length).toBe(fences.length / 2);
  });

  test('list exactly the codes of errors that there are', () => {
    const source = readFileSync(join(root, 'src/base/errors.ts'), 'utf8');
    const [, union = ''] = /type ErrorCode =([^;]*);/.exec(source) ?? [];

    expect(firstColumn('docs/errors.md', 'Codes')).toEqual([...union.matchAll(/'(\w+)'/g)].map(([, code]) => code));
  });

  test('list exactly the options that there are', () => {
    const { threaded, threadedSeparate } = checks;
    const rows = tableRows(options, 'Options of functions and calls').map(([name, pooled, separate, call]) => {
      const isOf = { pooled: call === 'of a pooled one', separate: call === 'of a separate one' };
      return {
        name: bare(name),
        threaded: pooled === 'yes',
        threadedSeparate: separate === 'yes',
        pooledCall: call === 'yes' || isOf.pooled,
        separateCall: call === 'yes' || isOf.separate,
      };
    });

    const named = (column: keyof (typeof rows)[number]): Set<string> =>
      new Set(rows.flatMap((row) => (row[column] ? row.name : [])));
    expect(named('threaded')).toEqual(new Set(Object.keys(threaded.options)));
    expect(named('pooledCall')).toEqual(new Set(Object.keys(threaded.call)));
    expect(named('threadedSeparate')).toEqual(new Set(Object.keys(threadedSeparate.options)));
    expect(named('separateCall')).toEqual(new Set(Object.keys(threadedSeparate.call)));
  });

  test('list exactly the options of iterators', () => {
    const { threadedIterable, threadedIterableSeparate } = checks;
    const common = ['queueTimeout', 'priority'];
    const own = firstColumn(options, 'Options of iterators');
    const wrapping = ['name', 'module', 'view'];
    const separate = ['detach', 'argv', 'stdout', 'stderr'];

    expect(new Set([...common, 'key', 'pool', ...wrapping, ...own])).toEqual(
      new Set(Object.keys(threadedIterable.options)),
    );
    expect(new Set([...common, 'key', 'pool', 'transfer', ...own])).toEqual(
      new Set(Object.keys(threadedIterable.call)),
    );
    expect(new Set([...common, ...separate, ...wrapping, ...own])).toEqual(
      new Set(Object.keys(threadedIterableSeparate.options)),
    );
    expect(new Set([...common, ...separate, 'transfer', ...own])).toEqual(
      new Set(Object.keys(threadedIterableSeparate.call)),
    );
  });

  test('list exactly the options of a pool and the settings of the process', () => {
    const pool = {
      size: 0,
      maxThreads: 0,
      minThreads: 0,
      idleTimeout: 0,
      maxQueue: 0,
      grace: 0,
      init: 0,
      initArgs: 0,
      teardown: 0,
      maxTasksPerThread: 0,
      maxHeap: 0,
      maxAge: 0,
      name: 0,
      env: 0,
      execArgv: 0,
      resourceLimits: 0,
    };
    const settings = { inline: 0, view: 0, maxWorkers: 0, spare: 0, startTimeout: 0, maxSize: 0 };

    expect(firstColumn(options, 'Options of a pool')).toEqual(
      Object.keys(pool satisfies Record<keyof offloop.ThreadPoolOptions, number>),
    );
    expect(firstColumn(options, 'Settings of the process').filter(Boolean)).toEqual(
      Object.keys(settings satisfies Record<keyof offloop.Configuration, number>),
    );
  });

  test('list exactly the options of streams', () => {
    const stream = { processors: 0, onError: 0, deadLetter: 0, maxDeliver: 0, ack: 0, maxSize: 0, signal: 0 };

    expect(firstColumn(options, 'Options of streams')).toEqual(
      Object.keys(stream satisfies Record<keyof streams.StreamOptions, number>),
    );

    const stage = { concurrency: 0, ordered: 0 } satisfies Record<keyof streams.StageOptions, number>;
    const batch = { within: 0 } satisfies Record<keyof streams.BatchOptions, number>;
    const group = { partitions: 0, maxSize: 0 } satisfies Record<keyof streams.GroupOptions, number>;
    const channel = { maxSize: 0, overflow: 0 } satisfies Record<keyof streams.ChannelOptions, number>;
    const signal = { signal: 0 } satisfies Record<
      Exclude<keyof streams.SubscribeOptions, keyof streams.ChannelOptions>,
      number
    >;
    const events = { key: 0, headers: 0, commit: 0 } satisfies Record<keyof streams.EventsOptions<unknown>, number>;
    expect(tableRows(options, 'Options of operators, channels and eventsOf').map(([, name]) => bare(name))).toEqual(
      [stage, batch, group, channel, signal, events].flatMap((it) => Object.keys(it)),
    );

    const agent = { concurrency: 0, keyBy: 0, sinks: 0, supervise: 0 } satisfies Record<
      Exclude<keyof streams.AgentOptions<unknown, unknown>, keyof streams.StreamOptions>,
      number
    >;
    expect(firstColumn(options, 'Options of an agent')).toEqual(Object.keys(agent));
  });

  test('list exactly the options of metrics and monitors', () => {
    const metrics = { pools: 0, prefix: 0 } satisfies Record<keyof MetricsOptions, number>;
    const monitor = { token: 0, interval: 0 } satisfies Record<keyof MonitorOptions, number>;
    const listen = { port: 0, host: 0 } satisfies Record<keyof ListenOptions, number>;

    expect(tableRows(options, 'Options of metrics and monitors').map(([, name]) => bare(name))).toEqual(
      [metrics, monitor, listen].flatMap((it) => Object.keys(it)),
    );
  });

  test('list exactly the options of objects', () => {
    const all = {
      nested: 0,
      instances: 0,
      supervise: 0,
      disposeTimeout: 0,
      signal: 0,
      timeout: 0,
      queueTimeout: 0,
      transfer: 0,
    };

    expect(firstColumn(options, 'Options of objects')).toEqual(
      Object.keys(all satisfies Record<keyof objects.StartOptions | keyof objects.ThreadedClassOptions, number>),
    );
  });

  test('list exactly the options of flows', () => {
    const handling = {
      sinks: 0,
      pipe: 0,
      concurrency: 0,
      onError: 0,
      deadLetter: 0,
      maxDeliver: 0,
      maxSize: 0,
      name: 0,
    };

    expect(firstColumn(options, 'Options of flows')).toEqual(
      Object.keys(handling satisfies Record<keyof flow.HandleOptions, number>),
    );
  });

  test('list exactly the options of topics', () => {
    const topic = {
      transport: 0,
      codec: 0,
      keyCodec: 0,
      group: 0,
      start: 0,
      maxSize: 0,
      maxDeliver: 0,
      deadLetter: 0,
      retryDelay: 0,
      commitInterval: 0,
      timeout: 0,
      dry: 0,
    };

    expect(firstColumn(options, 'Options of topics')).toEqual(
      Object.keys(topic satisfies Record<keyof topics.TopicOptions<unknown>, number>),
    );
  });

  test('list exactly the options of a fleet', () => {
    const of = {
      servers: 0,
      connection: 0,
      prefix: 0,
      name: 0,
      queueTimeout: 0,
      nodeTimeout: 0,
      connectTimeout: 0,
      idleTimeout: 0,
      stream: 0,
    };
    expect(firstColumn(options, 'Options of a fleet')).toEqual(
      Object.keys(of satisfies Record<keyof FleetOptions, number>),
    );
  });

  test('list exactly the options of a cache', () => {
    const opening = { driver: 0, ttl: 0, maxEntries: 0, maxBytes: 0, overflow: 0 };
    expect(firstColumn(options, 'Options of a cache')).toEqual(
      Object.keys(opening satisfies Record<keyof cache.CacheOptions, number>),
    );

    const set = { ttl: 0 } satisfies Record<keyof cache.SetOptions, number>;
    const range = { prefix: 0, gte: 0, gt: 0, lte: 0, lt: 0, reverse: 0, limit: 0 } satisfies Record<
      keyof cache.RangeOptions,
      number
    >;
    const updates = { maxSize: 0, overflow: 0, signal: 0 } satisfies Record<keyof cache.UpdatesOptions, number>;
    const wait = { timeout: 0, signal: 0 } satisfies Record<keyof offloop.WaitOptions, number>;
    expect(tableRows(options, 'Options of the methods of a cache').map(([, name]) => bare(name))).toEqual(
      [set, range, updates, wait].flatMap((it) => Object.keys(it)),
    );
  });

  test('list exactly the options of sources', () => {
    const http = {
      format: 0,
      parse: 0,
      headers: 0,
      request: 0,
      fetch: 0,
      idleTimeout: 0,
      retry: 0,
      isPing: 0,
      lastEventId: 0,
      maxLength: 0,
      signal: 0,
    } satisfies Record<keyof sources.HttpEventsOptions, number>;
    const retry = { attempts: 0, delay: 0, maxDelay: 0 } satisfies Record<keyof sources.RetryOptions, number>;
    const named = firstColumn(options, 'Options of sources');

    expect(named.filter((name) => !name.includes('.'))).toEqual(Object.keys(http));
    expect(named.filter((name) => name.includes('.'))).toEqual(Object.keys(retry).map((name) => `retry.${name}`));
  });

  test('list exactly the options of WebSockets, event streams and accounts', () => {
    const socket = { parse: 0, protocols: 0, connection: 0 } satisfies Record<
      Exclude<
        keyof sources.WebSocketEventsOptions,
        'headers' | 'idleTimeout' | 'retry' | 'isPing' | 'maxLength' | 'signal'
      >,
      number
    >;
    const stream = {
      auth: 0,
      deviceIds: 0,
      labelFilters: 0,
      deviceTypes: 0,
      eventTypes: 0,
      pingInterval: 0,
      pingJitter: 0,
      baseUrl: 0,
    } satisfies Record<Exclude<keyof sources.EventStreamOptions, keyof sources.HttpEventsOptions>, number>;
    const account = { keyId: 0, secret: 0, email: 0, tokenEndpoint: 0, fetch: 0, request: 0 } satisfies Record<
      keyof (sources.ServiceAccountCredentials & sources.ServiceAccountOptions),
      number
    >;
    const rows = tableRows(options, 'Options of WebSockets, event streams and accounts');

    expect(rows.map(([, name]) => bare(name))).toEqual(Object.keys({ ...socket, ...stream, ...account }));
  });

  test('list exactly the options of live pages', () => {
    const every = { heartbeat: 0, maxSize: 0, overflow: 0, headers: 0, signal: 0 } satisfies Record<
      keyof sse.ClientOptions,
      number
    >;
    const frame = { data: 0, event: 0, id: 0, retry: 0 } satisfies Record<keyof sse.FrameOptions<unknown>, number>;
    const other = { request: 0, replay: 0 } satisfies Record<
      Exclude<keyof (sse.SseOptions<unknown> & sse.BroadcastOptions<unknown>), keyof (typeof every & typeof frame)>,
      number
    >;

    expect(firstColumn(options, 'Options of live pages')).toEqual(Object.keys({ ...every, ...frame, ...other }));
  });

  test('list exactly the options of byte streams', () => {
    const making = { mode: 0, flags: 0, window: 0 } satisfies Record<keyof objects.ByteStreamOptions, number>;
    const connecting = { readahead: 0, mostReadahead: 0, endOfStream: 0 } satisfies Record<
      Exclude<keyof objects.ConnectOptions, 'signal' | 'timeout'>,
      number
    >;
    const seeking = { from: 0 } satisfies Record<Exclude<keyof objects.SeekOptions, 'signal' | 'timeout'>, number>;
    const chunks = { size: 0, close: 0 } satisfies Record<keyof objects.ChunksOptions, number>;

    expect(tableRows(options, 'Options of byte streams').map(([, name]) => bare(name))).toEqual(
      [making, connecting, seeking, chunks].flatMap((it) => Object.keys(it)),
    );
  });

  test('name everything that the package exports', () => {
    const everything = pages.map(({ text }) => text).join('\n');
    const exported = { ...offloop, ...streams, ...flow, ...topics, ...natsTopics, ...kafkaTopics };
    const more = { ...cache, ...sources, ...sse, ...objects };
    const missing = Object.keys({ ...exported, ...more }).filter(
      (name) => !new RegExp(`\\b${name}\\b`).test(everything),
    );

    expect(missing).toEqual([]);
  });

  test('have no link that leads nowhere', () => {
    const links = [...pages, pageAt('CHANGELOG.md')].flatMap(linksOf);

    expect(links.length).toBeGreaterThan(pages.length);
    expect(links.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });

  test('have no page that is linked neither in README.md nor in docs/README.md', () => {
    const linked = ['README.md', 'docs/README.md'].flatMap((page) => linksOf(pageAt(page)).map(goal));

    expect(pages.map(({ page }) => page).filter((page) => !linked.includes(page))).toEqual([]);
  });

  test('begin with a README of at most 300 lines', () => {
    expect(pageAt('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(300);
  });
});

/** The file in the package that a link leads to. */
function goal({ page, target }: Link): string {
  const [path = ''] = target.split('#');
  return path === '' ? page : join(dirname(page), path);
}

function leadsSomewhere(link: Link): boolean {
  const file = goal(link);
  const [, anchor] = link.target.split('#');
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchors(pageAt(file)).includes(anchor);
}

/** Whether a text block is what the program or the command before it prints. */
function isOutput(block: Block): boolean {
  const before = blockBefore(block);
  return before !== undefined && (before.language === 'sh' || before.prints === block.code);
}

/** Whether a text block stands where there is nothing that could print it. */
function isDrawing(block: Block): boolean {
  return blocks.filter(inSectionOf(block)).every(({ language, file }) => language === 'text' && file === undefined);
}

function programs(): Block[] {
  return blocks.filter(({ file, prints }) => file !== undefined && prints !== undefined);
}

/** The first TypeScript block of each section that has some. */
function typedSections(): Block[] {
  const typed = blocks.filter(({ file }) => file?.endsWith('.ts'));
  return typed.filter((block) => typed.find(inSectionOf(block)) === block);
}

/** A folder with the files that a section shows up to `line`; inside the package, which finds itself by its name. */
function sectionFolder(block: Block, line: number): string {
  const folder = mkdtempSync(join(temporary, 'section-'));
  for (const other of blocks.filter(inSectionOf(block))) {
    if (other.line <= line && other.file !== undefined) writeFileSync(join(folder, other.file), other.code);
  }
  return folder;
}

const firstColumn = (page: string, heading: string): string[] => tableRows(page, heading).map(([cell]) => bare(cell));
const bare = (cell = ''): string => cell.replaceAll('`', '');

const tidy = (text: string): string => stripVTControlCharacters(text).trim().replaceAll(/ +$/gm, '');
