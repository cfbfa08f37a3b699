/** The stream of a project's events: what is asked for, who asks, and what comes of it. @module */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { eventStream, serviceAccount } from 'offloop/sources';
import type { EventStreamOptions } from 'offloop/sources';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { deviceEvents } from '../fixtures/sources/live.mjs';
import { eventServer, lines, refuse, silence, status, thenEnd } from '../support/event-server.ts';
import type { EventServer } from '../support/event-server.ts';
import { isFull } from '../support/full.ts';
import { untilThrown } from '../support/items.ts';
import { take } from '../support/take.ts';

const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
const soon = { delay: 1, maxDelay: 5 };
const open = { headers: async () => ({ authorization: 'Bearer t' }) };

const made = (eventType: string, n = 0): object => ({
  eventId: `e${n}`,
  targetName: 'projects/p/devices/d',
  eventType,
  data: { n },
  timestamp: '2026-01-01T00:00:00Z',
});
const line = (eventType: string, n?: number): object => ({ result: { event: made(eventType, n) } });
const streamAt = ({ url }: EventServer, options: EventStreamOptions = {}): ReturnType<typeof eventStream> =>
  eventStream('p', { baseUrl: url, auth: open, retry: soon, ...options });

/** Gives out tokens, each for `lifetime` seconds. */
async function tokenServer(lifetime = 3600): Promise<EventServer & { assertions: string[]; grants: string[] }> {
  const assertions: string[] = [];
  const grants: string[] = [];
  const server = await eventServer(async (response, request) => {
    const form = new URLSearchParams(await textOf(request));
    grants.push(form.get('grant_type') ?? '');
    const number = assertions.push(form.get('assertion') ?? '');
    response.end(JSON.stringify({ access_token: `token-${number}`, expires_in: lifetime }));
  });
  return { ...server, assertions, grants };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

const account = { keyId: 'k', secret: 'a secret', email: 'a@b.c' };

describe('eventStream', () => {
  test('asks for what its options say', async () => {
    const server = await eventServer(lines(line('temperature')));
    const stream = streamAt(server, {
      deviceIds: ['d1', 'd2'],
      labelFilters: { l1: 'v1', l2: null },
      deviceTypes: ['temperature'],
      eventTypes: ['touch', 'temperature'],
    });
    await take(stream, 1);

    const [path, query] = String(server.requests[0]?.url).split('?');
    expect(path).toBe('/events/projects/p/devices:stream');
    expect([...new URLSearchParams(query)]).toEqual([
      ['device_ids', 'd1'],
      ['device_ids', 'd2'],
      ['label_filters', 'l1=v1'],
      ['label_filters', 'l2'],
      ['device_types', 'temperature'],
      ['event_types', 'touch'],
      ['event_types', 'temperature'],
      ['ping_interval', '10s'],
    ]);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer t');
  });

  test('gives six of nine lines in order: pings are swallowed', async () => {
    const types = [
      'ping',
      'temperature',
      'networkStatus',
      'ping',
      'temperature',
      'temperature',
      'touch',
      'ping',
      'touch',
    ];
    const server = await eventServer(lines(...types.map((type, n) => line(type, n))));
    const events = await take(streamAt(server), 6);

    expect(events).toEqual([1, 2, 4, 5, 6, 8].map((n) => made(types[n] ?? '', n)));
  });

  test.each([
    ['no ping comes in time', silence, 8, 'ERR_OFFLOOP_TIMEOUT'],
    ['no connection can be made', refuse, 7, 'ERR_OFFLOOP_SOURCE'],
  ])('tries again when %s, and gives up with that after all attempts', async (_, answer, attempts, code) => {
    const server = await eventServer(answer);
    const fast = { ...soon, attempts };
    // One second is the shortest interval that can be asked for.
    const isSlow = code === 'ERR_OFFLOOP_TIMEOUT';
    const options = { pingInterval: 1000, pingJitter: 0, retry: isSlow ? { ...fast, attempts: isFull ? 1 : 0 } : fast };
    const { thrown } = await untilThrown(streamAt(server, options));

    expect(thrown).toEqual(coded(code));
    expect(server.requests).toHaveLength(isSlow ? (isFull ? 2 : 1) : attempts + 1);
  });

  test.each([1, 2])('goes on when attempt %i after the first succeeds', async (failures) => {
    const server = await eventServer(...Array.from({ length: failures }, () => status(500)), lines(line('touch')));

    expect(await take(streamAt(server), 1)).toEqual([made('touch')]);
    expect(server.requests).toHaveLength(failures + 1);
  });

  test('does not take a line for an event that is none', async () => {
    const others = [5, null, 'touch', { result: 5 }, { result: { event: 5 } }, { result: { event: 'touch' } }];
    const server = await eventServer(...others.map((other) => lines(other as object)), lines(line('touch')));

    const items = await take(streamAt(server, { retry: { ...soon, attempts: 7 } }), others.length + 1);
    const gap = { type: 'gap', code: 'ERR_OFFLOOP_CODEC' };
    expect(items).toMatchObject([...others.map(() => gap), made('touch')]);
  });

  test('tries three times where nothing else is said', async () => {
    const server = await eventServer(status(500));
    const { thrown } = await untilThrown(streamAt(server, { retry: { delay: 1, maxDelay: 1 } }));

    expect([thrown, server.requests.length]).toEqual([coded('ERR_OFFLOOP_SOURCE', { status: 500 }), 4]);
  });

  test('takes blank lines, errors of the server in words or with a code, and its end, and counts attempts anew', async () => {
    const server = await eventServer(
      lines('', line('touch', 1), { error: 'text' }),
      thenEnd(lines({ error: { code: 14, message: 'unavailable' } })),
      status(503),
      thenEnd(lines(line('touch', 2))),
      lines(line('ping'), { error: { code: 13 } }),
      lines(line('touch', 3)),
    );
    const items = await take(streamAt(server, { retry: { ...soon, attempts: 3 } }), 7);

    expect(items.map((item) => (item.type === 'gap' ? 'gap' : (item.data as { n: number }).n))).toEqual([
      1,
      'gap',
      'gap',
      2,
      'gap',
      'gap',
      3,
    ]);
    expect(items[1]).toMatchObject({ code: 'ERR_OFFLOOP_SOURCE', reason: expect.stringContaining('text') as string });
  });

  test.each([
    ['attempts', { retry: { attempts: -1 } }],
    ['a ping interval', { pingInterval: -1 }],
    ['a jitter', { pingJitter: -1 }],
    ['an option', { label_filters: {} } as never],
    ['a base', { baseUrl: 'nowhere' }],
  ])('refuses %s at once that cannot be used', (_, options: EventStreamOptions) => {
    expect(() => eventStream('p', options)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => eventStream('')).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('runs in a thread, and keeps the newest 15', async () => {
    const tokens = await tokenServer();
    const server = await eventServer(lines(...Array.from({ length: 40 }, (_, n) => line('touch', n))));
    const events = deviceEvents('p', server.url, { ...account, tokenEndpoint: tokens.url }).start();
    await vi.waitFor(() => expect(events.dropped).toBe(25), { timeout: 20_000 });

    expect(events.drain().map((item) => item.type === 'gap' || item.eventId)).toEqual(
      Array.from({ length: 15 }, (_, n) => `e${n + 25}`),
    );
    await events.close();
  });
});

describe('serviceAccount', () => {
  const names = ['KEY_ID', 'SECRET', 'EMAIL'].map((name) => `DT_SERVICE_ACCOUNT_${name}`);
  beforeEach(() => {
    for (const name of [...names, 'DT_CREDENTIALS_FILE']) vi.stubEnv(name, undefined);
  });
  afterEach(() => void vi.unstubAllEnvs());

  test('signs with its key, and keeps the token until it expires', async () => {
    const tokens = await tokenServer();
    const { headers } = serviceAccount({ ...account, tokenEndpoint: tokens.url });

    expect(await Promise.all([headers(), headers()])).toEqual([1, 2].map(() => ({ authorization: 'Bearer token-1' })));
    expect(await headers()).toEqual({ authorization: 'Bearer token-1' });
    expect(tokens.grants).toEqual(['urn:ietf:params:oauth:grant-type:jwt-bearer']);
    const key = new TextEncoder().encode(account.secret);
    const { payload, protectedHeader } = await jwtVerify(tokens.assertions[0] ?? '', key, { audience: tokens.url });
    expect(protectedHeader).toMatchObject({ alg: 'HS256', kid: 'k' });
    expect([payload.iss, Number(payload.exp) - Number(payload.iat)]).toEqual(['a@b.c', 3600]);
  });

  test('gets another token when it has expired, or was refused', async () => {
    const tokens = await tokenServer(1);
    const expired = serviceAccount({ ...account, tokenEndpoint: tokens.url });
    await expired.headers();
    expect(await expired.headers()).toEqual({ authorization: 'Bearer token-2' });

    const lasting = await tokenServer();
    const server = await eventServer(status(401), lines(line('touch')));
    const auth = serviceAccount({ ...account, tokenEndpoint: lasting.url });
    await take(streamAt(server, { auth, retry: { attempts: 0 } }), 1);
    expect(server.requests.map((it) => it.headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('is tried again while there is no token, and ends where the credentials are not accepted', async () => {
    const server = await eventServer(lines(line('touch')));
    let isDown = true;
    const tokens = await eventServer((response) => {
      if (isDown) response.writeHead(503).end();
      else response.end('{"access_token":"t","expires_in":60}');
      isDown = false;
    });
    const auth = serviceAccount({ ...account, tokenEndpoint: tokens.url });
    expect(await take(streamAt(server, { auth }), 1)).toHaveLength(1);

    const refusing = await eventServer(status(400));
    const wrong = serviceAccount({ ...account, tokenEndpoint: refusing.url });
    const { thrown } = await untilThrown(streamAt(server, { auth: wrong }));
    expect([thrown, refusing.requests.length]).toEqual([coded('ERR_OFFLOOP_UNAUTHORIZED', { status: 400 }), 1]);
  });

  test('has its credentials from the environment or a file, and says what is missing', async () => {
    const server = await eventServer(lines(line('touch')));
    const missing = (await untilThrown(eventStream('p', { baseUrl: server.url }))).thrown as Error;
    expect(missing).toEqual(coded('ERR_OFFLOOP_UNAUTHORIZED'));
    expect(missing.message).toMatch(/keyId, secret, email missing. Set DT_SERVICE_ACCOUNT_KEY_ID,/);
    expect(server.requests).toHaveLength(0);

    const tokens = await tokenServer();
    const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'account.json');
    writeFileSync(file, JSON.stringify({ ...account, tokenEndpoint: tokens.url, name: 'x' }));
    vi.stubEnv('DT_CREDENTIALS_FILE', file);
    expect(await take(eventStream('p', { baseUrl: server.url }), 1)).toHaveLength(1);
    vi.stubEnv('DT_CREDENTIALS_FILE', join(folder, 'none.json'));
    await expect(serviceAccount().headers()).rejects.toEqual(coded('ERR_OFFLOOP_UNAUTHORIZED'));
    vi.stubEnv('DT_CREDENTIALS_FILE', undefined);
    for (const name of names) vi.stubEnv(name, '');
    await expect(serviceAccount().headers()).rejects.toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test.each([{ keyId: '' }, { secret: ' ' }, { email: 1 }, { tokenEndpoint: 1 }])('refuses %j at once', (part) => {
    const make = (): unknown => serviceAccount({ ...account, ...(part as object) });
    expect(make).toThrow(coded('ERR_OFFLOOP_ARGUMENT', { name: 'TypeError' }));
  });
});
