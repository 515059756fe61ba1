import type { InForce } from "@/lib/settings/change/data";
import type { Draft, SettingsChange } from "@/lib/settings/change/schema";

/** What the fields of a change hold before anybody touches them: what is in force. */
export function defaultsOf(kind: SettingsChange["kind"], inForce: InForce, chosen: Draft): Draft {
  switch (kind) {
    case "tax-code":
      return { channel: "*", right: "yes" };
    case "rounding": {
      const connectionId = chosen["connectionId"] ?? inForce.connections[0]?.id ?? "";
      const policy = inForce.connections.find((one) => one.id === connectionId)?.policy;
      const stated = policy && {
        level: policy.level,
        mode: policy.mode,
        basis: policy.basis,
        first: policy.first,
      };
      return {
        connectionId,
        ...(stated ?? { level: "line", mode: "half-up", basis: "gross", first: "tax" }),
      };
    }
    case "none-tax-codes":
      return { taxCodes: inForce.noneTaxCodes.join(", ") };
    case "posting-lag":
      return { hours: String(inForce.postingLagHours) };
    case "item": {
      const known = mappingOf(inForce, chosen);
      return { erpKind: "item", erpVariant: "", lineKind: known?.lineKind ?? "item", sku: known?.sku ?? "" };
    }
    case "local-currency": {
      const chosenId = chosen["connectionId"];
      const open = inForce.connections.filter((one) => one.leavesCurrencyOut);
      const connection = open.find((one) => one.id === chosenId) ?? open[0];
      return { connectionId: connection?.id ?? "", currency: connection?.localCurrency ?? "" };
    }
    default:
      throw new Error(`no such change: ${kind satisfies never}`);
  }
}

/** What the ERP item or account that a draft names stands for now, if a mapping says so. */
export const mappingOf = (inForce: InForce, draft: Draft) =>
  inForce.items.find(
    (one) =>
      one.erpKind === (draft["erpKind"] ?? "item") &&
      one.erpItem === draft["erpItem"]?.trim() &&
      one.erpVariant === (draft["erpVariant"] ?? "").trim(),
  );
