import {
  type OperationWording,
  changeOperation,
  storedOperations,
} from '../../pricing/operations.ts';
import { addOperation } from '../../pricing/price-book.ts';
import type { CatalogueKind } from './kinds.ts';
import { Reading } from './reading.ts';

type Terms = Omit<OperationWording, 'code' | 'active'>;

const CODE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;

/** What is used, as it is called: at once. What it costs is changed by versions of its price. */
export const operationKind: CatalogueKind<Terms> = {
  path: 'operations',
  subject: 'operation',
  title: 'Operations',
  one: 'operation',
  about: 'What credits are spent on. A new one is used when it has a price.',
  in_use: 'On sale',
  at_once: true,
  has_prices: true,
  fields: [
    { name: 'name', label: 'Name' },
    { name: 'description', label: 'Description' },
    { name: 'unit', label: 'Unit', hint: 'Of its quantity, as "minute".' },
    { name: 'position', label: 'Order', as: 'number', hint: 'Smaller stands first.' },
  ],
  told: {
    name: 'Name',
    description: 'Description',
    unit: 'Unit',
    position: 'Order',
    active: 'On sale',
    price: 'Price',
  },
  versions: async (db, code) =>
    (await storedOperations(db, code)).map((one) => ({
      ...one,
      valid_from: one.created_at,
      terms: one,
    })),
  sentence: ({ description, unit }) =>
    `By the ${unit}${description === '' ? '' : `: ${description}`}`,
  values: ({ name, description, unit, position }) => ({
    ...{ name, description, unit },
    position: String(position),
  }),
  read: (values) => {
    const reading = new Reading(values);
    const code = reading.raw('code');
    if (code !== '' && !CODE.test(code)) {
      reading.refuse('code', 'Words in lower case, parted by dots: "image.generate".');
    }
    return reading.result({
      name: reading.words('name'),
      description: reading.words('description', { most: 300, needed: false }),
      unit: reading.words('unit', { most: 40 }),
      position: reading.whole('position'),
    });
  },
  add: (trx, code, { terms: { name, description, unit, position } }, { by }) =>
    addOperation(trx, {
      ...{ code, name, description, unit, position, components: [], made_by: by.made_by },
    }),
  change: (trx, code, { terms: { name, description, unit, position }, active }, change) =>
    changeOperation(trx, { code, name, description, unit, position, active }, change),
};
