/** Tokens of a service account, by the grant for JSON Web Tokens (RFC 7523). @module */

import { now } from '../base/clock.ts';
import { AbortSignal } from '../base/intrinsics.ts';
import { kind, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { importPeer } from '../base/peer.ts';
import { checkedCredentials, credentialsHere } from './credentials.ts';
import type { ServiceAccountCredentials } from './credentials.ts';
import { failed, refused, SourceError } from './failures.ts';
import { until } from './headers.ts';
import type { HeadersContext } from './http-options.ts';
import { nameOf } from './http-options.ts';
import { retryAfterFrom } from './retry.ts';

/** Options of `serviceAccount`. */
export interface ServiceAccountOptions {
  /** The function that asks for tokens instead of the global `fetch`. @defaultValue `fetch` */
  fetch?: typeof globalThis.fetch | undefined;

  /** Other options of `fetch` for that, such as the `dispatcher` of a proxy. @defaultValue `{}` */
  request?: Readonly<Record<string, unknown>> | undefined;
}

const optionChecks: Readonly<Record<keyof ServiceAccountOptions, Check>> = {
  fetch: kind('function'),
  request: kind('object'),
};

/** Gives the headers of requests, for the option `headers` of a source. */
export interface ServiceAccount {
  /**
   * The header `authorization`, with a token that is kept until it expires or is `refused`.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_UNAUTHORIZED` if credentials are missing, or are not accepted;
   * `ERR_OFFLOOP_SOURCE` if there is no token just now; `ERR_OFFLOOP_PEER` if the package `jose` is not installed.
   */
  headers(context?: Partial<HeadersContext>): Promise<Record<string, string>>;
}

interface Jose {
  SignJWT: new (claims: object) => Signing;
}

interface Signing {
  setProtectedHeader(header: object): Signing;
  setIssuer(issuer: string): Signing;
  setAudience(audience: string): Signing;
  setIssuedAt(): Signing;
  setExpirationTime(time: string): Signing;
  sign(key: Uint8Array): Promise<string>;
}

const peer = { name: 'jose', from: [6, 2], below: 7, use: 'serviceAccount' } as const;

const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const endpoint = 'https://identity.disruptive-technologies.com/oauth2/token';

/** A token is asked for anew so long before it expires, in milliseconds. */
const leeway = 10_000;

/** How long a token may take to come, in milliseconds. */
const longestWait = 30_000;

/**
 * Gives the tokens of a service account. Without `credentials` they are read from the environment when the first token is
 * needed: `DT_SERVICE_ACCOUNT_KEY_ID`, `DT_SERVICE_ACCOUNT_SECRET` and `DT_SERVICE_ACCOUNT_EMAIL`, or the JSON file that
 * `DT_CREDENTIALS_FILE` names, with the fields `keyId`, `secret` and `email`. Needs the package `jose`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if one of the credentials is no text, or is empty, or an option is unknown.
 *
 * @example
 * ```ts
 * const account = serviceAccount({ keyId, secret, email });
 * const events = httpEvents(url, { headers: account.headers });
 * ```
 */
export function serviceAccount(
  credentials?: ServiceAccountCredentials,
  options: ServiceAccountOptions = {},
): ServiceAccount {
  const own = ownOptions('serviceAccount', options, optionChecks);
  const tokens = new Tokens(credentials && checkedCredentials(credentials), own);
  return { headers: async (context = {}) => ({ authorization: `Bearer ${await tokens.get(context)}` }) };
}

/** Invariant: at most one token is asked for at a time. */
class Tokens {
  readonly #options: ServiceAccountOptions;
  #credentials: ServiceAccountCredentials | undefined;
  #token: { readonly text: string; readonly expires: number } | undefined;
  #asking: Promise<string> | undefined;

  constructor(credentials: ServiceAccountCredentials | undefined, options: ServiceAccountOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  async get({ refused = false, signal }: Partial<HeadersContext>): Promise<string> {
    if (refused) this.#token = undefined;
    if (this.#token && now() < this.#token.expires) return this.#token.text;
    const asking = (this.#asking ??= this.#ask());
    return signal ? until(asking, signal) : asking;
  }

  async #ask(): Promise<string> {
    try {
      this.#credentials ??= await credentialsHere();
      const { text, lifetime } = await tokenFor(this.#credentials, this.#options);
      this.#token = { text, expires: now() + lifetime - leeway };
      return text;
    } finally {
      this.#asking = undefined;
    }
  }
}

async function tokenFor(
  credentials: ServiceAccountCredentials,
  { fetch = globalThis.fetch, request }: ServiceAccountOptions,
): Promise<{ text: string; lifetime: number }> {
  const { keyId, secret, email, tokenEndpoint = endpoint } = credentials;
  const { SignJWT } = (await importPeer(peer)) as Jose;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', kid: keyId })
    .setIssuer(email)
    .setAudience(tokenEndpoint)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  const name = nameOf(tokenEndpoint);
  let response: Response;
  let answer: { access_token?: unknown; expires_in?: unknown };
  try {
    response = await fetch(tokenEndpoint, {
      ...request,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=${encodeURIComponent(grant)}&assertion=${assertion}`,
      signal: AbortSignal.timeout(longestWait),
    });
    answer = response.ok ? ((await response.json()) as typeof answer) : {};
    if (!response.ok) await response.body?.cancel();
  } catch (error) {
    throw failed(name, error);
  }
  const { status, ok, headers } = response;
  // With one of these the grant refuses credentials that it does not know.
  if ([400, 401, 403].includes(status)) {
    const text = `Cannot get a token from ${name}: it answered ${status}, it does not accept the credentials of ${email}`;
    throw new SourceError('ERR_OFFLOOP_UNAUTHORIZED', text, { status });
  }
  if (!ok) throw refused(name, status, retryAfterFrom(headers.get('retry-after'), headers.get('date')));
  const { access_token: text, expires_in: seconds } = Object(answer) as typeof answer;
  if (typeof text !== 'string') throw failed(name, new Error('the answer has no access_token'));
  return { text, lifetime: (typeof seconds === 'number' ? seconds : 0) * 1000 };
}
