/** For what the staff do that must not be done by whoever finds a browser open. */
export { recentlyAuthenticated } from './security/recent.ts';
