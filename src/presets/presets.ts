import type { PresetName } from '../core/preset-names.ts';
import { DEFAULT_TEXTS, defaultPreset } from './default.ts';
import { interiorPreset } from './interior.ts';
import { leadgenPreset } from './leadgen.ts';
import type { Preset, PresetTexts } from './preset.ts';
import { recruiterPreset } from './recruiter.ts';
import { studioPreset } from './studio.ts';

export const presets: Record<PresetName, Preset> = {
  default: defaultPreset,
  leadgen: leadgenPreset,
  interior: interiorPreset,
  recruiter: recruiterPreset,
  studio: studioPreset,
};

/** What a product's pages say: its own texts, and those of the default preset for the rest. */
export function textsOf({ texts }: Preset): PresetTexts {
  return { ...DEFAULT_TEXTS, ...texts };
}
