import { cancelledButInvoiced } from "./cancelled-but-invoiced";
import type { Cause } from "./contract";
import { creditMissingInErp } from "./credit-missing-in-erp";
import { creditNoteFailed } from "./credit-note-failed";
import { cutOff } from "./cut-off";
import { duplicateInErp } from "./duplicate-in-erp";
import { orderUnreadable } from "./order-unreadable";
import { priceWrong } from "./price-wrong";
import { quantityWrong } from "./quantity-wrong";
import { recordFailed } from "./record-failed";
import { reversedInErp } from "./reversed-in-erp";
import { rounding } from "./rounding";
import { saleMissingInErp } from "./sale-missing-in-erp";
import { saleMissingInScayle } from "./sale-missing-in-scayle";
import { taxCodeMissing } from "./tax-code-missing";
import { taxUnknown } from "./tax-unknown";
import { timing } from "./timing";
import { unexplained } from "./unexplained";

/** Every cause, most certain first within its stage. `unexplained` is last: it takes what is left. */
export const causes: readonly Cause[] = [
  recordFailed,
  reversedInErp,
  orderUnreadable,
  saleMissingInScayle,
  duplicateInErp,
  cancelledButInvoiced,
  timing,
  creditNoteFailed,
  saleMissingInErp,
  creditMissingInErp,
  cutOff,
  taxCodeMissing,
  quantityWrong,
  priceWrong,
  taxUnknown,
  rounding,
  unexplained,
];

const byCode = new Map(causes.map((cause) => [cause.code, cause]));

/** The cause of a code that the database holds; undefined for one that is no longer registered. */
export const causeOf = (code: string): Cause | undefined => byCode.get(code);
