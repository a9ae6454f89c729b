import { z } from 'zod';
import { BRAND_VOICES, type IndustryTemplate } from '../core/business-profiles.ts';
import type { CatalogueItem, ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';

/** An industry to choose, with what its businesses usually say. */
export interface Industry extends IndustryTemplate {
  code: string;
}

/** The industries that there are templates for; where there are none, nobody is asked for a profile. */
export async function industriesNow(read: ReadCatalogue): Promise<Industry[]> {
  return (await read('industry'))
    .map(({ code, content }) => ({ code, ...industryIn(content) }))
    .sort((one, other) => one.position - other.position);
}

const Content = z.object({
  name: z.string(),
  brand_voice: z.enum(BRAND_VOICES),
  ideal_customer: z.object({
    roles: z.string(),
    companies: z.string(),
    places: z.string(),
    needs: z.string(),
  }),
  goals: z.array(z.object({ title: z.string(), measure: z.string(), target: z.int().positive() })),
  position: z.int(),
});

/** A template from what is stored, which is as it is. */
export function industryIn(content: unknown): z.output<typeof Content> {
  return Content.parse(content);
}

export function toldIndustry({ active, content }: CatalogueItem): Told {
  const { ideal_customer, goals, position, ...template } = industryIn(content);
  return {
    ...template,
    ...ideal_customer,
    goals: goals.map(({ title, measure, target }) => `${title}: ${target} ${measure}`).join('; '),
    position: String(position),
    active: active ? 'yes' : 'no',
  };
}
