-- Who confirmed how a system rounds, and what its documents say of every candidate policy.
ALTER TABLE "connection" ADD COLUMN "rounding_confirmed_by" TEXT,
ADD COLUMN "rounding_evidence" JSONB,
ADD COLUMN "rounding_evidence_at" TIMESTAMPTZ(3);
