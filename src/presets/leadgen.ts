import { perWholeUnit } from './components.ts';
import { leadgenIndustries } from './leadgen-industries.ts';
import type { Preset, PresetOperation } from './preset.ts';

/** A lead that was verified: the deeper, the more. */
const lead = (code: string, name: string, description: string, price: string): PresetOperation =>
  perWholeUnit({ code: `lead.${code}`, name, description, unit: 'lead' }, price);

const message = (code: string, name: string, unit: string, price: string): PresetOperation =>
  perWholeUnit({ code, name, description: `One ${unit} to one lead`, unit }, price);

/** Leads that are found, verified and written to. */
export const leadgenPreset: Preset = {
  code: 'leadgen',
  version: 2,
  currency: 'INR',
  welcome: {
    credits: '500',
    guard: { verified_address: false, accounts_a_day_from_block: 10 },
  },
  operations: [
    lead('address', 'Lead, address', 'Its address and the mail server behind it are verified', '2'),
    lead('company', 'Lead, company', 'Its company’s domain is verified too', '3'),
    lead('enriched', 'Lead, enriched', 'What is known of person and company is added', '4'),
    lead('scored', 'Lead, scored', 'How well it fits is scored, with the reasons', '5'),
    message('email.send', 'E-mail', 'e-mail', '1'),
    message('linkedin.send', 'LinkedIn message', 'LinkedIn message', '2'),
    message('sms.send', 'SMS', 'SMS', '2'),
    message('whatsapp.send', 'WhatsApp message', 'WhatsApp message', '3'),
    message('voice.call', 'Voice call', 'call', '5'),
    perWholeUnit(
      {
        code: 'ai.explain_score',
        name: 'Score explained',
        description: 'Why a lead has the score that it has',
        unit: 'explanation',
      },
      '1',
    ),
    perWholeUnit(
      {
        code: 'ai.write',
        name: 'Text written',
        description: 'A text, written or made personal for one lead',
        unit: 'text',
      },
      '2',
    ),
  ],
  packages: [
    { code: 'boost', name: 'Boost', credits: '250', prices: { INR: 599_00n } },
    {
      code: 'campaign',
      name: 'Campaign',
      credits: '1000',
      prices: { INR: 1_999_00n },
      popular: true,
    },
  ],
  free_amounts: [],
  plans: [
    {
      code: 'starter',
      name: 'Starter',
      credits: '500',
      members_max: 1,
      prices: [{ period: 'month', currency: 'INR', price_minor: 999_00n }],
    },
    {
      code: 'professional',
      name: 'Professional',
      credits: '2000',
      members_max: 5,
      prices: [{ period: 'month', currency: 'INR', price_minor: 2_999_00n }],
    },
    {
      code: 'enterprise',
      name: 'Enterprise',
      prices: [{ period: 'month', currency: 'INR', price_minor: 9_999_00n }],
    },
  ],
  benchmarks: [
    {
      measure: 'credits_per_day',
      label: 'Credits a day',
      value: '42',
      source: 'Sample of this preset, not a survey',
    },
    {
      measure: 'share_percent',
      operation: 'email.send',
      label: 'Share of e-mails',
      value: '35',
      source: 'Sample of this preset, not a survey',
    },
  ],
  industries: leadgenIndustries,
  first_steps: {
    steps: [
      {
        code: 'business-info',
        title: 'Say what your business does',
        when: { kind: 'business_info_given' },
        page: '/business#business-info',
        credits: '100',
      },
      {
        code: 'marketing-goals',
        title: 'Set your marketing goals',
        when: { kind: 'marketing_goals_set' },
        page: '/business#marketing-goals',
        credits: '100',
      },
      {
        code: 'ideal-customer',
        title: 'Tell of your ideal customer',
        when: { kind: 'ideal_customer_told' },
        page: '/business#ideal-customer',
        credits: '100',
      },
    ],
    completion_credits: '200',
  },
  achievements: [
    {
      code: 'hundred-leads',
      title: 'A hundred leads',
      when: {
        kind: 'used',
        operations: ['lead.address', 'lead.company', 'lead.enriched', 'lead.scored'],
        quantity: 100n,
      },
      credits: '50',
    },
    {
      code: 'hundred-e-mails',
      title: 'A hundred e-mails',
      when: { kind: 'charged', operation: 'email.send', times: 100n },
      credits: '25',
    },
  ],
  texts: {
    product: 'Leadgen',
    headline: 'Leads that are verified, and messages that reach them',
    lead: 'Find leads, have them checked as deeply as you like, and write to them over five channels. Each costs credits, and each has a page that says why.',
    motto: 'Leads found, messages sent, and what each of them cost.',
    example: { about: 'Twenty leads, scored', operation: 'lead.scored', quantity: 20n },
    welcome: 'to find the first leads with',
    no_entries: 'Every lead, message and text that costs credits will stand here with its reason.',
    use_title: 'Find and reach leads',
    use_lead: 'What leads, messages and texts cost, and a way to order them',
    use_question: 'What do you need?',
    use_button: 'Order it',
    buy_lead: 'On top of a plan, or without one',
    run_out: 'Buy credits to go on with your leads',
    groups: [
      {
        title: 'Leads, by how deep they are verified',
        operations: ['lead.address', 'lead.company', 'lead.enriched', 'lead.scored'],
      },
      {
        title: 'Messages',
        operations: ['email.send', 'linkedin.send', 'sms.send', 'whatsapp.send', 'voice.call'],
      },
      { title: 'Texts and reasons by AI', operations: ['ai.explain_score', 'ai.write'] },
    ],
  },
  demo: { name: 'Demo Outreach', quantity_max: 2 },
};
