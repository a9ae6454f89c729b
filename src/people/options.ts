import type { Request } from 'express';
import type { Connections, Trx } from '../lib/database.ts';
import type { Closing } from './deletion.ts';
import type { OnPersonCreated } from './people.ts';
import type { Passwords } from './passwords.ts';
import type { OnStaffRole } from './staff.ts';

export interface GoogleOptions {
  clientId: string;
  clientSecret: string;
  /** The three addresses are for tests; the last has to end in /userinfo. */
  authorizationUrl?: string | undefined;
  tokenUrl?: string | undefined;
  userinfoUrl?: string | undefined;
}

/** Why Google did not sign somebody in, or was not connected to an account. */
export type GoogleFailure =
  | 'denied'
  | 'state'
  | 'exchange'
  | 'unverified'
  | 'deactivated'
  | 'other_account'
  | 'disconnected'
  | 'taken'
  | 'another'
  | 'address';

export interface PeopleOptions {
  connections: Connections;
  /** Where browsers reach this program, without a path. */
  baseUrl: string;
  /** What apps that keep passkeys and codes call this installation. */
  product: string;
  google?: GoogleOptions | undefined;
  /** What must be kept secret and be read again is encrypted with them: the newest first. */
  encryptionKeys: readonly string[];
  /** Who is made super admin when they sign in, if the address is verified. */
  adminEmails: string[];
  /** What the sign-up page promises, in micro-credits. */
  welcomeMicro: () => Promise<bigint>;
  demo?: { email: string; password: string } | undefined;
  /** Whether mails reach people: without them, nobody is asked to open a link. */
  mails: boolean;
  /** Makes what belongs to a person, in the transaction that makes the person. */
  onPersonCreated: OnPersonCreated;
  /** Somebody was given a role among the staff, or signs in with the highest. */
  onStaffRole?: OnStaffRole | undefined;
  /** Somebody has shown that the address is theirs, in the transaction that keeps it. */
  onAddressVerified?:
    ((trx: Trx, person: { id: string; email: string }) => Promise<void>) | undefined;
  /**
   * The address of an account that somebody made without owning it was claimed by its owner, who
   * signed in with Google: the password and the sessions are gone. Take away here what else the
   * account handed out, such as API keys.
   */
  onPersonReclaimed?: ((trx: Trx, personId: string) => Promise<void>) | undefined;
  closing: Closing;
  /** The page that somebody sees who signed in for no page in particular. */
  homeOf: (personId: string) => Promise<string>;
  /** For a log that may say why a sign-in with Google failed, and nothing of what was sent. */
  onGoogleFailure?: ((req: Request, failure: GoogleFailure) => void) | undefined;
  /** The process's own unless a test counts its calls. */
  passwords?: Passwords | undefined;
}
