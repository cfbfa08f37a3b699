/** Everything that a link can stand on, for tests: each makes two connected links. @module */

import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createRequire } from 'node:module';
import { createServer, connect as connectSocket } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { MessageChannel } from 'node:worker_threads';
import { link, linkPair } from '../../../src/objects/index.ts';
import type { Link, LinkEndpoint, LinkOptions } from '../../../src/objects/index.ts';
import { root } from '../../support/run.ts';

interface WsServer {
  address(): AddressInfo;
  on(name: string, listener: (socket: LinkEndpoint & WsSocket) => void): unknown;
  close(): void;
}

export interface WsSocket {
  terminate(): void;
  addEventListener(name: string, listener: () => void): void;
  once(name: string, listener: () => void): void;
  send(data: unknown): void;
  close(): void;
}

const ws = createRequire(import.meta.url)('ws') as {
  WebSocketServer: new (options: object) => WsServer;
  WebSocket: new (url: string) => LinkEndpoint & WsSocket;
};
export const { WebSocketServer, WebSocket } = ws;

/** Whatever a test exposes. */
export type AnyMembers = Record<string, (...args: never[]) => never>;

/** Two links that are connected. `cut` breaks the connection without a farewell. */
export interface Linked {
  readonly left: Link<AnyMembers>;
  readonly right: Link<AnyMembers>;
  cut(): void;
  /** Frees what stands under the links. */
  free(): void;
}

export type Connect = (a: object, b: object, options?: LinkOptions) => Promise<Linked>;

/** A WebSocket with the members of the standard only. */
function standard(socket: object): LinkEndpoint {
  const names = new Set([
    'addEventListener',
    'removeEventListener',
    'send',
    'close',
    'readyState',
    'bufferedAmount',
    'binaryType',
  ]);
  return new Proxy(socket, {
    get(target, name) {
      if (!names.has(String(name))) return undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  }) as LinkEndpoint;
}

type MakeClient = (url: string) => LinkEndpoint;

const overWebSocket =
  (
    dress: (socket: LinkEndpoint & WsSocket) => LinkEndpoint,
    make: MakeClient = (url) => dress(new WebSocket(url)),
  ): Connect =>
  async (a, b, options) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const accepted = new Promise<LinkEndpoint & WsSocket>((resolve) => server.on('connection', resolve));
    await new Promise<void>((resolve) => server.on('listening', () => resolve()));
    const client = make(`ws://127.0.0.1:${server.address().port}`);
    const left = link<AnyMembers>(client, a, options);
    const socket = await accepted;
    const right = link<AnyMembers>(dress(socket), b, options);
    return {
      left,
      right,
      cut: () => socket.terminate(),
      free: () => {
        socket.terminate();
        server.close();
      },
    };
  };

const overSocket: Connect = async (a, b, options) => {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connectSocket((server.address() as AddressInfo).port, '127.0.0.1');
  const socket = await accepted;
  return {
    left: link<AnyMembers>(client, a, options),
    right: link<AnyMembers>(socket, b, options),
    cut: () => socket.destroy(),
    free: () => {
      client.destroy();
      server.close();
    },
  };
};

const tls = (name: string): Buffer => readFileSync(join(root, 'test/fixtures/tls', name));

