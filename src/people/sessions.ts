/** Where people are signed in, as others than they themselves see it. */
export { sessionsOfPeople } from './security/session-list.ts';
