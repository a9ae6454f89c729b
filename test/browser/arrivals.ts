import { DEMO_PERSON, seedDemo } from '../../src/demo.ts';
import { presets } from '../../src/presets/presets.ts';
import { type Visit, signIn } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';

/** A page in one of its states, for checks that hold for all of them. */
export interface Scene {
  name: string;
  /** What the page says when it is there, so that no check looks at another one. */
  says: string;
  /** Needs a program that sells nothing. */
  closed?: true;
  /** Brings a new window to the page. */
  open(visit: Visit, program: TestProgram): Promise<unknown>;
}

/** Somebody new, signed in, on a page of theirs. */
export async function asNewCustomer(
  visit: Visit,
  program: TestProgram,
  path: string,
): Promise<Customer> {
  const customer = await program.signUp();
  await signIn(visit, program, customer);
  await visit.page.goto(`/w/${customer.slug}${path}`);
  return customer;
}

const seeds = new WeakMap<TestProgram, Promise<unknown>>();

/** Makes the demo once: who makes it as well waits for the other's transaction, longer than allowed. */
export async function withDemo(program: TestProgram): Promise<void> {
  const seed = seeds.get(program) ?? seedDemo(program.database.connections, presets.default);
  seeds.set(program, seed);
  await seed;
}

/** The demo person, who has nine weeks of history. */
export async function asDemoPerson(
  visit: Visit,
  program: TestProgram,
  path: string,
): Promise<void> {
  await withDemo(program);
  await signIn(visit, program, DEMO_PERSON);
  await visit.page.goto('/');
  await visit.page.goto(visit.page.url() + path);
}

/** Fills in fields by their labels, and presses a button. */
export async function send({ page }: Visit, fields: Record<string, string>, button: string) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByRole('button', { name: button, exact: true }).click();
}
