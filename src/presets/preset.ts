/** One product's catalogue and wording as data. Amounts and prices are decimal strings of credits. */
export interface Preset {
  code: string;
  version: number;
  currency: string;
  /** What a new workspace is given, once. */
  welcome: { credits: string; expires_after_days?: number };
  operations: readonly PresetOperation[];
  packages: readonly PresetPackage[];
}

export interface PresetOperation {
  code: string;
  name: string;
  description: string;
  unit: string;
  components: readonly PresetComponent[];
}

export interface PresetComponent {
  code: string;
  label: string;
  unit: string;
  charge: 'flat' | 'per_unit';
  price: string;
  /** Units that count whole once begun. */
  step?: string;
}

export interface PresetPackage {
  code: string;
  name: string;
  credits: string;
  bonus?: string;
  price_minor: bigint;
  expires_after_days?: number;
  bonus_expires_after_days?: number;
  popular?: boolean;
}
