#!/bin/sh
# Creates Temporal's two databases and upgrades them to this version. Does nothing when they are up to date.
set -eu
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  schema=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
  tool="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user arbion --database $database"
  $tool create
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "$schema"
done
