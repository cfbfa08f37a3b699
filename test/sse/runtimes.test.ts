/**
 * Pages of events in frameworks and runtimes that are installed for that: only with `OFFLOOP_TESTS=full`. @module
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isFull } from '../support/full.ts';
import { root } from '../support/run.ts';
import { dataOf } from '../support/sse-source.ts';

const execute = promisify(execFile);

const { platform, arch } = process;
const cpu = arch === 'arm64' ? 'aarch64' : arch;
const runs = isFull && platform === 'linux' && ['x64', 'arm64'].includes(arch);
if (!runs)
  console.log(
    'Left out: live pages in h3, srvx, NestJS, Next.js, Bun and Deno: OFFLOOP_TESTS=full installs them on Linux',
  );

/** Three numbers, and then nothing until the client has left. */
const numbers = `
export const counts = (globalThis.counts ??= { opened: 0, closed: 0 });

export async function* numbers({ lastEventId, signal }) {
  counts.opened += 1;
  try {
    const from = Number(lastEventId ?? 0);
    for (let n = from + 1; n <= from + 3; n += 1) yield n;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  } finally {
    counts.closed += 1;
  }
}
`;

const handler = `
import { sseResponse } from 'offloop/sse';
import { counts, numbers } from './numbers.js';

const handle = (request) =>
  new URL(request.url).pathname === '/events'
    ? sseResponse(numbers, { request, id: (n) => n })
    : Response.json(counts);
`;

const nest = `
import 'reflect-metadata';
import { Controller, Get, Module, Req, Res, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pipeSse } from 'offloop/sse';
import { Observable } from 'rxjs';
import { counts, numbers } from './numbers.js';

class App {
  counts() {
    return counts;
  }
  events(response) {
    return pipeSse(numbers, response, { id: (n) => n });
  }
  observed(request) {
    return new Observable((subscriber) => {
      const leaving = new AbortController();
      const send = async () => {
        const client = { lastEventId: request.headers['last-event-id'], signal: leaving.signal };
        for await (const n of numbers(client)) subscriber.next({ id: String(n), data: n });
      };
      send().catch((error) => subscriber.error(error));
      return () => leaving.abort();
    });
  }
}
// As the compiler of TypeScript would write them.
for (const [name, decorator] of Object.entries({ counts: Get('counts'), events: Get('events'), observed: Sse('observed') }))
  decorator(App.prototype, name, Object.getOwnPropertyDescriptor(App.prototype, name));
Res()(App.prototype, 'events', 0);
Req()(App.prototype, 'observed', 0);
Controller()(App);
class Root {}
Module({ controllers: [App] })(Root);
await (await NestFactory.create(Root, { logger: ['error'] })).listen(Number(process.argv[2]), '127.0.0.1');
`;

const files = {
  'numbers.js': numbers,
  'nest.js': nest,
  'srvx.js': `${handler}
    import { serve } from 'srvx';
    serve({ port: Number(process.argv[2]), hostname: '127.0.0.1', fetch: handle });`,
  'h3.js': `
    import { H3, serve } from 'h3';
    import { sseResponse } from 'offloop/sse';
    import { counts, numbers } from './numbers.js';
    const app = new H3();
    app.get('/events', ({ req }) => sseResponse(numbers, { request: req, id: (n) => n }));
    app.get('/counts', () => counts);
    serve(app, { port: Number(process.argv[2]), hostname: '127.0.0.1' });`,
  'bun.js': `${handler}Bun.serve({ port: Number(process.argv[2]), hostname: '127.0.0.1', fetch: handle });`,
  'deno.js': `${handler}Deno.serve({ port: Number(Deno.args[0]), hostname: '127.0.0.1' }, handle);`,
  'next.config.js': `export default { serverExternalPackages: ['offloop'], turbopack: { root: import.meta.dirname } };`,
  'app/layout.js': 'export default function Layout({ children }) { return children; }',
  'app/counts/route.js': `
    import { counts } from '../../numbers.js';
    export const dynamic = 'force-dynamic';
    export const GET = () => Response.json(counts);`,
  'app/events/route.js': `
    import { sseResponse } from 'offloop/sse';
    import { numbers } from '../../numbers.js';
    export const dynamic = 'force-dynamic';
    export const GET = (request) => sseResponse(numbers, { request, id: (n) => n });`,
};

