import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Alerts">
      <TableSkeleton rows={6} label="Loading the alerts…" />
    </ConsolePage>
  );
}
