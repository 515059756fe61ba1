/**
 * Causes for which nothing can be sent from here, and why: what somebody has to find out first, or what is done in another
 * place. A cause with no resolution that is sent is named here, with what to do (registry.test.ts).
 */
const reasons: Readonly<Record<string, string>> = {
  unexplained:
    "Nothing is sent for this from here: no cause reproduces it, so nobody can tell which side is wrong. Compare both documents, link what belongs together, or have what was missed read again.",
  rounding:
    "Nothing is sent for this alone: both sides are right by their own rules, and cents are no document. The month’s roundings are posted together.",
  "cut-off":
    "Nothing is sent for this: both sides have it, in different months, and it is gone once both are counted. Accept it as timing where the month is closed before.",
  "record-failed":
    "Nothing is sent for this from here: what could not be read is put right where it comes from, or its mapping is set here. Then it is read again.",
  "feed-behind":
    "Nothing is sent for this: it is about reading, not about an amount. The feed’s page says what stopped it and lets it go on.",
  "posted-changed":
    "Nothing is sent for this from here: who changed a posted document has to say which version is right. It ends by itself once the document is again what it was; finance can accept it, with a reason.",
  question:
    "Nothing is sent for this: it is a question about an order. It ends when it is answered; whoever asked sees the answer there.",
  "order-gone":
    "Nothing is sent for this from here: whether the deleted order was sold is known only to whoever deleted it. If it was not, credit the ERP’s document there; the order is then read again.",
};

/** Why nothing is sent for a cause, and what to do instead; null where something can be. */
export const whyNone = (cause: string): string | null => reasons[cause] ?? null;
