import { perWholeUnit } from './components.ts';
import type { Preset, PresetOperation } from './preset.ts';

const design = (code: string, name: string, description: string): PresetOperation =>
  perWholeUnit({ code, name, description, unit: code === 'video' ? 'video' : 'design' }, '1');

/** Rooms and houses, designed from a photo or a sketch. */
export const interiorPreset: Preset = {
  code: 'interior',
  version: 1,
  currency: 'USD',
  welcome: {
    credits: '6',
    guard: { verified_address: false, accounts_a_day_from_block: 20 },
  },
  operations: [
    design('interior', 'Interior', 'A room in another style'),
    design('exterior', 'Exterior', 'A house and its garden in another style'),
    design('sketch', 'Sketch', 'A drawing, made into a picture that could be a photo'),
    design('furnish', 'Furnish', 'An empty room with furniture in it'),
    design('remove', 'Remove', 'A room without what should not be there'),
    design('video', 'Video', 'A walk through a room, from one picture of it'),
  ],
  packages: [
    { code: 'rooms-20', name: '20 designs', credits: '20', prices: { USD: 9_00n } },
    {
      code: 'rooms-60',
      name: '60 designs',
      credits: '60',
      prices: { USD: 24_00n },
      popular: true,
    },
  ],
  free_amounts: [],
  plans: [
    {
      code: 'unlimited',
      name: 'Unlimited',
      prices: [
        { period: 'month', currency: 'USD', price_minor: 29_00n },
        { period: 'year', currency: 'USD', price_minor: 290_00n },
      ],
    },
  ],
  first_steps: {
    steps: [
      {
        code: 'spend',
        title: 'Design the first room',
        page: '/use',
        when: { kind: 'charged', times: 1n },
      },
      { code: 'buy', title: 'Buy credits', page: '/buy', when: { kind: 'bought' } },
    ],
  },
  texts: {
    product: 'Interior',
    headline: 'See the room before you move a chair',
    lead: 'A photo or a sketch goes in, a designed room comes out. Each design is one credit; on the unlimited plan none.',
    motto: 'Rooms designed, and a credit for each.',
    example: { about: 'A room in four styles', operation: 'interior', quantity: 4n },
    welcome: 'for the first designs',
    no_entries: 'Every design will stand here with the credit that paid for it.',
    use_title: 'Design',
    use_lead: 'Each design is one credit',
    use_question: 'What shall be designed?',
    use_button: 'Design it',
    buy_lead: 'Once; without a limit there is a plan',
    run_out: 'Buy credits to go on designing',
    groups: [
      { title: 'Rooms', operations: ['interior', 'furnish', 'remove', 'video'] },
      { title: 'Houses and drawings', operations: ['exterior', 'sketch'] },
    ],
  },
  demo: { name: 'Demo Rooms', quantity_max: 1 },
};
