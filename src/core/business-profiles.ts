/** How a business talks to its customers. */
export const BRAND_VOICES = ['professional', 'casual', 'friendly'] as const;
export type BrandVoice = (typeof BRAND_VOICES)[number];

/** For a business that is in none of the industries that there are templates for. */
export const OTHER_INDUSTRY = 'other';

/** Whom a business wants to sell to. */
export interface IdealCustomer {
  /** Who decides: "Heads of sales". */
  roles: string;
  companies: string;
  places: string;
  needs: string;
}

/** What is to be reached: counted in a measure, or ticked when there is none. */
export interface GoalTerms {
  title: string;
  measure: string;
  target: number;
}

/** What a business of an industry usually says, to begin from. */
export interface IndustryTemplate {
  name: string;
  brand_voice: BrandVoice;
  ideal_customer: IdealCustomer;
  goals: readonly GoalTerms[];
}
