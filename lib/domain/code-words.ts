/** A code of one of the systems ("credit_card") as people read it ("credit card"). */
export const plainWords = (code: string): string => code.replaceAll(/[_-]+/g, " ");

/** Ways of paying that are called by a name of their own. */
const PAYMENTS: Readonly<Record<string, string>> = { paypal: "PayPal", klarna: "Klarna" };

/** A way of paying ("credit_card") as people write it ("credit card"). */
export const paymentWords = (key: string): string => PAYMENTS[key.toLowerCase()] ?? plainWords(key);
