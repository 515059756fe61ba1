import type { Metadata, Route } from "next";
import { Suspense } from "react";
import { HandOverMany } from "@/components/exceptions/hand-over-many";
import { Foreseen, RootCauseResolutionCard } from "@/components/resolutions/root-cause-resolution";
import { ContrastCards } from "@/components/root-causes/contrast-card";
import { RootCauseDetail } from "@/components/root-causes/root-cause-detail";
import { ConsolePage } from "@/components/shell/console-page";
import { SoftCloseNotice } from "@/components/shell/soft-close-notice";
import { ButtonLink } from "@/components/ui/button";
import { CardSkeleton } from "@/components/ui/skeleton";
import { loadSoftClosed } from "@/lib/close/softclose-view";
import { loadWhoMayWork } from "@/lib/exceptions/loaders";
import { loadForeseen, loadRootCauseResolution, type RootCauseResolution } from "@/lib/resolutions/loaders";
import { loadFindings, loadRootCause } from "@/lib/root-causes/loaders";

export const metadata: Metadata = { title: "Root cause" };

export default async function RootCausePage({ params }: PageProps<"/exceptions/causes/[id]">) {
  const view = await loadRootCause((await params).id);
  const { root, entity, owner } = view;
  const who = await loadWhoMayWork(root.entityId, entity.timeZone);
  const resolution = await loadRootCauseResolution(root);
  return (
    <ConsolePage
      title={root.title}
      actions={
        <ButtonLink href={`/exceptions/causes?entity=${encodeURIComponent(root.entityId)}` as Route}>
          All root causes
        </ButtonLink>
      }
    >
      <SoftCloseNotice found={await loadSoftClosed(root.entityId)} />
      <RootCauseDetail
        view={view}
        resolution={
          <RootCauseResolutionCard
            view={resolution}
            timeZone={entity.timeZone}
            foreseen={
              resolution.offer && (
                <Suspense fallback={<Planning count={resolution.offer.count} />}>
                  <Planned offer={resolution.offer} />
                </Suspense>
              )
            }
          />
        }
        handOver={
          who &&
          owner && (
            <HandOverMany
              entityId={root.entityId}
              rootCause={root.id}
              count={root.openCount}
              owner={owner}
              who={who}
            />
          )
        }
        contrast={
          <Suspense fallback={<CardSkeleton lines={3} label="Loading what they have in common…" />}>
            <Contrast id={root.id} timeZone={entity.timeZone} />
          </Suspense>
        }
      />
    </ConsolePage>
  );
}

/** What changed around the beginning is looked up: the rest of the page doesn't wait for it. */
async function Contrast({ id, timeZone }: Readonly<{ id: string; timeZone: string }>) {
  return <ContrastCards findings={await loadFindings(id)} timeZone={timeZone} />;
}

/** Each of them is planned to say how many can be sent: the rest of the page doesn't wait for it. */
async function Planned({ offer }: Readonly<{ offer: NonNullable<RootCauseResolution["offer"]> }>) {
  return <Foreseen offer={offer} foreseen={await loadForeseen(offer)} />;
}

function Planning({ count }: Readonly<{ count: number }>) {
  return (
    <p role="status" aria-label="Loading what can be sent" className="text-sm text-soft">
      Planning all {count.toLocaleString("en")} of them, to say how many can be sent…
    </p>
  );
}
