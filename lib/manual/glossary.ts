/** The words of the product, as screens and this manual use them. */
export const glossary: readonly Readonly<{ word: string; means: string }>[] = [
  {
    word: "Entity",
    means: "A legal entity with books of its own: currency, time zone, rounding, a company in the ERP.",
  },
  { word: "Shop", means: "A SCAYLE shop of one country. It belongs to one entity." },
  {
    word: "Feed",
    means:
      "One kind of record of one connection, read at its own interval, with a promise how far behind it may be.",
  },
  {
    word: "Alert",
    means:
      "Something that somebody has to know of now. Open once for what it is about, with an owner and a first action; it closes by itself.",
  },
  { word: "Run", means: "One reading of a feed, or one reconciliation." },
  {
    word: "Document",
    means: "A sale or a credit on one side. Every version of it is kept; the newest counts.",
  },
  { word: "Line", means: "One line of a document: an item, shipping, a fee, a gift card, a rounding." },
  { word: "Group", means: "The documents of both sides that hang together, usually one order." },
  { word: "Pair", means: "The lines of both sides that belong together, and their difference." },
  { word: "Cause", means: "Why a pair differs, proved by recomputing the figures with it." },
  {
    word: "Exception",
    means: "One cause on one subject that somebody must act on: it has an owner, a due day and a state.",
  },
  { word: "Root cause", means: "Exceptions of the same cause and make, which one fix would end together." },
  {
    word: "Resolution",
    means: "What ends an exception: shown before it is sent, read back afterwards, closed with proof.",
  },
  { word: "Matched", means: "Both sides are equal, to the cent." },
  { word: "Explained", means: "They differ for a proved reason, and nothing is to be done." },
  { word: "Open", means: "Somebody must act." },
  { word: "Accepted", means: "A person decided that it may stay, with a reason." },
  { word: "Timing", means: "It is expected to arrive; it clears itself." },
  { word: "Tie-out", means: "SCAYLE’s total and the ERP’s total of a month, with every cause between them." },
  { word: "Bridge", means: "The way from SCAYLE’s total over the causes to the ERP’s total." },
  { word: "Reconciliation debt", means: "What is open, by amount and count, age and owner." },
  { word: "Cut-off", means: "The moment up to which a month’s records count." },
  {
    word: "Late arrival",
    means:
      "What changes in a month after it was locked. The locked figures stay; the next open month carries it.",
  },
];
