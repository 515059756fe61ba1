import { cancelledButInvoiced } from "./cancelled-but-invoiced";
import type { Cause } from "./contract";
import { creditMissingInErp } from "./credit-missing-in-erp";
import { creditNoteFailed } from "./credit-note-failed";
import { currencyWrong } from "./currency-wrong";
import { cutOff } from "./cut-off";
import { duplicateInErp } from "./duplicate-in-erp";
import { feedBehind } from "./feed-behind";
import { itemWrong } from "./item-wrong";
import { orderGone } from "./order-gone";
import { orderUnreadable } from "./order-unreadable";
import { postedAhead } from "./posted-ahead";
import { postedChanged } from "./posted-changed";
import { priceWrong } from "./price-wrong";
import { quantityWrong } from "./quantity-wrong";
import { question } from "./question";
import { recordFailed } from "./record-failed";
import { refundAmountWrong } from "./refund-amount-wrong";
import { reversedInErp } from "./reversed-in-erp";
import { rounding } from "./rounding";
import { saleMissingInErp } from "./sale-missing-in-erp";
import { saleMissingInScayle } from "./sale-missing-in-scayle";
import { shippingMissing } from "./shipping-missing";
import { shippingTaxBasis } from "./shipping-tax-basis";
import { statusDrift } from "./status-drift";
import { stockDrift } from "./stock-drift";
import { taxCodeMissing } from "./tax-code-missing";
import { taxCodeWrong } from "./tax-code-wrong";
import { taxNotRecalculated } from "./tax-not-recalculated";
import { taxUnknown } from "./tax-unknown";
import { timing } from "./timing";
import { unexplained } from "./unexplained";
import { voucherAllocation } from "./voucher-allocation";

/** Every cause, most certain first within its stage. `unexplained` is last: it takes what is left. */
export const causes: readonly Cause[] = [
  recordFailed,
  feedBehind,
  postedChanged,
  orderGone,
  stockDrift,
  question,
  statusDrift,
  reversedInErp,
  orderUnreadable,
  saleMissingInScayle,
  currencyWrong,
  duplicateInErp,
  cancelledButInvoiced,
  itemWrong,
  timing,
  postedAhead,
  creditNoteFailed,
  saleMissingInErp,
  creditMissingInErp,
  shippingMissing,
  cutOff,
  taxCodeMissing,
  shippingTaxBasis,
  taxCodeWrong,
  voucherAllocation,
  quantityWrong,
  refundAmountWrong,
  priceWrong,
  taxNotRecalculated,
  taxUnknown,
  rounding,
  unexplained,
];

const byCode = new Map(causes.map((cause) => [cause.code, cause]));

/** The cause of a code that the database holds; undefined for one that is no longer registered. */
export const causeOf = (code: string): Cause | undefined => byCode.get(code);
