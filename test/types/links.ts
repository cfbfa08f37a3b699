/** The types of what is used over a link. Nothing here runs. @module */

import { link, linkPair } from 'offloop/objects';
import type { ByteStreamer, EntityStream, Peer } from 'offloop/objects';
import { same } from './equal.ts';

class Account {
  add(n: number): number {
    return n;
  }
}

class Bank {
  readonly name: string = 'bank';
  get size(): number {
    return 1;
  }
  open(name: string): Account {
    return name ? new Account() : new Account();
  }
  async later(): Promise<string> {
    return '';
  }
  watch(listener: (n: number) => void): () => boolean {
    listener(1);
    return () => true;
  }
  *all(): Generator<string> {
    yield '';
  }
  stream(): EntityStream<number> {
    throw new Error('type only');
  }
  file(): ByteStreamer {
    throw new Error('type only');
  }
}

declare const peer: Peer<Bank, typeof Account>;
declare const socket: WebSocketLike;

interface WebSocketLike {
  readonly readyState: number;
  send(data: string | Uint8Array): void;
  close(): void;
}

same<typeof peer.name, Promise<string>>();
same<typeof peer.size, Promise<number>>();
same<Awaited<ReturnType<typeof peer.open>>, Peer<Account, typeof Account>>();
same<typeof peer.later, () => Promise<string>>();
same<Awaited<ReturnType<typeof peer.all>>, EntityStream<string>>();
same<Awaited<ReturnType<typeof peer.stream>>, EntityStream<number>>();
same<Awaited<ReturnType<typeof peer.file>>, ByteStreamer>();
same<ReturnType<Awaited<ReturnType<typeof peer.watch>>>, Promise<boolean>>();

export async function uses(): Promise<void> {
  const ours = link<Bank, typeof Account>(socket, {}, { reconnect: { attempts: 3 } });
  await (await ours.peer.open('a')).add(1);
  await ours.peer.with({ timeout: 5 }).later();
  // @ts-expect-error There is no such member.
  await ours.peer.missing();
  // @ts-expect-error Nothing is assigned over a link.
  ours.peer.name = 'other';
  const [left, right] = linkPair({ one: () => 1 }, new Bank());
  const one: number = await right.peer.one();
  await left.peer.open(String(one));
  // @ts-expect-error It is no endpoint.
  link({});
}
