import type { Preset, PresetTexts } from './preset.ts';

/** What pages say where a preset says nothing else. */
export const DEFAULT_TEXTS: PresetTexts = {
  product: 'Scrip',
  headline: 'Prepaid credits, and a page for where each one went',
  lead: 'Buy credits, spend them on what you run, and see at any moment what is left.',
  motto: 'What you have, where it went, and when it runs out.',
  example: { about: 'A voice call of 16 minutes', operation: 'voice.call', quantity: 16n },
  welcome: 'to try things with',
  no_entries: 'Every credit that comes or goes will stand here with its reason.',
  use_title: 'Use credits',
  use_lead: 'What each operation costs, and a way to run it',
  use_question: 'Which operation?',
  use_button: 'Run it',
  buy_lead: 'Once, without a subscription',
  run_out: 'Buy credits to go on',
  groups: [],
};

/** What Scrip shows when it is given no product of its own: a plausible AI service. */
export const defaultPreset: Preset = {
  code: 'default',
  version: 2,
  texts: DEFAULT_TEXTS,
  currency: 'USD',
  welcome: {
    credits: '50',
    guard: { verified_address: false, accounts_a_day_from_block: 20 },
  },
  operations: [
    {
      code: 'message.send',
      name: 'Message',
      description: 'One message to one person',
      unit: 'message',
      components: [
        {
          code: 'message',
          label: 'Message',
          unit: 'message',
          charge: 'per_unit',
          price: '0.10',
          step: '1',
        },
      ],
    },
    {
      code: 'document.parse',
      name: 'Document parsing',
      description: 'Text and tables out of a file, charged by its size',
      unit: 'MB',
      components: [
        { code: 'megabyte', label: 'Megabyte', unit: 'MB', charge: 'per_unit', price: '0.25' },
      ],
    },
    {
      code: 'image.generate',
      name: 'Image',
      description: 'An image from a description',
      unit: 'image',
      components: [
        { code: 'image', label: 'Image', unit: 'image', charge: 'per_unit', price: '3', step: '1' },
      ],
    },
    {
      code: 'voice.call',
      name: 'Voice call',
      description: 'A call, and each minute that has begun',
      unit: 'minute',
      components: [
        { code: 'call', label: 'Call', unit: 'call', charge: 'flat', price: '1' },
        {
          code: 'minute',
          label: 'Started minute',
          unit: 'minute',
          charge: 'per_unit',
          price: '0.50',
          step: '1',
        },
      ],
    },
  ],
  packages: [
    {
      code: 'starter',
      name: 'Starter',
      credits: '100',
      prices: { USD: 1_000n, INR: 84_900n },
      expires_after_days: 365,
    },
    {
      code: 'professional',
      name: 'Professional',
      credits: '500',
      bonus: '50',
      prices: { USD: 4_500n, INR: 379_900n },
      expires_after_days: 365,
      bonus_expires_after_days: 90,
      popular: true,
    },
    {
      code: 'business',
      name: 'Business',
      credits: '1000',
      bonus: '150',
      prices: { USD: 8_000n, INR: 674_900n },
      expires_after_days: 365,
      bonus_expires_after_days: 90,
    },
  ],
  free_amounts: [
    {
      currency: 'USD',
      minimum_minor: 500n,
      maximum_minor: 50_000n,
      price_per_credit: '0.10',
      expires_after_days: 365,
    },
    {
      currency: 'INR',
      minimum_minor: 40_000n,
      maximum_minor: 4_000_000n,
      price_per_credit: '8.50',
      expires_after_days: 365,
    },
  ],
  plans: [
    {
      code: 'free',
      name: 'Free',
      credits: '20',
      members_max: 3,
      prices: [
        { period: 'month', currency: 'USD', price_minor: 0n },
        { period: 'month', currency: 'INR', price_minor: 0n },
      ],
    },
    {
      code: 'team',
      name: 'Team',
      credits: '400',
      rollover_cap: '200',
      trial_days: 14,
      members_max: 10,
      prices: [
        { period: 'month', currency: 'USD', price_minor: 28_00n },
        { period: 'year', currency: 'USD', price_minor: 280_00n },
        { period: 'month', currency: 'INR', price_minor: 2_400_00n },
        { period: 'year', currency: 'INR', price_minor: 24_000_00n },
      ],
    },
    {
      code: 'scale',
      name: 'Scale',
      prices: [
        { period: 'month', currency: 'USD', price_minor: 190_00n },
        { period: 'year', currency: 'USD', price_minor: 1_900_00n },
        { period: 'month', currency: 'INR', price_minor: 16_000_00n },
        { period: 'year', currency: 'INR', price_minor: 160_000_00n },
      ],
    },
  ],
  referrals: {
    referrer_credits: '50',
    referred_credits: '25',
    expires_after_days: 180,
    minimums: { USD: 1_000n, INR: 80_000n },
    reversible_days: 30,
  },
  first_steps: {
    steps: [
      {
        code: 'verify',
        title: 'Verify your e-mail address',
        page: '/start',
        when: { kind: 'address_verified' },
      },
      {
        code: 'spend',
        title: 'Spend the first credit',
        page: '/use',
        when: { kind: 'charged', times: 1n },
      },
      { code: 'buy', title: 'Buy credits', page: '/buy', when: { kind: 'bought' } },
    ],
    completion_credits: '10',
  },
  achievements: [
    {
      code: 'hundred-messages',
      title: 'A hundred messages',
      when: { kind: 'charged', operation: 'message.send', times: 100n },
      credits: '5',
    },
    {
      code: 'first-image',
      title: 'The first image',
      when: { kind: 'charged', operation: 'image.generate', times: 1n },
      credits: '1',
    },
  ],
};
