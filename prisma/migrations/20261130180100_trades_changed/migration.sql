-- What changed of late: the prices that trades wait for.
CREATE INDEX "trades_updated_at_idx" ON "trades"("updated_at");
