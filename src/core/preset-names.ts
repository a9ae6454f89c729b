/** The products that Scrip brings the prices and wording of. */
export const PRESET_NAMES = ['default', 'leadgen', 'interior', 'recruiter', 'studio'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
