import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { threaded } from 'offloop';

const wordCount = threaded((text: string): number => text.split(/\s+/).filter(Boolean).length);

class WordServer {
  readonly #server: Server;
  #requests = 0;

  constructor() {
    this.#server = createServer((req, res) => void this.#handle(req, res));
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    this.#requests += 1;
    const text = decodeURIComponent(req.url!.slice(1));
    res.end(`${this.#requests}: ${await wordCount(text)}`);
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const server = new WordServer();
const port = await server.listen();
for (const text of ['one two', 'three']) {
  console.log(await (await fetch(`http://localhost:${port}/${encodeURIComponent(text)}`)).text());
}
server.close();

//! works
//> 1: 2
//> 2: 1
//* listen
