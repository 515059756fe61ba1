-- Corrections of a month as balanced journals: proposed by one person, approved by another, exported to the ERP.

CREATE TABLE "journal_account" (
    "entity_id" TEXT NOT NULL,
    -- rounding | accrual | write-off
    "purpose" TEXT NOT NULL,
    -- net | tax | gross: which of the three amounts is booked to it
    "part" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "journal_account_pkey" PRIMARY KEY ("entity_id", "purpose", "part"),
    CONSTRAINT journal_account_purpose CHECK (purpose IN ('rounding', 'accrual', 'write-off')),
    CONSTRAINT journal_account_part CHECK (part IN ('net', 'tax', 'gross'))
);

CREATE TABLE "journal" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "number" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "posting_day" DATE NOT NULL,
    -- SCAYLE − ERP, as it was when this was proposed
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "lines" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    -- the journal that this one takes back in the month after
    "reverses" UUID,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,
    "exported_at" TIMESTAMPTZ(3),
    "exported_by" TEXT,

    CONSTRAINT "journal_pkey" PRIMARY KEY ("id"),
    CONSTRAINT journal_number UNIQUE ("entity_id", "number"),
    CONSTRAINT journal_state CHECK (state IN ('asked', 'approved', 'rejected')),
    CONSTRAINT journal_decided CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT journal_two CHECK (decided_by_id <> made_by_id),
    CONSTRAINT journal_adds_up CHECK (gross = net + tax)
);
CREATE INDEX "journal_entity_id_month_idx" ON "journal"("entity_id", "month");

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE ON "journal_account" TO tieout_app;
    -- What is proposed is decided and exported, never changed.
    GRANT SELECT, INSERT ON "journal" TO tieout_app;
    GRANT UPDATE (state, decided_at, decided_by_id, decided_by, decided_why, exported_at, exported_by) ON "journal" TO tieout_app;
  END IF;
END
$$;
