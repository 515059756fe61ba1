-- Exceptions that stand beside the books say what they are about where that is no order, and what it comes to where that is no amount.

ALTER TABLE "exception" ADD COLUMN "about" TEXT, ADD COLUMN "matter" TEXT;
UPDATE "exception" SET about = document_number WHERE cause = 'stock-drift' AND document_number IS NOT NULL;
