-- Counts the changes of a paper account, so that a process knows which orders changed since it last read it.
ALTER TABLE "paper_accounts" ADD COLUMN     "revision" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "paper_orders" ADD COLUMN     "revision" BIGINT NOT NULL DEFAULT 0;
CREATE INDEX "paper_orders_account_id_revision_idx" ON "paper_orders"("account_id", "revision");
