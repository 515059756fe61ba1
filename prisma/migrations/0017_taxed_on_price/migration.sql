-- Some ERPs tax quantity × unit price before it is rounded to the line's amount: then the amounts alone don't give the tax.
ALTER TABLE "line" ADD COLUMN "taxed_on_price" BOOLEAN NOT NULL DEFAULT false;
