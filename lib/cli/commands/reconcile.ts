import type { Command } from "commander";
import { watchAlerts } from "@/lib/alerts/watch";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { askForProposals } from "@/lib/mappings/ask-for-proposals";
import { type EntityReport, type ReconcileRequest, runReconciliation } from "@/lib/matching/reconcile";
import { keepFindings } from "@/lib/root-causes/keep-findings";
import { findOrderKeys } from "@/lib/sync/order-keys";
import { liveEntities } from "./entities";
import { period } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ period?: string; order?: string; entity?: string; full?: boolean }>;

/** tieout reconcile */
export function addReconcile(program: Command, shellOf: () => Shell): void {
  program
    .command("reconcile")
    .description(
      "match both sides and explain what differs; without options: what changed, and what was on its way",
    )
    .option("--period <month>", "one month, like 2026-10", period)
    .option("--order <reference>", "one order only")
    .option("--entity <code>", "one entity only")
    .option("--full", "everything, whether it changed or not")
    .action(async (options: Options) => {
      const shell = shellOf();
      const entities: EntityReport[] = [];
      for (const request of await requestsOf(options)) {
        const report = await runReconciliation(request, {
          actorName: shell.actorName,
          actor: shell.actor,
          now: shell.now,
          signal: shell.signal,
        });
        entities.push(...report.entities);
      }
      const asked: string[] = [];
      for (const { entity } of entities) {
        const context = { pool: ownerPool(), now: shell.now, signal: shell.signal };
        await keepFindings(entity, context);
        if (await askForProposals(entity, context)) asked.push(entity);
        // As after each reconciliation of the console: who opens it first finds what there is to know of.
        await watchAlerts(ownerPool(), entity, shell.now());
      }
      printResult(shell, { entities, asked }, () => [...words(entities), ...asked.map(ASKED)]);
    });
}

const ASKED = (entity: string): string =>
  `${entity}: the proposed tax codes are asked for; they hold once somebody approves them at Settings → Mappings.`;

/** One request, or one per entity that knows the order. */
async function requestsOf(options: Options): Promise<readonly ReconcileRequest[]> {
  const entities = await liveEntities(ownerPool(), options.entity);
  const { period: month, full } = options;
  if (options.order === undefined) return [{ entityId: options.entity, period: month, full }];
  const groups = await findOrderKeys(ownerPool(), entities, options.order);
  if (groups.length === 0) {
    throw new Refusal(
      "not-found",
      `There is no order ${options.order} here. Read it: tieout sync --order REF`,
    );
  }
  return [...new Set(groups.map((group) => group.entityId))].map((entityId) => ({
    entityId,
    orderKeys: groups.filter((group) => group.entityId === entityId).map((group) => group.orderKey),
  }));
}

function words(entities: readonly EntityReport[]): readonly string[] {
  if (entities.length === 0) return ["There is nothing to reconcile: no entity is connected."];
  return [
    ...table(
      ["entity", "as of", "groups", "agreed", "opened", "resolved", "result"],
      entities.map((one) => [
        one.entity,
        one.asOf.toISOString(),
        ...[one.groups, one.agreed, one.opened, one.resolved].map(String),
        // The same data, settings and as-of give the same.
        one.outcome.slice(0, 12),
      ]),
      [2, 3, 4, 5],
    ),
    ...entities.flatMap((one) => one.proposals.map((proposal) => `${one.entity}: ${proposal}`)),
  ];
}
