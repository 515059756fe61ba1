/** How a new feed is read: its lane, how often, how much of its tail again, and how far behind it may fall. In seconds. */
type Pace = Readonly<{
  lane: "financial" | "live";
  interval: number;
  overlap: number;
  promise: number;
}>;

const FINANCIAL: Pace = { lane: "financial", interval: 900, overlap: 600, promise: 3600 };
const PACES: Readonly<Record<string, Pace>> = {
  status: { lane: "live", interval: 120, overlap: 120, promise: 900 },
  stock: { lane: "live", interval: 300, overlap: 0, promise: 3600 },
};

/** How a new feed of a resource is read, until somebody sets it otherwise. */
export const paceOf = (resource: string): Pace => PACES[resource] ?? FINANCIAL;
