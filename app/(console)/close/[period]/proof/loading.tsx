import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton, TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Nothing-lost proof">
      <CardSkeleton lines={2} label="Counting…" />
      <TableSkeleton rows={8} label="Loading the counts…" />
    </ConsolePage>
  );
}
