import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { PairingView, Placed } from "@/lib/pairing/loaders";
import { PlaceDocumentsCard } from "./documents-card";
import { OpenOrder } from "./open-order";
import { UndoPlaceButton } from "./undo-button";

/** Where an exception's documents belong: what can be decided, or what was. */
export function ExceptionPairing({
  pairing,
  placed,
  timeZone,
}: Readonly<{ pairing: PairingView | null; placed: Placed; timeZone: string }>) {
  return (
    <>
      <PlacedNotice placed={placed} timeZone={timeZone} />
      {pairing && <PlaceDocumentsCard view={pairing} />}
    </>
  );
}

/** Says of a resolved exception that a person put its document elsewhere, where it is now, and takes that back. */
function PlacedNotice({ placed, timeZone }: Readonly<{ placed: Placed; timeZone: string }>) {
  return placed.map((one) => (
    <Message key={one.id} tone="explained" title="Put there by hand">
      <div className="flex flex-col items-start gap-2">
        <p>
          {one.madeBy} put {one.document}{" "}
          {one.order === null ? (
            "with no order"
          ) : (
            <>
              with the order <OpenOrder orderKey={one.orderKey}>{one.order}</OpenOrder>
            </>
          )}
          , <Instant at={one.madeAt} timeZone={timeZone} />. It holds until it is undone.
        </p>
        <UndoPlaceButton entityId={one.entityId} id={one.id} orderKey={one.orderKey} label={one.document} />
      </div>
    </Message>
  ));
}
