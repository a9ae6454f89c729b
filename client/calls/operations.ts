/* Written by `npm run client` from the endpoints in src/api. */
export interface OperationsRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface OperationsAnswer {
  operations: {
    code: string;
    name: string;
    description: string;
    unit: string;
    price: {
      rule: string;
      version: number;
      /** For whom this price is. */
      scope: 'customer' | 'plan' | 'general';
      components: {
        code: string;
        label: string;
        unit: string;
        charge: 'flat' | 'per_unit';
        /** Credits, with up to twelve decimals. */
        price: string;
        step?: string;
        tiers?: {
          period: 'hour' | 'day' | 'week' | 'month' | 'all';
          mode: 'graduated' | 'volume';
          bands: {
            up_to: string;
            /** Credits, with up to twelve decimals. */
            price: string;
          }[];
        };
        /** Credits, with up to twelve decimals. */
        minimum?: string;
      }[];
    } | null;
    /** What it will cost, from when; null from when it is not on sale. */
    upcoming: {
      valid_from: string;
      price: {
        rule: string;
        version: number;
        /** For whom this price is. */
        scope: 'customer' | 'plan' | 'general';
        components: {
          code: string;
          label: string;
          unit: string;
          charge: 'flat' | 'per_unit';
          /** Credits, with up to twelve decimals. */
          price: string;
          step?: string;
          tiers?: {
            period: 'hour' | 'day' | 'week' | 'month' | 'all';
            mode: 'graduated' | 'volume';
            bands: {
              up_to: string;
              /** Credits, with up to twelve decimals. */
              price: string;
            }[];
          };
          /** Credits, with up to twelve decimals. */
          minimum?: string;
        }[];
      } | null;
    }[];
  }[];
}
export interface OperationRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface OperationAnswer {
  code: string;
  name: string;
  description: string;
  unit: string;
  price: {
    rule: string;
    version: number;
    /** For whom this price is. */
    scope: 'customer' | 'plan' | 'general';
    components: {
      code: string;
      label: string;
      unit: string;
      charge: 'flat' | 'per_unit';
      /** Credits, with up to twelve decimals. */
      price: string;
      step?: string;
      tiers?: {
        period: 'hour' | 'day' | 'week' | 'month' | 'all';
        mode: 'graduated' | 'volume';
        bands: {
          up_to: string;
          /** Credits, with up to twelve decimals. */
          price: string;
        }[];
      };
      /** Credits, with up to twelve decimals. */
      minimum?: string;
    }[];
  } | null;
  /** What it will cost, from when; null from when it is not on sale. */
  upcoming: {
    valid_from: string;
    price: {
      rule: string;
      version: number;
      /** For whom this price is. */
      scope: 'customer' | 'plan' | 'general';
      components: {
        code: string;
        label: string;
        unit: string;
        charge: 'flat' | 'per_unit';
        /** Credits, with up to twelve decimals. */
        price: string;
        step?: string;
        tiers?: {
          period: 'hour' | 'day' | 'week' | 'month' | 'all';
          mode: 'graduated' | 'volume';
          bands: {
            up_to: string;
            /** Credits, with up to twelve decimals. */
            price: string;
          }[];
        };
        /** Credits, with up to twelve decimals. */
        minimum?: string;
      }[];
    } | null;
  }[];
}
