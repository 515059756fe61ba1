-- A run of one order must not look through a million exceptions or causes for the few that every run asks about.
CREATE INDEX exception_failed_records ON "exception" (entity_id, period)
  WHERE cause = 'record-failed' AND state <> 'resolved';
CREATE INDEX cause_to_look_at_again ON "cause" (entity_id, order_key)
  WHERE bucket = 'timing' OR code = 'order-unreadable';
