-- Some ERPs keep tax per document only. What is then given out to a line is marked: which line bears a cent is no
-- statement of theirs. And some tax quantity × unit price before it is rounded to the line's amount.
ALTER TABLE "line" ADD COLUMN "tax_allocated" BOOLEAN NOT NULL DEFAULT false,
                   ADD COLUMN "taxed_on_price" BOOLEAN NOT NULL DEFAULT false;
