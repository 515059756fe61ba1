-- Some ERPs keep tax per document only. What is then given out to a line is marked: which line bears a cent is no
-- statement of theirs.
ALTER TABLE "line" ADD COLUMN "tax_allocated" BOOLEAN NOT NULL DEFAULT false;
