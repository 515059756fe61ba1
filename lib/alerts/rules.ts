import type pg from "pg";
import type { AlertKind } from "./contract";
import { alertKinds } from "./registry";

/** How a kind is watched in an entity: as somebody set it, or as it comes (`setBy` null). */
export type AlertRule = Readonly<{
  kind: AlertKind;
  enabled: boolean;
  bounds: Readonly<Record<string, number>>;
  recipients: readonly string[];
  webhook: boolean;
  reason: string | null;
  setAt: Date | null;
  setBy: string | null;
}>;

type Row = Readonly<
  Omit<AlertRule, "kind" | "bounds"> & { kind: string; bounds: Readonly<Record<string, unknown>> }
>;

/** The rules of an entity for every kind, in the order of the registry. */
export async function findAlertRules(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<readonly AlertRule[]> {
  const { rows } = await client.query<Row>(
    `SELECT kind, enabled, bounds, recipients, webhook, reason, set_at AS "setAt", set_by AS "setBy"
       FROM alert_rule WHERE entity_id = $1`,
    [entityId],
  );
  return alertKinds.map((kind) => {
    const row = rows.find((one) => one.kind === kind.kind);
    const bounds = Object.fromEntries(
      kind.bounds.map(({ name, is }) => {
        const set = row?.bounds[name];
        return [name, typeof set === "number" ? set : is];
      }),
    );
    return row ? { ...row, kind, bounds } : { ...AS_IT_COMES, kind, bounds };
  });
}

const AS_IT_COMES = {
  enabled: true,
  recipients: ["owner"],
  webhook: true,
  reason: null,
  setAt: null,
  setBy: null,
} as const;
