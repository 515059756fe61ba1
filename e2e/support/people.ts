/** The sandbox's people, as the sign-in page offers them; written out here so that a change there is noticed. */
export const people = {
  preparer: { name: "Petra Preparer", title: "Finance preparer" },
  reviewer: { name: "Rosa Reviewer", title: "Finance reviewer" },
  operations: { name: "Omar Operations", title: "Operations" },
  service: { name: "Chris Service", title: "Customer service" },
  auditor: { name: "Ada Auditor", title: "Auditor" },
  admin: { name: "Alex Admin", title: "Administrator" },
} as const;

/** One of them, by the mailbox. */
export type Who = keyof typeof people;

/** All of them, one for each role. */
export const everybody = ["preparer", "reviewer", "operations", "service", "auditor", "admin"] as const;

/** What the demo users sign in with. */
export const PASSWORD = "tieout-demo";

/** The address that one of them signs in with. */
export const emailOf = (who: Who): string => `${who}@demo.tieout.example`;
