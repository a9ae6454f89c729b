import { defaultPreset } from './default.ts';
import type { Preset } from './preset.ts';

export const presets: Record<'default', Preset> = { default: defaultPreset };
