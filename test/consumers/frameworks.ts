/** Projects of frameworks, as their documents make them, with the one line that this package needs. @module */

import { app } from './app.ts';

export interface Framework {
  readonly packages: readonly string[];
  readonly files: Readonly<Record<string, string>>;

  /** The file with the functions, which is edited while the server runs. */
  readonly jobs: string;

  /** The paths that give the answer. */
  readonly paths: readonly string[];

  /** The commands, and the variables of their environment, at the port that is given. */
  readonly dev: (port: string) => readonly string[];
  readonly build: readonly string[];
  readonly start: readonly string[];

  /** Whether the build shortens the names of classes. */
  readonly isMinified?: boolean;
}

/** The modules of the program in the folder `folder`. */
const modules = (folder: string, jobs = app['jobs.js']): Record<string, string> => ({
  [`${folder}/shared.js`]: app['shared.js'],
  [`${folder}/jobs.js`]: jobs,
  [`${folder}/check.js`]: app['check.js'],
});

const packageJson = '{ "private": true, "type": "module" }';

/** What a handler answers. */
const answering = 'check().catch((error) => [error.code, error.message])';

export const frameworks = {
  Vite: {
    packages: ['vite@8.4.0', 'vite-node@6.0.0'],
    files: {
      'package.json': packageJson,
      // An alias and a virtual module, which only the server can resolve.
      ...modules(
        'src',
        `import { one } from 'virtual:one';\n${app['jobs.js'].replace('./shared.js', '@/shared.js').replace('n * factor', 'n * factor * one')}`,
      ),
      'src/main.js': app['main.js'],
      'vite.config.js': `import { fileURLToPath } from 'node:url';
        import { offloop } from 'offloop/vite';
        const virtual = {
          name: 'virtual',
          resolveId: (id) => (id === 'virtual:one' ? '\\0virtual:one' : undefined),
          load: (id) => (id === '\\0virtual:one' ? 'export const one = 1' : undefined),
        };
        export default {
          appType: 'custom',
          resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
          plugins: [offloop(), virtual],
        };`,
      'server.js': `import { createServer } from 'node:http';
        const isBuilt = process.argv[3] === 'built';
        let load = () => import('./dist/check.js');
        let middlewares = (request, response, next) => next();
        if (!isBuilt) {
          const vite = await (await import('vite')).createServer({ server: { middlewareMode: true, ws: false } });
          load = () => vite.ssrLoadModule('/src/check.js');
          middlewares = vite.middlewares;
        }
        createServer((request, response) => {
          middlewares(request, response, async () => {
            const { check } = await load();
            response.end(JSON.stringify(await ${answering}));
          });
        }).listen(Number(process.argv[2]), '127.0.0.1');
        process.once('SIGTERM', () => process.exit());`,
    },
    jobs: 'src/jobs.js',
    paths: ['/check'],
    dev: (port) => ['node', 'server.js', port],
    build: ['npx', 'vite', 'build', '--ssr', 'src/check.js'],
    start: ['node', 'server.js', 'PORT', 'built'],
  },
  SvelteKit: {
    packages: [
      'vite@7.3.8',
      '@sveltejs/kit@2.70.4',
      '@sveltejs/vite-plugin-svelte@6.2.3',
      '@sveltejs/adapter-node@5.5.7',
      'svelte@5.57.3',
    ],
    files: {
      'package.json': packageJson,
      ...modules('src/lib', app['jobs.js'].replace('./shared.js', '$lib/shared.js')),
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node';
        export default { kit: { adapter: adapter() } };`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';
        import { offloop } from 'offloop/vite';
        export default { plugins: [sveltekit(), offloop()] };`,
      'src/app.html': '<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
      'src/routes/check/+server.js': `import { json } from '@sveltejs/kit';
        import { check } from '$lib/check.js';
        export const GET = async () => json(await ${answering});`,
    },
    jobs: 'src/lib/jobs.js',
    paths: ['/check'],
    dev: (port) => ['npx', 'vite', 'dev', '--host', '127.0.0.1', '--port', port],
    build: ['npx', 'vite', 'build'],
    start: ['node', 'build'],
  },
  'Next.js': {
    packages: ['next@16.4.6', 'react@19.2.9', 'react-dom@19.2.9'],
    files: {
      'package.json': '{ "private": true }',
      ...modules('lib'),
      'next.config.mjs': `export default {
        serverExternalPackages: ['offloop'],
        output: 'standalone',
        turbopack: { root: import.meta.dirname },
        outputFileTracingRoot: import.meta.dirname,
      };`,
      'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
      'app/page.js': 'export default () => <p>A page</p>;',
      'app/check/route.js': `import { check } from '../../lib/check.js';
        export const dynamic = 'force-dynamic';
        export const GET = async () => Response.json(await ${answering});`,
    },
    jobs: 'lib/jobs.js',
    paths: ['/check'],
    dev: (port) => ['npx', 'next', 'dev', '--hostname', '127.0.0.1', '--port', port],
    build: ['npx', 'next', 'build'],
    start: ['node', '.next/standalone/server.js'],
    isMinified: true,
  },
  Astro: {
    packages: ['astro@7.3.5', '@astrojs/node@11.1.6'],
    files: {
      'package.json': packageJson,
      ...modules('src/lib'),
      'astro.config.mjs': `import node from '@astrojs/node';
        import { offloop } from 'offloop/vite';
        export default { output: 'server', adapter: node({ mode: 'standalone' }), vite: { plugins: [offloop()] } };`,
      'src/pages/check.js': `import { check } from '../lib/check.js';
        export const GET = async () => Response.json(await ${answering});`,
    },
    jobs: 'src/lib/jobs.js',
    paths: ['/check'],
    dev: (port) => ['npx', 'astro', 'dev', '--host', '127.0.0.1', '--port', port],
    build: ['npx', 'astro', 'build'],
    start: ['node', 'dist/server/entry.mjs'],
  },
  Nuxt: {
    packages: ['nuxt@4.5.2'],
    files: {
      'package.json': packageJson,
      ...modules('server/lib'),
      'nuxt.config.ts': `import { offloop } from 'offloop/vite';
        export default defineNuxtConfig({
          vite: { plugins: [offloop()] },
          telemetry: false,
          devtools: { enabled: false },
          compatibilityDate: '2026-01-01',
        });`,
      'server/routes/check.js': `import { check } from '../lib/check.js';
        export default defineEventHandler(() => ${answering});`,
      // What a page renders is asked for as data, by the server of Vite and not of Nitro.
      'app.vue': `<script setup>
        const { data } = await useAsyncData('answer', async () => {
          if (import.meta.client) return undefined;
          const { check } = await import('./server/lib/check.js');
          return ${answering};
        });
        const event = useRequestEvent();
        if (event && event.path.startsWith('/page')) {
          event.node.res.setHeader('content-type', 'application/json');
          event.node.res.end(JSON.stringify(data.value));
        }
        </script><template><p>A page</p></template>`,
    },
    jobs: 'server/lib/jobs.js',
    paths: ['/check', '/page'],
    dev: (port) => ['npx', 'nuxt', 'dev', '--host', '127.0.0.1', '--port', port],
    build: ['npx', 'nuxt', 'build'],
    start: ['node', '.output/server/index.mjs'],
  },
} satisfies Readonly<Record<string, Framework>>;
