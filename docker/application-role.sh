#!/bin/sh
# Runs once, when the database is created. The application may read and write rows, but not change or drop tables.
set -eu
if [ -z "${ARBION_DATABASE_PASSWORD}" ]; then
  echo 'ARBION_DATABASE_PASSWORD is missing: set it in .env' >&2
  exit 1
fi
psql --set=ON_ERROR_STOP=1 --set=password="$ARBION_DATABASE_PASSWORD" --username=arbion --dbname=arbion <<'SQL'
CREATE ROLE arbion_application LOGIN PASSWORD :'password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO arbion_application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO arbion_application;
SQL
