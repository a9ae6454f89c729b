import type { StaffRole } from '../core/staff-functions.ts';

declare global {
  namespace Express {
    /** `req.user`: who is signed in, a SignedInPerson. */
    interface User {
      id: string;
      email: string;
      name: string;
      staff_role: StaffRole | null;
      email_verified: boolean;
      time_zone: string;
      locale: string;
      picture_id: string | null;
    }
  }
}
