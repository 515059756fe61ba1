/** The four meanings of a colour, and none. Always shown together with an icon and a word. */
export type Tone = "agrees" | "explained" | "attention" | "broken" | "neutral";

/** Ink on a soft ground, per meaning. */
export const softTone: Readonly<Record<Tone, string>> = {
  agrees: "bg-agrees-soft text-agrees",
  explained: "bg-explained-soft text-explained",
  attention: "bg-attention-soft text-attention",
  broken: "bg-broken-soft text-broken",
  neutral: "bg-sunken text-soft",
};

/** Ink alone, per meaning. */
export const inkTone: Readonly<Record<Tone, string>> = {
  agrees: "text-agrees",
  explained: "text-explained",
  attention: "text-attention",
  broken: "text-broken",
  neutral: "text-soft",
};
