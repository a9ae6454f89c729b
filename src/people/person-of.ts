import type { Request } from 'express';

/** Who is signed in: for routes behind `signedIn`. */
export function personOf(req: Request): Express.User {
  if (req.user === undefined) throw new Error('this route needs somebody who is signed in');
  return req.user;
}
