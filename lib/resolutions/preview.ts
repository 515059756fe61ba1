import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { Plan, PlannedWrite } from "./contract";
import type { StoredPreview } from "./stored";
import { READ_ONLY, type Writers } from "./writers";

/** The key of a write: what goes along with it and is found again. */
export const keyOfWrite = (key: string, index: number): string => `${key}-${index + 1}`;

/** A hash of all that a plan would send: what is seen is what is sent, or nothing. */
export const basisOfPlan = (code: string, { writes }: Plan): string =>
  hashOf(toJson({ code, writes: writes.map(sentOf) }));

/**
 * What of a write is sent. Of stock it is which item and place: its figures move with every snapshot, and each is right as of
 * its own time, which goes along.
 */
function sentOf(planned: PlannedWrite): object {
  if (planned.write.kind === "stock") {
    const { kind, itemKey, warehouse, merchant } = planned.write;
    return { target: planned.target, connectionId: planned.connectionId, kind, itemKey, warehouse, merchant };
  }
  if (planned.target === "scayle") return planned;
  const { amount: _, ...sent } = planned;
  return sent;
}

/**
 * The requests of a plan as they go out, without credentials. A write that its connection has no path for, or that its
 * system can't be told, says why instead: then a person does it there.
 */
export function previewOf(plan: Plan, key: string, writers: Writers): StoredPreview {
  return plan.writes.map((planned, index) => {
    const { system, writer } = writers.of(planned);
    const lacks = writer === null ? READ_ONLY : writer.lacks(planned.write.kind);
    if (writer === null || lacks !== null) return { system, requests: [], lacks };
    try {
      return { system, requests: [...writer.requests(planned.write, keyOfWrite(key, index))], lacks: null };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "invalid") throw error;
      return { system, requests: [], lacks: error.message };
    }
  });
}

/** Whether a person has to do some of it. */
export const isInstruction = (preview: StoredPreview): boolean => preview.some(({ lacks }) => lacks !== null);
