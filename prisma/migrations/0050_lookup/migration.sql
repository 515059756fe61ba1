-- Orders are looked for by everything that a customer may have at hand: numbers without their prefix, a parcel's tracking
-- number, an invoice, an e-mail address, a name with a typo.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- How numbers are compared when people look for them: letters and digits alone (lib/domain/lookup.ts has the same).
CREATE FUNCTION lookup_compact(number text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN regexp_replace(lower(number), '[^a-z0-9]', '', 'g');
-- The digits at its end without leading zeros: what people call a number by whose prefix they leave out.
CREATE FUNCTION lookup_bare(number text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN ltrim(substring(number FROM '[0-9]+$'), '0');

CREATE INDEX order_alias_compact ON "order_alias" (lookup_compact(alias) text_pattern_ops);
CREATE INDEX order_alias_bare ON "order_alias" (lookup_bare(alias)) WHERE lookup_bare(alias) IS NOT NULL;
CREATE INDEX document_compact ON "document" (lookup_compact(number) text_pattern_ops) WHERE side = 'erp';
CREATE INDEX document_bare ON "document" (lookup_bare(number)) WHERE side = 'erp' AND lookup_bare(number) IS NOT NULL;

-- Numbers of parcels and of SCAYLE's invoices and credit notes. Those of parcels go with the customer.
CREATE TABLE "order_term" (
    "order_key" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "term" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "stated" TEXT NOT NULL,

    CONSTRAINT "order_term_pkey" PRIMARY KEY ("order_key", "kind", "term"),
    CONSTRAINT order_term_kind CHECK (kind IN ('tracking', 'invoice'))
);
CREATE INDEX order_term_found ON "order_term" (term text_pattern_ops);
CREATE INDEX order_term_bare ON "order_term" (lookup_bare(term)) WHERE lookup_bare(term) IS NOT NULL;

-- What a customer is found by; erased with the customer. E-mail addresses in lower case, names as folded words and pairs of
-- words, telephone numbers from their last digit to their first.
CREATE TABLE "customer_term" (
    "connection_id" UUID NOT NULL,
    "customer_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "term" TEXT NOT NULL,

    CONSTRAINT "customer_term_pkey" PRIMARY KEY ("connection_id", "customer_key", "kind", "term"),
    CONSTRAINT customer_term_kind CHECK (kind IN ('email', 'name', 'phone'))
);
CREATE INDEX customer_term_found ON "customer_term" (kind, term text_pattern_ops, connection_id, customer_key);

-- The words that names are made of, each once: few, so that what is spelled alike is found quickly.
CREATE TABLE "customer_word" (
    "word" TEXT NOT NULL,

    CONSTRAINT "customer_word_pkey" PRIMARY KEY ("word")
);
CREATE INDEX customer_word_begins ON "customer_word" (word text_pattern_ops);
CREATE INDEX customer_word_alike ON "customer_word" USING gin (word gin_trgm_ops);

CREATE INDEX sales_order_customer ON "sales_order" (connection_id, customer_key) WHERE customer_key IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "order_term", "customer_term", "customer_word" TO tieout_app;
  END IF;
END
$$;

-- A customer whose identity is to be erased is named by an event like an order is.
ALTER TABLE "webhook_event" DROP CONSTRAINT webhook_event_subject;
ALTER TABLE "webhook_event" ADD CONSTRAINT webhook_event_subject CHECK (subject IN ('order', 'stock', 'customer'));
