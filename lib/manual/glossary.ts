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
  {
    word: "Lane",
    means:
      "How a feed is read. The live lane (status, stock) follows what happens within minutes; the financial lane (orders, documents) is what months are made of.",
  },
  {
    word: "Promise",
    means: "How far behind its source a feed may be at most. What is further behind raises “Feed behind”.",
  },
  {
    word: "Peak mode",
    means:
      "A feed is read less often than it is set to, on purpose, because its source is under load or its limit is nearly used up. It ends by itself.",
  },
  {
    word: "Posting lag",
    means:
      "How long the ERP may take to post what happened in SCAYLE. Within it a missing document is timing, not an exception.",
  },
  {
    word: "Resync",
    means:
      "Reading one record, or several, again from both systems, and reconciling them anew. It changes nothing there.",
  },
  {
    word: "In flight",
    means:
      "Pieces that left one system’s stock and are not yet counted by the other, because orders or reports are on their way.",
  },
  {
    word: "Drift",
    means:
      "What is left of a difference in stock, or of a step that has not come, beyond what is in flight or normal.",
  },
  { word: "Oversell", means: "SCAYLE sells, or may sell, more pieces of an item than the ERP has." },
  {
    word: "Materiality",
    means:
      "The amount of an entity below which a month’s reconciliation debt must be before it is signed. It is set on the month’s page, beside its sign-off.",
  },
  {
    word: "Sign-off",
    means: "A person declares a month prepared, and another that it is reviewed. Nobody does both.",
  },
  {
    word: "Lock",
    means:
      "A signed month’s figures are kept as they were. What arrives later is a late arrival; reopening needs a reason.",
  },
  { word: "Cut-off", means: "The moment up to which a month’s records count." },
  {
    word: "Late arrival",
    means:
      "What changes in a month after it was locked. The locked figures stay; the next open month carries it.",
  },
];
