/** What an examination of the installation found about one thing. */
export interface Finding {
  about: string;
  state: 'good' | 'hint' | 'bad';
  says: string;
  /** What to do, where there is something. */
  mend?: string;
}

export const good = (about: string, says: string): Finding => ({ about, state: 'good', says });

export function hint(about: string, says: string, mend: string): Finding {
  return { about, state: 'hint', says, mend };
}

export function bad(about: string, says: string, mend: string): Finding {
  return { about, state: 'bad', says, mend };
}
