import type { Metadata } from "next";
import {
  AlertsChapter,
  CausesChapter,
  ChecksChapter,
  GlossaryChapter,
  ManualContents,
  RecordsChapter,
  SettingsChapter,
} from "@/components/manual/manual";
import { PrintButton } from "@/components/manual/print-button";
import { ConsolePage } from "@/components/shell/console-page";
import { Instant } from "@/components/ui/instant";
import { loadManual } from "@/lib/manual/loaders";

export const metadata: Metadata = { title: "Operating manual" };

export default async function ManualPage() {
  const view = await loadManual();
  return (
    <ConsolePage
      title="Operating manual"
      description={
        <>
          Made from what is in force on <Instant at={view.at} timeZone={view.timeZone} withZone />: it can’t
          be out of date
        </>
      }
      actions={<PrintButton />}
    >
      <ManualContents view={view} />
      <RecordsChapter view={view} />
      <CausesChapter view={view} />
      <AlertsChapter view={view} />
      <ChecksChapter view={view} />
      <SettingsChapter view={view} />
      <GlossaryChapter view={view} />
    </ConsolePage>
  );
}
