import { perWholeUnit } from './components.ts';
import type { Preset } from './preset.ts';

const IMAGE = 'image';

/** Tools for images and videos. */
export const studioPreset: Preset = {
  code: 'studio',
  version: 1,
  currency: 'USD',
  welcome: {
    credits: '10',
    guard: { verified_address: false, accounts_a_day_from_block: 20 },
  },
  operations: [
    perWholeUnit(
      {
        code: 'image.upload',
        name: 'Image upload',
        description: 'An image of your own, kept and ready to be worked on',
        unit: IMAGE,
      },
      '1',
    ),
    perWholeUnit(
      {
        code: 'image.transform',
        name: 'Image transformation',
        description: 'Cropped, resized, recoloured or restored',
        unit: IMAGE,
      },
      '1',
    ),
    perWholeUnit(
      {
        code: 'image.remove_background',
        name: 'Background removal',
        description: 'What is in front, cut out',
        unit: IMAGE,
      },
      '1',
    ),
    perWholeUnit(
      {
        code: 'image.generate',
        name: 'Image generation',
        description: 'An image from a description',
        unit: IMAGE,
      },
      '3',
    ),
    perWholeUnit(
      {
        code: 'image.extend',
        name: 'Image extension',
        description: 'What lies beyond the edges of an image',
        unit: IMAGE,
      },
      '2',
    ),
    perWholeUnit(
      {
        code: 'video.process',
        name: 'Video processing',
        description: 'A video, trimmed, scaled and compressed',
        unit: 'video',
      },
      '2',
    ),
  ],
  packages: [
    { code: 'basic', name: 'Basic', credits: '50', prices: { USD: 9_99n } },
    { code: 'pro', name: 'Pro', credits: '150', prices: { USD: 24_99n }, popular: true },
    { code: 'premium', name: 'Premium', credits: '500', prices: { USD: 79_99n } },
  ],
  free_amounts: [],
  plans: [],
  first_steps: {
    steps: [
      {
        code: 'spend',
        title: 'Make the first image',
        page: '/use',
        when: { kind: 'charged', times: 1n },
      },
      { code: 'buy', title: 'Buy credits', page: '/buy', when: { kind: 'bought' } },
    ],
  },
  texts: {
    product: 'Studio',
    headline: 'Images and videos, made and mended',
    lead: 'Generate, extend, cut out and convert. What it costs stands beside it, and comes back if the work fails.',
    motto: 'What was made, and what each piece cost.',
    example: { about: 'Three images, generated', operation: 'image.generate', quantity: 3n },
    welcome: 'for the first images',
    no_entries: 'Every image and video will stand here with the credits that paid for it.',
    use_title: 'Make',
    use_lead: 'What work on images and videos costs, and a way to run it',
    use_question: 'What shall be done?',
    use_button: 'Do it',
    run_out: 'Buy credits to go on with your work',
    groups: [
      {
        title: 'Images',
        operations: [
          ...['image.generate', 'image.extend', 'image.transform'],
          ...['image.remove_background', 'image.upload'],
        ],
      },
      { title: 'Videos', operations: ['video.process'] },
    ],
  },
  demo: { name: 'Demo Pictures', quantity_max: 1 },
};
