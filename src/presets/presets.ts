import type { PresetName } from '../core/preset-names.ts';
import { defaultPreset } from './default.ts';
import { interiorPreset } from './interior.ts';
import { leadgenPreset } from './leadgen.ts';
import type { Preset } from './preset.ts';
import { recruiterPreset } from './recruiter.ts';
import { studioPreset } from './studio.ts';

export const presets: Record<PresetName, Preset> = {
  default: defaultPreset,
  leadgen: leadgenPreset,
  interior: interiorPreset,
  recruiter: recruiterPreset,
  studio: studioPreset,
};
