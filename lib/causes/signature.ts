/** What exceptions with one root cause may share, by the name that people read. */
export type SignatureName =
  | "ship-to"
  | "shop"
  | "channel"
  | "kind"
  | "item"
  | "posted as"
  | "charge"
  | "missing in"
  | "posted code"
  | "expected code"
  | "currency"
  | "reference"
  | "series"
  | "weighted in"
  | "missing step";

const BETWEEN = " · ";
const AFTER_NAME = ": ";

/**
 * A signature out of the attributes that a cause's exceptions share when one thing is behind them: "ship-to: DE · channel:
 * marketplace_x". The order of the names is the given one, so equal attributes are equal text. What is not known is left out.
 * It holds no amounts and no ids of ours.
 */
export const signatureOf = (attributes: Partial<Readonly<Record<SignatureName, string | null>>>): string =>
  Object.entries(attributes)
    .flatMap(([name, value]) => (value ? [`${name}${AFTER_NAME}${value.replaceAll("·", "-").trim()}`] : []))
    .join(BETWEEN);

/** The attributes of a signature, in its order; a text that is no such signature is one attribute without a name. */
export const attributesOf = (
  signature: string,
): readonly Readonly<{ name: string | null; value: string }>[] =>
  signature === ""
    ? []
    : signature.split(BETWEEN).map((part) => {
        const at = part.indexOf(AFTER_NAME);
        return at < 0
          ? { name: null, value: part }
          : { name: part.slice(0, at), value: part.slice(at + AFTER_NAME.length) };
      });

/** The value of one attribute of a signature; null where it has none. */
export const attributeOf = (signature: string, name: SignatureName): string | null =>
  attributesOf(signature).find((one) => one.name === name)?.value ?? null;

/** A signature with the value of one attribute told otherwise, to be read: an id as the name that people know. */
export const retoldIn = (signature: string, name: SignatureName, told: (value: string) => string): string =>
  attributesOf(signature)
    .map((one) =>
      one.name === null
        ? one.value
        : `${one.name}${AFTER_NAME}${one.name === name ? told(one.value) : one.value}`,
    )
    .join(BETWEEN);

/** The letters and signs before the running figures of a document's number: its series. "SI-" of "SI-10023". */
export const seriesOf = (documentNumber: string): string => documentNumber.replace(/\d+$/, "");
