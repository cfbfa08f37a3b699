/** The credentials of a service account: given, or those of the environment. @module */

import { readFile } from 'node:fs/promises';
import { argumentError, OffloopError } from '../base/errors.ts';
import { kind, ownOptions } from '../base/options.ts';

/** The identity of a service account. */
export interface ServiceAccountCredentials {
  /** The id of its key. */
  keyId: string;

  /** The secret of its key. */
  secret: string;

  /** Its address. */
  email: string;

  /** Where tokens are given out. @defaultValue that of Disruptive Technologies */
  tokenEndpoint?: string | undefined;
}

const setup =
  'Set DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET and DT_SERVICE_ACCOUNT_EMAIL, or set DT_CREDENTIALS_FILE ' +
  'to a JSON file with keyId, secret and email, or call serviceAccount({ keyId, secret, email })';

const fields = ['keyId', 'secret', 'email'] as const;

/** The credentials of the environment. */
export async function credentialsHere(): Promise<ServiceAccountCredentials> {
  const { env } = process;
  const file = env['DT_CREDENTIALS_FILE'];
  const found = file
    ? await credentialsAt(file)
    : {
        keyId: env['DT_SERVICE_ACCOUNT_KEY_ID'],
        secret: env['DT_SERVICE_ACCOUNT_SECRET'],
        email: env['DT_SERVICE_ACCOUNT_EMAIL'],
      };
  const missing = fields.filter((name) => found[name] === undefined);
  if (missing.length === 0) return checkedCredentials(found as ServiceAccountCredentials);
  const where = file ? ` in ${file}` : '';
  throw new OffloopError(
    'ERR_OFFLOOP_UNAUTHORIZED',
    `Cannot authenticate: ${missing.join(', ')} missing${where}. ${setup}`,
  );
}

async function credentialsAt(file: string): Promise<Partial<ServiceAccountCredentials>> {
  try {
    return Object(JSON.parse(await readFile(file, 'utf8'))) as Partial<ServiceAccountCredentials>;
  } catch (cause) {
    const text = `Cannot authenticate: cannot read the credentials in ${file}. ${setup}`;
    throw new OffloopError('ERR_OFFLOOP_UNAUTHORIZED', text, { cause });
  }
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkedCredentials(given: ServiceAccountCredentials): ServiceAccountCredentials {
  const text = kind('string');
  const known = ['keyId', 'secret', 'email', 'tokenEndpoint'];
  const checks = Object.fromEntries(known.map((name) => [name, text]));
  // Files of credentials have more in them.
  const own = Object.fromEntries(known.map((name) => [name, (given as unknown as Record<string, unknown>)[name]]));
  const credentials = ownOptions('serviceAccount', own, checks) as unknown as ServiceAccountCredentials;
  for (const name of fields) {
    if (credentials[name] === undefined || credentials[name].trim() === '')
      throw argumentError(
        `Cannot use the option ${name} of serviceAccount: expected a text that is not empty. ${setup}`,
      );
  }
  return credentials;
}
