-- What can't be told anew yet stays as it was judged last, and says up to when SCAYLE's orders have to be known first.
ALTER TABLE "stock_standing" ADD COLUMN "awaits_orders_until" TIMESTAMPTZ(3);
