import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="VAT and accounts">
      <TableSkeleton rows={14} label="Loading the sums…" />
    </ConsolePage>
  );
}
