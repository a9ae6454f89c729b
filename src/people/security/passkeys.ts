import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { Db, Trx } from '../../lib/database.ts';
import { isLoopback } from '../../lib/guards.ts';
import { newId } from '../../lib/ids.ts';

/** EdDSA, ES256 and RS256, which every device has one of. */
const ALGORITHMS = [-8, -7, -257];

/** A passkey as its owner sees it. */
export interface ShownPasskey {
  id: string;
  name: string;
  created_at: Date;
  last_used_at: Date | null;
}

const registration = z.object({
  id: z.string(),
  rawId: z.string(),
  type: z.literal('public-key'),
  response: z.object({ clientDataJSON: z.string(), attestationObject: z.string() }),
  clientExtensionResults: z.object({}),
});
const authentication = registration.extend({
  response: z.object({
    clientDataJSON: z.string(),
    authenticatorData: z.string(),
    signature: z.string(),
  }),
});
const transports = z.object({ response: z.object({ transports: z.array(z.string()).optional() }) });

/** Whom passkeys are for. A machine of one's own has a name, for numbers may not have any. */
function siteOf(baseUrl: string): { id: string; origin: string } {
  const url = new URL(baseUrl);
  if (isLoopback(url.hostname)) url.hostname = 'localhost';
  return { id: url.hostname, origin: url.origin };
}

export async function passkeysOf(db: Db, personId: string): Promise<ShownPasskey[]> {
  return db
    .selectFrom('passkeys')
    .select(['id', 'name', 'created_at', 'last_used_at'])
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute();
}

/** What a browser is asked to make a passkey with. The device has to verify who holds it. */
export async function creationOptions(
  db: Db,
  { baseUrl, product }: { baseUrl: string; product: string },
  person: { id: string; email: string; name: string },
) {
  const known = await db
    .selectFrom('passkeys')
    .select('credential_id as id')
    .where('person_id', '=', person.id)
    .execute();
  return generateRegistrationOptions({
    rpName: product,
    rpID: siteOf(baseUrl).id,
    userID: new TextEncoder().encode(person.id),
    userName: person.email,
    userDisplayName: person.name,
    excludeCredentials: known,
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What a browser is asked to show a passkey with. None is named, so nobody types who they are. */
export function requestOptions(baseUrl: string) {
  return generateAuthenticationOptions({
    rpID: siteOf(baseUrl).id,
    userVerification: 'required',
  });
}

/** Reads what a browser made; undefined when it is not what was asked for. */
export async function readNewPasskey(baseUrl: string, challenge: string, given: unknown) {
  const response = registration.safeParse(given);
  if (!response.success) return undefined;
  const site = siteOf(baseUrl);
  const checked = await verifyRegistrationResponse({
    response: response.data,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.id,
  }).catch(() => undefined);
  if (checked?.verified !== true) return undefined;
  const { credential } = checked.registrationInfo;
  return { ...credential, transports: transports.parse(given).response.transports ?? [] };
}

export async function keepPasskey(
  trx: Trx,
  person_id: string,
  name: string,
  made: NonNullable<Awaited<ReturnType<typeof readNewPasskey>>>,
): Promise<void> {
  await trx
    .insertInto('passkeys')
    .values({
      id: newId(),
      person_id,
      name,
      credential_id: made.id,
      public_key: Buffer.from(made.publicKey),
      counter: BigInt(made.counter),
      transports: made.transports,
    })
    .execute();
}

/** Who shows a passkey, by its signature over our challenge; undefined when it is not good. */
export async function readPasskey(db: Db, baseUrl: string, challenge: string, given: unknown) {
  const response = authentication.safeParse(given);
  if (!response.success) return undefined;
  const known = await db
    .selectFrom('passkeys')
    .select(['id', 'person_id', 'credential_id', 'public_key', 'counter'])
    .where('credential_id', '=', response.data.id)
    .executeTakeFirst();
  if (known === undefined) return undefined;
  const site = siteOf(baseUrl);
  const checked = await verifyAuthenticationResponse({
    response: response.data,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.id,
    credential: {
      id: known.credential_id,
      publicKey: new Uint8Array(known.public_key),
      counter: Number(known.counter),
    },
  }).catch(() => undefined);
  if (checked?.verified !== true) return undefined;
  await db
    .updateTable('passkeys')
    .set({ counter: BigInt(checked.authenticationInfo.newCounter), last_used_at: new Date() })
    .where('id', '=', known.id)
    .execute();
  return { id: known.id, person_id: known.person_id };
}
