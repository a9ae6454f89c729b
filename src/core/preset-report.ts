/** What becomes of each thing that a preset has, as the command and the page of the catalogue say it. */
export const PRESET_REPORT = [
  { kind: 'added', done: 'added', dry: 'would be added' },
  { kind: 'changed', done: 'brought up to date', dry: 'would be brought up to date' },
  { kind: 'retired', done: 'taken off sale', dry: 'would be taken off sale' },
  { kind: 'kept', done: 'changed here, and stays', dry: 'changed here, and would stay' },
] as const;

export const KEPT_BY_PRESET = PRESET_REPORT[3].done;
