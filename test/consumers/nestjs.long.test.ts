/** NestJS, as its command line makes a project: `experimentalDecorators`, CommonJS, providers of its containers. @module */

import { expect, test } from 'vitest';
import { command, installed } from './installed.ts';
import { freePort, serverOf } from './server.ts';

const packages = [
  '@nestjs/common@11.2.10',
  '@nestjs/core@11.2.10',
  '@nestjs/platform-express@11.2.10',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
  'typescript@5.9.3',
  '@types/node@20.19.43',
];

const files = {
  'package.json': '{ "private": true }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'commonjs',
      target: 'es2022',
      moduleResolution: 'node10',
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
      strict: true,
      types: ['node'],
      outDir: 'dist',
    },
    include: ['src'],
  }),
  'src/primes.ts': `import { threadId } from 'node:worker_threads';
    import { Injectable } from '@nestjs/common';
    import { ContextVar, sendable, threaded } from 'offloop';

    export const requestId = new ContextVar<string>('request_id');
    export class TooLarge extends Error {}

    @Injectable()
    @sendable
    export class Limits {
      readonly largest = 1000;
    }

    @Injectable()
    @sendable
    export class Primes {
      constructor(private readonly limits: Limits) {}

      @threaded
      async count(limit: number): Promise<[count: number, inThread: boolean, id: string | undefined]> {
        if (limit > this.limits.largest) throw new TooLarge('too large');
        const found: number[] = [];
        for (let n = 2; n < limit; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);
        return [found.length, threadId !== 0, requestId.get()];
      }

      @threaded({ timeout: 60_000 })
      static async double(n: number): Promise<number> {
        return n * 2;
      }
    }`,
  'src/main.ts': `import 'reflect-metadata';
    import { Controller, Get, Module, Param } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    import { Limits, Primes, requestId, TooLarge } from './primes';

    @Controller()
    class App {
      constructor(private readonly primes: Primes) {}

      @Get('primes/:limit')
      async count(@Param('limit') limit: string): Promise<unknown> {
        return requestId.run('request ' + limit, async () => {
          try {
            return [...(await this.primes.count(Number(limit))), await Primes.double(21)];
          } catch (error) {
            return [error instanceof TooLarge, error instanceof Error];
          }
        });
      }
    }

    @Module({ controllers: [App], providers: [Primes, Limits] })
    class AppModule {}

    async function start(): Promise<void> {
      const app = await NestFactory.create(AppModule, { logger: false });
      app.enableShutdownHooks();
      await app.listen(Number(process.env.PORT), '127.0.0.1');
    }
    void start();`,
};

test(
  'methods of providers of NestJS run in threads, with what was injected',
  { timeout: 300_000 },
  async ({ skip }) => {
    const folder = await installed(files, packages, skip);

    expect(await command(folder, ['npx', 'tsc', '-p', '.'])).toEqual({ code: 0, output: '' });
    const port = await freePort();
    const server = serverOf(folder, ['node', 'dist/main.js'], port, { PORT: port });

    expect(await server.ask('/primes/100')).toEqual([25, true, 'request 100', 42]);
    expect(await server.ask('/primes/1001')).toEqual([true, true]);
    expect(await server.end()).toBe('');
  },
);
