import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Pairing">
      <CardSkeleton lines={8} label="Loading how records come together…" />
    </ConsolePage>
  );
}
