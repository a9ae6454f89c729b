/**
 * The library's parameters without the "or any other string" that it adds to every enum: with it
 * the compiler would let a typo through, which only Stripe would refuse.
 */
export type Known<T> = KnownText<Extract<T, string>> | KnownPart<Exclude<T, string>>;

/** The literals of a union; a plain string stays one. */
type KnownText<Text extends string> = [Literals<Text>] extends [never] ? Text : Literals<Text>;
type Literals<Text extends string> = Text extends string
  ? object extends Record<Text, unknown>
    ? never
    : Text
  : never;

/** Lists and objects through and through, but not the library's own classes. */
type KnownPart<Part> = Part extends readonly (infer Item)[]
  ? Known<Item>[]
  : Part extends { toJSON: unknown }
    ? Part
    : Part extends object
      ? { [Name in keyof Part]: Known<Part[Name]> }
      : Part;
