import type { Preset } from './preset.ts';

/** What businesses of an industry that look for leads usually say of themselves. */
export const leadgenIndustries: NonNullable<Preset['industries']> = [
  {
    code: 'software',
    name: 'Software as a service',
    brand_voice: 'professional',
    ideal_customer: {
      roles: 'Heads of operations, chief technology officers, founders',
      companies: 'Companies of 20 to 500 people that work with software every day',
      places: 'India, Europe, North America',
      needs: 'Less work by hand, and tools that work together',
    },
    goals: [
      { title: 'Book demos each month', measure: 'demos', target: 30 },
      { title: 'Win trials', measure: 'trials', target: 100 },
    ],
  },
  {
    code: 'agency',
    name: 'Marketing agency',
    brand_voice: 'friendly',
    ideal_customer: {
      roles: 'Heads of marketing, owners',
      companies: 'Brands of 10 to 200 people without a marketing team of their own',
      places: 'The cities that the agency works in',
      needs: 'More enquiries from the same budget, and figures that show it',
    },
    goals: [
      { title: 'Talk to new brands', measure: 'calls', target: 40 },
      { title: 'Publish a case study', measure: '', target: 1 },
    ],
  },
  {
    code: 'real-estate',
    name: 'Real estate',
    brand_voice: 'friendly',
    ideal_customer: {
      roles: 'Buyers, sellers, investors',
      companies: 'Families, and firms that look for offices or land',
      places: 'The region that the office knows',
      needs: 'A place that fits the budget, without surprises in the papers',
    },
    goals: [
      { title: 'Arrange viewings', measure: 'viewings', target: 50 },
      { title: 'Win mandates to sell', measure: 'mandates', target: 10 },
    ],
  },
  {
    code: 'recruiting',
    name: 'Recruiting',
    brand_voice: 'professional',
    ideal_customer: {
      roles: 'Heads of people, hiring managers',
      companies: 'Companies that grow and hire at least five people a quarter',
      places: 'Where the candidates live, or anywhere for remote work',
      needs: 'Fewer, better candidates, soon',
    },
    goals: [
      { title: 'Win open roles', measure: 'roles', target: 15 },
      { title: 'Meet hiring managers', measure: 'meetings', target: 40 },
    ],
  },
  {
    code: 'e-commerce',
    name: 'E-commerce',
    brand_voice: 'casual',
    ideal_customer: {
      roles: 'Shop owners, buyers of retailers',
      companies: 'Shops and retailers that sell what goes with the range',
      places: 'Countries that are shipped to',
      needs: 'Products that sell, in stock, at a margin',
    },
    goals: [
      { title: 'Find retailers', measure: 'retailers', target: 25 },
      { title: 'Bring customers back', measure: 'orders', target: 200 },
    ],
  },
  {
    code: 'manufacturing',
    name: 'Manufacturing',
    brand_voice: 'professional',
    ideal_customer: {
      roles: 'Heads of purchasing, plant managers',
      companies: 'Plants with 50 people or more that buy parts all year',
      places: 'Within a day of the works by lorry',
      needs: 'Parts on time, to the drawing, at a price that holds',
    },
    goals: [
      { title: 'Send offers', measure: 'offers', target: 20 },
      { title: 'Visit plants', measure: 'visits', target: 12 },
    ],
  },
];
