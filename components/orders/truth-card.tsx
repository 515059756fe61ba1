import { Card } from "@/components/ui/card";
import type { OrderView } from "@/lib/orders/loaders";

/** Where goods and money stand, in one sentence each: what customer service reads out. */
export function TruthCard({ truth }: Readonly<{ truth: OrderView["truth"] }>) {
  return (
    <Card title="Where it stands">
      <dl className="grid gap-x-4 gap-y-2 text-lg sm:grid-cols-[5rem_1fr]">
        <dt className="text-soft text-sm leading-6">Goods</dt>
        <dd>{truth.goods}</dd>
        <dt className="text-soft text-sm leading-6">Money</dt>
        <dd className="tabular-nums">{truth.money}</dd>
      </dl>
    </Card>
  );
}
