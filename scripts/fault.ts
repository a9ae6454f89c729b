/** A text of a file that stands there once, and what is put in its place. */
export interface Replacement {
  file: string;
  text: string;
  by: string;
}

/** A mistake that somebody could make, and the tests that have to notice it. */
export interface Fault {
  name: string;
  replacements: readonly Replacement[];
  project: 'core' | 'program';
  tests: readonly string[];
}
