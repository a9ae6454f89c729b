import { getBusinessProfile, putBusinessProfile } from './business-profile.ts';
import { getCredits, getCreditsHistory, postConsume } from './credits.ts';
import { getCreditsNow, getDashboard, getMetrics } from './dashboard.ts';
import type { SignedInEndpoint } from './endpoint.ts';
import { postStaffGrant } from './grants.ts';
import { getOnboarding, postOnboarding } from './onboarding.ts';
import { deleteUserProfile, getProfile, getUserProfile, putUserProfile } from './profile.ts';

/** Every endpoint for people who are signed in, in the order in which they are described. */
export const SIGNED_IN_ENDPOINTS: readonly SignedInEndpoint[] = [
  getCredits,
  postConsume,
  getCreditsHistory,
  getCreditsNow,
  getMetrics,
  getDashboard,
  getOnboarding,
  postOnboarding,
  getBusinessProfile,
  putBusinessProfile,
  getProfile,
  getUserProfile,
  putUserProfile,
  deleteUserProfile,
  postStaffGrant,
];
