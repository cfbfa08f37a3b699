/** A page with stock Comlink, in a real browser, as a peer. @module */

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { link } from '../../../src/objects/index.ts';
import { hasBrowser, openBrowser } from '../../support/browser.ts';
import { isFull } from '../../support/full.ts';
import { root } from '../../support/run.ts';
import { WebSocketServer } from './transports.ts';
import type { WsSocket } from './transports.ts';

/** A port whose other end is in the page: what is posted goes over a WebSocket, as JSON. */
class Bridge extends EventEmitter {
  readonly #socket: WsSocket;

  constructor(socket: WsSocket & { on(name: string, listener: (data: unknown) => void): void }) {
    super();
    this.#socket = socket;
    socket.on('message', (data) => this.emit('message', JSON.parse(String(data))));
    socket.on('close', () => this.emit('close'));
  }

  postMessage(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }
}

/** What runs in the page. */
const script = (port: number): string => `(async () => {
  const socket = new WebSocket('ws://127.0.0.1:${port}');
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const listeners = new Map();
  const endpoint = {
    postMessage: (message) => socket.send(JSON.stringify(message)),
    addEventListener(name, listener) {
      const own = ({ data }) => listener({ data: JSON.parse(data) });
      listeners.set(listener, own);
      socket.addEventListener(name, own);
    },
    removeEventListener: (name, listener) => socket.removeEventListener(name, listeners.get(listener)),
  };
  Comlink.expose({ title: () => document.title, double: (n) => n * 2 }, endpoint);
  const server = Comlink.wrap(endpoint);
  const refused = async (attack) => {
    try {
      return { got: String(await attack()) };
    } catch ({ code }) {
      return code;
    }
  };
  return [
    await server.add(1, 2),
    await server.askPage(),
    await refused(() => new server.constructor.constructor('return process.version')),
    await refused(() => server.constructor.constructor('return process.version')),
    await refused(() => server.__proto__.toString),
    await refused(() => server.missing()),
  ];
})()`;

test.runIf(isFull && hasBrowser())(
  'a page with stock Comlink is a peer, and reaches what is exposed only',
  async () => {
    const http = createServer((_, response) => response.end('<title>the page</title>')).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket) => {
      const ours = link<{ title(): string; double(n: number): number }>(new Bridge(socket as never), {
        add: (a: number, b: number) => a + b,
        askPage: async () => [await ours.peer.title(), await ours.peer.double(21)],
      });
    });
    await using browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.addScriptTag({ path: join(root, 'node_modules/comlink/dist/umd/comlink.js') });

    const refused = 'ERR_OFFLOOP_NOT_FOUND';
    expect(await page.evaluate(script(port))).toEqual([3, ['the page', 42], refused, refused, refused, refused]);
    await browser.close();
    server.close();
    http.close();
  },
);