const overTls: Connect = async (a, b, options) => {
  const server = createTlsServer({ key: tls('key.pem'), cert: tls('cert.pem') });
  const accepted = new Promise<Socket>((resolve) => server.once('secureConnection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: tls('cert.pem') });
  const left = link<AnyMembers>(client, a, options);
  const socket = await accepted;
  return {
    left,
    right: link<AnyMembers>(socket, b, options),
    cut: () => socket.destroy(),
    free: () => {
      client.destroy();
      server.close();
    },
  };
};

/** A stream of HTTP/2, as any other duplex stream. */
const overHttp2: Connect = async (a, b, options) => {
  const server = createHttp2Server();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = session.request({ ':method': 'POST' });
  const left = link<AnyMembers>(client, a, options);
  const [stream] = (await once(server, 'stream')) as [Duplex & { respond(): void }];
  stream.respond();
  return {
    left,
    right: link<AnyMembers>(stream, b, options),
    cut: () => stream.destroy(),
    free: () => {
      session.destroy();
      server.close();
    },
  };
};

const overStreams: Connect = async (a, b, options) => {
  const [one, other] = duplexPair();
  return {
    left: link<AnyMembers>(one, a, options),
    right: link<AnyMembers>(other, b, options),
    cut: () => {
      one.destroy();
      other.destroy();
    },
    free: () => undefined,
  };
};

/** Two ends of a channel between processes, which carries JSON. */
export class FakeProcess extends EventEmitter {
  connected = true;
  other: FakeProcess | undefined;

  send(message: unknown, sent: (error: Error | null) => void): boolean {
    const text = JSON.stringify(message);
    setImmediate(() => {
      if (this.other?.connected) this.other.emit('message', JSON.parse(text));
      sent(null);
    });
    return true;
  }

  disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    setImmediate(() => {
      this.emit('disconnect');
      this.other?.disconnect();
    });
  }
}

const overIpc: Connect = async (a, b, options) => {
  const [one, other] = [new FakeProcess(), new FakeProcess()];
  [one.other, other.other] = [other, one];
  return {
    left: link<AnyMembers>(one, a, options),
    right: link<AnyMembers>(other, b, options),
    cut: () => other.disconnect(),
    free: () => undefined,
  };
};

/** A port with the members of the web's only. */
const ofWeb = (port: object): LinkEndpoint => {
  const names = new Set(['addEventListener', 'removeEventListener', 'postMessage', 'start', 'close']);
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = names.has(String(name)) ? Reflect.get(target, name) : undefined;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  }) as LinkEndpoint;
};

const overPort =
  (dress: (port: object) => LinkEndpoint): Connect =>
  async (a, b, options) => {
    const { port1, port2 } = new MessageChannel();
    return {
      left: link<AnyMembers>(dress(port1), a, options),
      right: link<AnyMembers>(dress(port2), b, options),
      cut: () => port2.close(),
      free: () => port1.close(),
    };
  };

/** The WebSocket that Node.js has from version 22 on. */
const ownWebSocket = (globalThis as { WebSocket?: new (url: string) => LinkEndpoint }).WebSocket;
const overOwn: [string, Connect][] = ownWebSocket
  ? [
      [
        'the WebSocket of Node.js',
        overWebSocket(
          (socket) => socket,
          (url) => new ownWebSocket(url),
        ),
      ],
    ]
  : [];

/** A port of Electron's main process, as its documentation has it: an emitter of events that holds them until `start()`. */
export class PortMain extends EventEmitter {
  other: PortMain | undefined;
  #held: object[] | undefined = [];
  #isClosed = false;

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    for (const [index, port] of transfer.entries())
      if (!(port instanceof PortMain)) throw new TypeError(`Port at index ${index} is not a valid port`);
    if (!this.#isClosed) this.other?.deliver({ data: structuredClone(message), ports: transfer });
  }

  deliver(event: object): void {
    if (this.#held) this.#held.push(event);
    else setImmediate(() => void (this.#isClosed || this.emit('message', event)));
  }

  start(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.deliver(event);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    setImmediate(() => this.emit('close'));
    setImmediate(() => this.other?.close());
  }

  static pair(): [PortMain, PortMain] {
    const [one, other] = [new PortMain(), new PortMain()];
    [one.other, other.other] = [other, one];
    return [one, other];
  }
}

const overPortMain: Connect = async (a, b, options) => {
  const [one, other] = PortMain.pair();
  return {
    left: link<AnyMembers>(one, a, options),
    right: link<AnyMembers>(other, b, options),
    cut: () => other.close(),
    free: () => undefined,
  };
};

/** All of them, by name. */
export const transports: readonly (readonly [name: string, connect: Connect])[] = [
  ...overOwn,
  ['a port', overPort((port) => port as LinkEndpoint)],
  ['a port of the web', overPort(ofWeb)],
  ['a port of Electron', overPortMain],
  ['a WebSocket', overWebSocket((socket) => socket)],
  ['a WebSocket of the standard', overWebSocket(standard)],
  ['a socket', overSocket],
  ['a TLS socket', overTls],
  ['a stream of HTTP/2', overHttp2],
  ['a pair of streams', overStreams],
  ['a channel between processes', overIpc],
];

/** The two links within a thread, which cannot be cut. */
export const pair: Connect = async (a, b, options) => {
  const [left, right] = linkPair(a, b, options as Omit<LinkOptions, 'reconnect'>);
  return {
    left: left as Link<AnyMembers>,
    right: right as Link<AnyMembers>,
    cut: () => undefined,
    free: () => undefined,
  };
};
