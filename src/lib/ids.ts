import { v7 } from 'uuid';

/** A new id: UUID version 7, so that rows made one after the other stand near each other. */
export function newId(): string {
  return v7();
}
