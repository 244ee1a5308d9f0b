#!/bin/sh
# Creates the namespace and the search attributes that trades need, if they do not exist yet.
set -eu
until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe --namespace default ||
  temporal operator namespace create --namespace default --retention 30d
temporal operator search-attribute create --namespace default \
  --name ArbionUser --type Keyword \
  --name ArbionSymbol --type Keyword \
  --name ArbionBroker --type Keyword \
  --name ArbionStatus --type Keyword \
  --name ArbionStrategy --type Keyword \
  --name ArbionUnprotectedSeconds --type Int
