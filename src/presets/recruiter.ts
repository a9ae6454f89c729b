import { perUnit, perWholeUnit } from './components.ts';
import type { Preset, PresetPackage } from './preset.ts';

const pack = (
  code: string,
  name: string,
  credits: string,
  price_minor: bigint,
  bonus?: string,
): PresetPackage => ({
  ...{ code, name, credits, prices: { USD: price_minor } },
  ...(bonus === undefined ? {} : { bonus }),
});

/** Recruiting with an agent that calls, reads and writes. */
export const recruiterPreset: Preset = {
  code: 'recruiter',
  version: 2,
  currency: 'USD',
  welcome: {
    credits: '10',
    guard: { verified_address: true, accounts_a_day_from_block: 20 },
  },
  operations: [
    {
      code: 'voice.call',
      name: 'Voice call',
      description: 'A call to a candidate, and each minute that has begun',
      unit: 'minute',
      components: [
        { code: 'call', label: 'Call', unit: 'call', charge: 'flat', price: '1.00' },
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
    perWholeUnit(
      {
        code: 'message.send',
        name: 'Message',
        description: 'One chat message to a candidate',
        unit: 'message',
      },
      '0.10',
    ),
    perUnit(
      {
        code: 'file.upload',
        name: 'File upload',
        description: 'A file that is kept with a candidate, by its size',
        unit: 'MB',
      },
      '0.25',
    ),
    perWholeUnit(
      {
        code: 'workflow.run',
        name: 'Workflow',
        description: 'One execution of a workflow with all its steps',
        unit: 'execution',
      },
      '0.75',
    ),
    perWholeUnit(
      {
        code: 'call.transcribe',
        name: 'Transcription',
        description: 'What was said in a call, by the started minute',
        unit: 'minute',
      },
      '0.20',
    ),
    perWholeUnit(
      {
        code: 'resume.parse',
        name: 'Résumé parsing',
        description: 'Experience and skills out of a résumé',
        unit: 'file',
      },
      '0.50',
    ),
    perWholeUnit(
      {
        code: 'candidate.search',
        name: 'Candidate search',
        description: 'One search for people who fit',
        unit: 'search',
      },
      '0.30',
    ),
    perWholeUnit(
      {
        code: 'candidate.screen',
        name: 'Screening',
        description: 'A candidate, held against what the job asks for',
        unit: 'candidate',
      },
      '1.00',
    ),
    perWholeUnit(
      {
        code: 'interview.hold',
        name: 'Interview',
        description: 'A first interview by the agent, by the started minute',
        unit: 'minute',
      },
      '0.80',
    ),
    perWholeUnit(
      {
        code: 'email.send',
        name: 'E-mail',
        description: 'One e-mail to a candidate',
        unit: 'e-mail',
      },
      '0.05',
    ),
    perWholeUnit(
      { code: 'sms.send', name: 'SMS', description: 'One SMS to a candidate', unit: 'SMS' },
      '0.15',
    ),
    perWholeUnit(
      {
        code: 'interview.schedule',
        name: 'Scheduling',
        description: 'An appointment that suits everybody',
        unit: 'appointment',
      },
      '0.10',
    ),
    perWholeUnit(
      {
        code: 'report.make',
        name: 'Report',
        description: 'How a search for a person goes, in figures',
        unit: 'report',
      },
      '2.00',
    ),
    perWholeUnit(
      {
        code: 'data.export',
        name: 'Export',
        description: 'Candidates or calls as one file',
        unit: 'file',
      },
      '0.50',
    ),
    perUnit(
      {
        code: 'storage.month',
        name: 'Storage',
        description: 'Recordings and files, by their size and month',
        unit: 'GB-month',
      },
      '0.40',
    ),
  ],
  packages: [
    pack('starter', 'Starter', '100', 10_00n),
    { ...pack('professional', 'Professional', '500', 45_00n, '50'), popular: true },
    pack('business', 'Business', '1000', 80_00n, '150'),
    pack('enterprise', 'Enterprise', '2500', 180_00n, '500'),
    pack('premium', 'Premium', '5000', 320_00n, '1000'),
  ],
  free_amounts: [],
  plans: [],
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
        title: 'Call the first candidate',
        page: '/use',
        when: { kind: 'charged', operation: 'voice.call', times: 1n },
      },
      { code: 'buy', title: 'Buy credits', page: '/buy', when: { kind: 'bought' } },
    ],
  },
  texts: {
    product: 'Recruiter',
    headline: 'An agent that calls, reads and schedules',
    lead: 'It finds candidates, reads their résumés, calls them and plans interviews. You pay for what it did, to the started minute.',
    motto: 'Whom it called, what it read, and what each of them cost.',
    example: { about: 'A call of 16 minutes', operation: 'voice.call', quantity: 16n },
    welcome: 'for the first calls',
    no_entries: 'Every call, message and file will stand here with what it cost.',
    use_title: 'Put the agent to work',
    use_lead: 'What its work costs, and a way to have it done',
    use_question: 'What shall the agent do?',
    use_button: 'Have it done',
    run_out: 'Buy credits so that the agent can go on',
    groups: [
      { title: 'Calls', operations: ['voice.call', 'call.transcribe', 'interview.hold'] },
      {
        title: 'Candidates',
        operations: [
          ...['candidate.search', 'candidate.screen', 'resume.parse', 'interview.schedule'],
        ],
      },
      { title: 'Messages', operations: ['message.send', 'email.send', 'sms.send'] },
      {
        title: 'Files, reports and workflows',
        operations: [
          ...['file.upload', 'storage.month', 'data.export', 'report.make', 'workflow.run'],
        ],
      },
    ],
  },
  demo: { name: 'Demo Recruiting', quantity_max: 4 },
};
