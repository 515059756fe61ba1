-- When an ERP document was last read and found unchanged: seen_at says when its version came.
ALTER TABLE "document" ADD COLUMN "checked_at" TIMESTAMPTZ(3);
