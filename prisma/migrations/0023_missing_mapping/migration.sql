-- Of a record that failed for want of a mapping: what is missing, as data (lib/domain/missing.ts); null where no mapping cures it.
ALTER TABLE "failed_record" ADD COLUMN "missing" JSONB;
