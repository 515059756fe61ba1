-- Where two sets of causes explain a difference equally well, the exception says so; its evidence holds both.
ALTER TABLE "exception" ADD COLUMN "ambiguous" BOOLEAN NOT NULL DEFAULT false;

-- An ERP that rounds once per document hands the tax to the lines in their order: without it a line's cents can't be
-- recomputed. Lines stored before have none, and are held against their document's tax.
ALTER TABLE "line" ADD COLUMN "position" INTEGER;
