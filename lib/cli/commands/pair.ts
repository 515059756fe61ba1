import type { Command } from "commander";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { aliasOf } from "@/lib/domain/identity";
import { decide, type Outcome } from "@/lib/pairing/mutations";
import { decidePlace, undoPlace } from "@/lib/pairing/placement";
import { liveEntities } from "./entities";
import { printResult, type Shell } from "./shell";

type Options = Readonly<{ document: string; order: string; note?: string; entity?: string }>;

/** tieout pair, tieout unpair */
export function addPair(program: Command, shellOf: () => Shell): void {
  program
    .command("pair")
    .description("put an ERP document with an order, from now on, and match both again")
    .requiredOption("--document <number>", "the ERP document's number")
    .requiredOption("--order <name>", "the order's reference, id or key")
    .option("--note <text>", "why, for the record")
    .option("--entity <code>", "where the number or name occurs in several entities")
    .action(async (options: Options) => {
      const shell = shellOf();
      const held = await documentNumbered(options);
      const order = await orderNamed(held.entityId, options.order);
      const { entityId, orderKey, documentId } = held;
      const outcome = await decide(
        whoOf(shell),
        entityId,
        (client, who) =>
          decidePlace(
            client,
            { entityId, orderKey, documentId, toOrderKey: order.orderKey, note: options.note },
            who,
          ),
        { now: shell.now },
      );
      told(shell, outcome, `${options.document} is with the order ${order.reference} now.`);
    });
  program
    .command("unpair")
    .description("undo where somebody put an ERP document; else take it out of the order it is with")
    .requiredOption("--document <number>", "the ERP document's number")
    .option("--entity <code>", "where the number occurs in several entities")
    .action(async (options: Options) => {
      const shell = shellOf();
      const { entityId, orderKey, documentId, decisionId } = await documentNumbered(options);
      const outcome = await decide(
        whoOf(shell),
        entityId,
        (client, who) =>
          decisionId
            ? undoPlace(client, { entityId, id: decisionId }, who)
            : decidePlace(client, { entityId, orderKey, documentId, toOrderKey: null }, who),
        { now: shell.now },
      );
      told(
        shell,
        outcome,
        decisionId
          ? `What was decided of ${options.document} is undone.`
          : `${options.document} is on its own now.`,
      );
    });
}

const whoOf = (shell: Shell) => ({ name: shell.actorName, audit: shell.actor });

function told(shell: Shell, outcome: Outcome, sentence: string): void {
  printResult(shell, outcome, () => [
    sentence,
    outcome.matched
      ? "Both sides were matched again."
      : "A reconciliation is at work; the next one takes this up.",
  ]);
}

type Numbered = Readonly<{
  entityId: string;
  orderKey: string;
  documentId: string;
  decisionId: string | null;
}>;

/** The one ERP document of a number. Throws Refusal: "not-found", "invalid" when several have it. */
async function documentNumbered({ document, entity }: Options): Promise<Numbered> {
  const entities = await liveEntities(ownerPool(), entity);
  const { rows } = await ownerPool().query<Numbered>(
    `SELECT d.entity_id AS "entityId", d.order_key AS "orderKey", d.id AS "documentId", p.id AS "decisionId"
       FROM document d LEFT JOIN placement_decision p ON p.connection_id = d.connection_id AND p.source_id = d.source_id
        AND p.document_kind = d.kind
      WHERE d.entity_id = ANY($1) AND d.side = 'erp' AND d.number = $2 ORDER BY d.entity_id, d.id`,
    [[...entities], document.trim()],
  );
  return only(rows, `ERP document ${document}`);
}

/** The one order of a name. Throws Refusal: "not-found", "invalid" when several go by it. */
async function orderNamed(
  entityId: string,
  name: string,
): Promise<Readonly<{ orderKey: string; reference: string }>> {
  const { rows } = await ownerPool().query<Readonly<{ orderKey: string; reference: string }>>(
    `SELECT DISTINCT o.order_key AS "orderKey", o.reference FROM order_alias a
       JOIN sales_order o ON o.order_key = a.order_key
      WHERE a.entity_id = $1 AND (a.alias = $2 OR o.order_key::text = $2)`,
    [entityId, aliasOf(name)],
  );
  return only(rows, `order ${name} in ${entityId}`);
}

function only<Row>(rows: readonly Row[], what: string): Row {
  const [row, ...others] = rows;
  if (!row) throw new Refusal("not-found", `There is no ${what}.`);
  if (others.length > 0) {
    throw new Refusal("invalid", `There are ${rows.length} of ${what}: say which, with --entity or a key.`);
  }
  return row;
}
