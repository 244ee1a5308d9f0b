-- Journals are read in the order of their ids (docs/decisions/0018-complete-journals.md). An id is drawn when an entry is
-- written, but the entry is seen when it is committed, perhaps after entries with higher ids. So a transaction that writes
-- entries says first which id was the last before its own, by a lock that it holds to its end and that blocks nobody.

CREATE FUNCTION last_drawn_trade_event() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM trade_events_id_seq
$$;

-- The upper 16 bits of the lock's key mark it as one of these; the others are the id.
CREATE FUNCTION announce_trade_events() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared((19013::BIGINT << 48) | last_drawn_trade_event());
  RETURN NULL;
END
$$;

-- Before the statement: its rows draw their ids afterwards.
CREATE TRIGGER announce_trade_events BEFORE INSERT ON trade_events
FOR EACH STATEMENT EXECUTE FUNCTION announce_trade_events();

-- The id up to which the next statement sees every entry there will ever be. The sequence is read before the locks: who
-- has drawn an id by then has either its lock still, or is committed or rolled back.
CREATE FUNCTION trade_events_complete_to() RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_drawn BIGINT;
  before_oldest BIGINT;
BEGIN
  last_drawn := last_drawn_trade_event();
  SELECT min(((classid::BIGINT & 65535) << 32) | objid::BIGINT) INTO before_oldest FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1 AND classid::BIGINT >> 16 = 19013
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
  RETURN least(last_drawn, before_oldest);
END
$$;