const libc = 'glibc';

/** The command of each, after the folder of packages, for a port. */
const commands: Readonly<Record<string, (port: string) => readonly [string, ...string[]]>> = {
  h3: (port) => [process.execPath, 'h3.js', port],
  srvx: (port) => [process.execPath, 'srvx.js', port],
  NestJS: (port) => [process.execPath, 'nest.js', port],
  'Next.js': (port) => [process.execPath, 'node_modules/next/dist/bin/next', 'dev', '-H', '127.0.0.1', '-p', port],
  Bun: (port) => [`node_modules/@oven/bun-${platform}-${cpu}/bin/bun`, 'bun.js', port],
  Deno: (port) => [`node_modules/@deno/${platform}-${arch}-${libc}/deno`, 'run', '-A', 'deno.js', port],
};

describe.runIf(runs)('a Response of events', () => {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-runtimes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    for (const [name, text] of Object.entries({ 'package.json': '{"private":true,"type":"module"}', ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await execute('npm', packing, { cwd: root });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    // Without what these packages install for pictures and other systems.
    const flags = ['--no-audit', '--no-fund', '--omit=optional', '--legacy-peer-deps', '--ignore-scripts'];
    const packages = ['next@16', 'react@19', 'react-dom@19', `@next/swc-${platform}-${arch}-gnu@16`];
    const nest = ['core', 'common', 'platform-express'].map((name) => `@nestjs/${name}@12`);
    const frameworks = ['h3@2', 'srvx@1', ...nest, 'rxjs@7', 'reflect-metadata@0.2'];
    const others = [`@oven/bun-${platform}-${cpu}@1`, `@deno/${platform}-${arch}-${libc}@2`, `./${filename}`];
    await execute('npm', ['install', ...flags, ...packages, ...frameworks, ...others], { cwd: folder });
  }, 480_000);

  test.each(Object.keys(commands))(
    'goes out as it comes, and is closed with its client, in %s',
    async (name) => {
      const port = String(await freePort());
      const [program, ...args] = commands[name]?.(port) ?? [''];
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_OPTIONS: '', NODE_ENV: 'development' };
      // In a group of its own: Next.js starts other processes.
      const child = spawn(resolve(folder, program), args, {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
      const exit = once(child, 'exit');
      const at = (path: string): string => `http://127.0.0.1:${port}/${path}`;
      try {
        const counts = async (): Promise<unknown> => (await fetch(at('counts'))).json();
        await vi
          .waitFor(async () => expect(await counts()).toEqual({ opened: 0, closed: 0 }), { timeout: 60_000 })
          .catch((cause: unknown) => {
            throw new Error(output, { cause });
          });
        // NestJS has a decorator of its own for observables.
        for (const [i, path] of (name === 'NestJS' ? ['events', 'observed'] : ['events']).entries()) {
          const controller = new AbortController();
          const headers = { 'last-event-id': '7' };
          const response = await fetch(at(path), { headers, signal: controller.signal });
          let text = '';
          for await (const chunk of response.body as ReadableStream<Uint8Array>)
            if ((text += new TextDecoder().decode(chunk)).includes('data: 10\n')) break;
          controller.abort();

          expect(dataOf(text)).toEqual(['8', '9', '10']);
          expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
          const all = { opened: i + 1, closed: i + 1 };
          await vi.waitFor(async () => expect(await counts()).toEqual(all), { timeout: 5000 });
        }
      } finally {
        process.kill(-Number(child.pid), 'SIGKILL');
        await exit;
      }
    },
    120_000,
  );
});

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
