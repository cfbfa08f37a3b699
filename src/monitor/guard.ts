/** Tells requests that a monitor answers from those that it refuses. @module */

import { timingSafeEqual } from 'node:crypto';
import { URL } from 'node:url';

/** The address of a client, or what a server hands to its handlers that has it: a socket, Deno's `info`, Bun's `requestIP`. */
export type Peer =
  | string
  | { readonly remoteAddress?: string | undefined }
  | { readonly remoteAddr?: { readonly hostname?: string } }
  | { readonly address?: string }
  | null;

/** What is known of a request. */
export interface Asked {
  header(name: string): string | undefined;

  /** The address in the first line of the request, with its query. */
  readonly url: URL;
  readonly peer: Peer | undefined;
}

/** The status and the words for a request that is refused. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly text: string;
}

/**
 * Refuses what a page of another site asks for, and, without the right `token`, what comes from another machine.
 *
 * A request comes from this machine if its peer is a loopback address, no proxy says that it has passed it on, and it asks for a
 * name of this machine: a page whose own name was made to mean 127.0.0.1 asks for that name.
 */
export function refuse(asked: Asked, token: string | undefined): Refusal | undefined {
  if (isForeign(asked)) return { status: 403, text: 'Pages of other sites may not ask for this.\n' };
  if (token !== undefined) {
    if (isToken(tokenOf(asked), token)) return undefined;
    return { status: 401, text: 'This monitor has a token: add ?token=… or a header "Authorization: Bearer …".\n' };
  }
  if (isLocal(asked)) return undefined;
  return {
    status: 403,
    text:
      'This monitor has no token, so it answers to this machine only. Give monitor() a token; or hand the address of the ' +
      'client to the handler as its second argument, if you are on the machine.\n',
  };
}

function isForeign({ header, url }: Asked): boolean {
  const site = header('sec-fetch-site');
  // A link may lead here from anywhere.
  if (site === 'cross-site' || site === 'same-site') return header('sec-fetch-mode') !== 'navigate';
  const origin = header('origin');
  if (origin === undefined) return false;
  return hostOf(origin) !== (header('host') ?? url.host).toLowerCase();
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function tokenOf({ header, url }: Asked): string {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '') ?? [];
  return bearer ?? url.searchParams.get('token') ?? '';
}

function isToken(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function isLocal({ header, url, peer }: Asked): boolean {
  const address = addressOf(peer);
  if (address === undefined || !isLoopback(address)) return false;
  if (forwarded.some((name) => header(name) !== undefined)) return false;
  const host = header('host') ?? url.host;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}

function addressOf(peer: Peer | undefined): string | undefined {
  if (typeof peer === 'string') return peer;
  if (!peer) return undefined;
  const { remoteAddress, remoteAddr, address } = peer as {
    readonly remoteAddress?: string;
    readonly remoteAddr?: { readonly hostname?: string };
    readonly address?: string;
  };
  return remoteAddress ?? remoteAddr?.hostname ?? address;
}

/** Whether `address` is an address of the loopback interface. */
export function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address) || address === '::1';
}
