import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import type { PairingView } from "@/lib/pairing/loaders";
import { LinkForm } from "./link-form";
import { TakeOutButton } from "./take-out-button";
import { UndoPlaceButton } from "./undo-button";

/** Puts the ERP documents of a group elsewhere: links them to an order, takes them out, undoes what was decided. */
export function PlaceDocumentsCard({ view }: Readonly<{ view: PairingView }>) {
  const { entityId, orderKey, documents } = view;
  if (documents.length === 0) return null;
  return (
    <Card
      title="Where ERP documents belong"
      description="What is decided here holds in every later run, until it is undone"
    >
      <ul className="flex flex-col gap-4">
        {documents.map((document) => {
          const of = { entityId, orderKey, documentId: document.id, number: document.number };
          return (
            <li key={document.id} className="flex flex-col gap-2">
              <p className="text-sm">
                <span className="font-medium">{document.number}</span>{" "}
                <Amount minor={document.gross} currency={document.currency} withCurrency />
                <span className="text-soft">
                  {document.orderKnown ? " is with this order" : " is on its own"}
                  {document.decisionId && ", put there by hand"}.
                </span>
              </p>
              {document.decisionId && (
                <UndoPlaceButton
                  entityId={entityId}
                  id={document.decisionId}
                  orderKey={orderKey}
                  label={document.number}
                />
              )}
              {document.orderKnown ? !document.decisionId && <TakeOutButton {...of} /> : <LinkForm {...of} />}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
