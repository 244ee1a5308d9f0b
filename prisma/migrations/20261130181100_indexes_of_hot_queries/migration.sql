-- CreateIndex
CREATE INDEX "orders_broker_order_id_idx" ON "orders"("broker_order_id");

-- CreateIndex
CREATE INDEX "trades_user_id_closed_at_idx" ON "trades"("user_id", "closed_at");

-- CreateIndex
CREATE INDEX "trades_account_closed_at_idx" ON "trades"("account", "closed_at");

-- CreateIndex
CREATE INDEX "trades_live_idx" ON "trades"("account", "symbol") WHERE (status <> ALL (ARRAY['closed'::text, 'cancelled'::text, 'rejected'::text, 'expired'::text]));

-- CreateIndex
CREATE INDEX "trades_held_idx" ON "trades"("account", "symbol") WHERE (open_quantity <> 0);

-- CreateIndex
CREATE INDEX "trades_unstarted_idx" ON "trades"("created_at") WHERE (started_at IS NULL);
