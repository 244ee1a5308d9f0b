-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "hash" TEXT,
ADD COLUMN     "position" BIGINT;

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_position_key" ON "audit_events"("position");

-- What follows is docs/decisions/0013-audit-chain.md.

-- The hash of a row at its position. src/storage/audit-chain.ts computes the same without this function.
CREATE FUNCTION audit_event_hash(previous TEXT, event audit_events) RETURNS TEXT
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(previous || jsonb_build_array(
    event.position, event.id, (extract(epoch FROM event.at) * 1000)::bigint,
    event.actor, event.action, event.subject, event.detail
  )::text, 'UTF8')), 'hex')
$$;

-- Rows from before, in the order of their ids.
DO $$
DECLARE
  event audit_events;
  last_position BIGINT := 0;
  last_hash TEXT := '';
BEGIN
  FOR event IN SELECT * FROM audit_events ORDER BY id LOOP
    last_position := last_position + 1;
    event.position := last_position;
    last_hash := audit_event_hash(last_hash, event);
    UPDATE audit_events SET position = last_position, hash = last_hash WHERE id = event.id;
  END LOOP;
END
$$;

-- Runs inside of COMMIT: the lock is held for as long as that takes, and never while a client thinks.
CREATE FUNCTION chain_audit_event() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head RECORD;
BEGIN
  PERFORM pg_advisory_xact_lock(5116003);
  SELECT position, hash INTO head FROM audit_events WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(head.position, 0) + 1;
  UPDATE audit_events SET position = NEW.position, hash = audit_event_hash(coalesce(head.hash, ''), NEW)
  WHERE id = NEW.id;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER chain_audit_event AFTER INSERT ON audit_events
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chain_audit_event();

-- A row takes its place in the chain once; nothing else ever changes.
CREATE FUNCTION keep_audit_events() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.position IS NULL AND NEW.hash IS NULL THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.position IS NULL AND OLD.hash IS NULL
      AND (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail)
        IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail)
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER keep_audit_events BEFORE INSERT OR UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION keep_audit_events();

CREATE TRIGGER keep_all_audit_events BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_events();

-- Where the application is not the owner of the tables, it loses what it does not need.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM PUBLIC;
DO $$
DECLARE
  role_name TEXT;
BEGIN
  FOR role_name IN
    SELECT DISTINCT grantee FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND table_name = 'audit_events' AND grantee NOT IN (current_user, 'PUBLIC')
  LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM %I', role_name);
  END LOOP;
END
$$;
