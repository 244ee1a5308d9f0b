-- Ordinary triggers are passed over by a session that calls itself a replica (session_replication_role). These are not.
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER keep_audit_events;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER keep_all_audit_events;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER chain_audit_event;
