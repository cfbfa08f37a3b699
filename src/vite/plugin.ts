/** The plugin for Vite, and for the frameworks that stand on it. @module */

import { serve } from './serve.ts';
import type { DevServer } from './serve.ts';

/** What {@link offloop} gives to Vite; the part of Vite's type `Plugin` that it has. */
export interface OffloopPlugin {
  readonly name: 'offloop';

  /** Keeps the package out of what Vite transforms and bundles for a server. */
  config(): { ssr: { external: string[] } };

  /** Lets threads ask the development server for modules. */
  configureServer(server: DevServer): void;
}

/**
 * A plugin for Vite 6 and later, which lets functions run in threads where a development server runs the modules: Vite
 * itself, SvelteKit, Nuxt, Astro and others that stand on it. Threads get each module from the server, so aliases, virtual
 * modules and other plugins mean what they mean to the program; after an edit the next call runs the new text. In builds
 * it only keeps the package out of the bundle of the server.
 *
 * @example
 * ```ts
 * // vite.config.ts
 * import { offloop } from 'offloop/vite';
 *
 * export default { plugins: [offloop()] };
 * ```
 */
export function offloop(): OffloopPlugin {
  return {
    name: 'offloop',
    config: () => ({ ssr: { external: ['offloop'] } }),
    configureServer: (server) => serve(server),
  };
}
