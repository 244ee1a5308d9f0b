-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'standard',
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reauthenticated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "user_id" UUID,
    "trade_id" UUID,
    "severity" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "key" TEXT NOT NULL,

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trades" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "broker" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "asset_class" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "ticket" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL,
    "reason" JSONB,
    "version" BIGINT NOT NULL DEFAULT 0,
    "state" JSONB,
    "strategy" TEXT,
    "note" TEXT,
    "quantity" DECIMAL(38,18) NOT NULL,
    "filled_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "open_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "remaining_quantity" DECIMAL(38,18) NOT NULL,
    "average_fill_price" DECIMAL(38,18),
    "order_type" TEXT NOT NULL,
    "limit_price" DECIMAL(38,18),
    "time_in_force" TEXT NOT NULL,
    "stop_price" DECIMAL(38,18),
    "stop_order_id" TEXT,
    "stop_kind" TEXT,
    "take_profit_price" DECIMAL(38,18),
    "entry_order_id" TEXT,
    "exit_order_id" TEXT,
    "exit_price" DECIMAL(38,18),
    "exit_reason" TEXT,
    "realized_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "fees" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "unprotected_seconds" DECIMAL(12,3) NOT NULL DEFAULT 0,
    "looked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "opened_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trades_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trade_events" (
    "id" BIGSERIAL NOT NULL,
    "trade_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "trade_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" BIGSERIAL NOT NULL,
    "trade_id" UUID NOT NULL,
    "leg" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "client_order_id" TEXT NOT NULL,
    "broker" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "intent" TEXT NOT NULL,
    "broker_order_id" TEXT,
    "status" TEXT,
    "quantity" DECIMAL(38,18) NOT NULL,
    "filled_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "stop_price" DECIMAL(38,18),
    "triggered" BOOLEAN NOT NULL DEFAULT false,
    "refusal" JSONB,
    "preparation" TEXT,
    "sends" INTEGER NOT NULL DEFAULT 0,
    "prepared_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "executions" (
    "id" BIGSERIAL NOT NULL,
    "broker" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "execution_id" TEXT NOT NULL,
    "order_id" BIGINT NOT NULL,
    "side" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "price" DECIMAL(38,18) NOT NULL,
    "fee" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "executions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "risk_limits" (
    "user_id" UUID NOT NULL,
    "per_trade" DECIMAL(38,18) NOT NULL,
    "daily" DECIMAL(38,18) NOT NULL,
    "concentration_percent" DECIMAL(38,18) NOT NULL DEFAULT 20,
    "daily_loss" DECIMAL(38,18),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "risk_limits_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "reservations" (
    "trade_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "daily" DECIMAL(38,18) NOT NULL,
    "exposure" DECIMAL(38,18) NOT NULL,
    "pending" DECIMAL(38,18) NOT NULL,
    "released_at" TIMESTAMPTZ(3),

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("trade_id")
);

-- CreateTable
CREATE TABLE "kill_switches" (
    "scope" TEXT NOT NULL,
    "engaged" BOOLEAN NOT NULL,
    "by" TEXT NOT NULL,
    "reason" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "kill_switches_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "broker_connections" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "broker" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "code" TEXT,
    "sealed" BYTEA,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "login_due_at" TIMESTAMPTZ(3),
    "refresh_sends" INTEGER NOT NULL DEFAULT 0,
    "refresh_sent_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "broker_connections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "broker_accounts" (
    "id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "broker" TEXT NOT NULL,
    "account_key" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "offered" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "broker_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_attempts" (
    "state_hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "broker" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth_attempts_pkey" PRIMARY KEY ("state_hash")
);

-- CreateTable
CREATE TABLE "request_buckets" (
    "key" TEXT NOT NULL,
    "tokens" DOUBLE PRECISION NOT NULL,
    "filled_at" TIMESTAMPTZ(6) NOT NULL,
    "slowed_until" TIMESTAMPTZ(6),

    CONSTRAINT "request_buckets_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "user_id" UUID NOT NULL,
    "route" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "trade_id" UUID,
    "status" INTEGER,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("user_id","route","key")
);

-- CreateTable
CREATE TABLE "rate_windows" (
    "key" TEXT NOT NULL,
    "hits" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_windows_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "market_clocks" (
    "id" TEXT NOT NULL,
    "origin_market" TIMESTAMPTZ(3) NOT NULL,
    "origin_wall" TIMESTAMPTZ(3) NOT NULL,
    "speed" DECIMAL(18,6) NOT NULL,

    CONSTRAINT "market_clocks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_accounts" (
    "id" TEXT NOT NULL,
    "cash" DECIMAL(38,18) NOT NULL,
    "matched_to" TIMESTAMPTZ(3),
    "market" TEXT,
    "taken" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "paper_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_positions" (
    "account_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "asset_class" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "average_price" DECIMAL(38,18) NOT NULL,

    CONSTRAINT "paper_positions_pkey" PRIMARY KEY ("account_id","symbol")
);

-- CreateTable
CREATE TABLE "paper_orders" (
    "id" BIGSERIAL NOT NULL,
    "account_id" TEXT NOT NULL,
    "client_order_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "asset_class" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "limit_price" DECIMAL(38,18),
    "stop_price" DECIMAL(38,18),
    "trail_percent" DECIMAL(38,18),
    "time_in_force" TEXT NOT NULL,
    "session" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "triggered" BOOLEAN NOT NULL DEFAULT false,
    "filled_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "reserve_price" DECIMAL(38,18) NOT NULL,
    "reason" TEXT,
    "replaced_by" BIGINT,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "paper_orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_order_events" (
    "id" BIGSERIAL NOT NULL,
    "order_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "wall_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "quantity" DECIMAL(38,18),
    "price" DECIMAL(38,18),
    "fee" DECIMAL(38,18),
    "execution_id" TEXT,
    "detail" JSONB,

    CONSTRAINT "paper_order_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "api_tokens_user_id_idx" ON "api_tokens"("user_id");

-- CreateIndex
CREATE INDEX "audit_events_action_at_idx" ON "audit_events"("action", "at");

-- CreateIndex
CREATE UNIQUE INDEX "alerts_key_key" ON "alerts"("key");

-- CreateIndex
CREATE INDEX "alerts_user_id_id_idx" ON "alerts"("user_id", "id");

-- CreateIndex
CREATE INDEX "trades_user_id_created_at_id_idx" ON "trades"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "trades_account_symbol_status_idx" ON "trades"("account", "symbol", "status");

-- CreateIndex
CREATE INDEX "trades_status_idx" ON "trades"("status");

-- CreateIndex
CREATE UNIQUE INDEX "trade_events_trade_id_key_key" ON "trade_events"("trade_id", "key");

-- CreateIndex
CREATE UNIQUE INDEX "orders_client_order_id_key" ON "orders"("client_order_id");

-- CreateIndex
CREATE INDEX "orders_account_symbol_idx" ON "orders"("account", "symbol");

-- CreateIndex
CREATE UNIQUE INDEX "orders_trade_id_leg_generation_key" ON "orders"("trade_id", "leg", "generation");

-- CreateIndex
CREATE INDEX "executions_order_id_idx" ON "executions"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "executions_broker_account_execution_id_key" ON "executions"("broker", "account", "execution_id");

-- CreateIndex
CREATE INDEX "reservations_user_id_day_idx" ON "reservations"("user_id", "day");

-- CreateIndex
CREATE INDEX "reservations_account_symbol_idx" ON "reservations"("account", "symbol");

-- CreateIndex
CREATE UNIQUE INDEX "broker_connections_user_id_broker_key" ON "broker_connections"("user_id", "broker");

-- CreateIndex
CREATE INDEX "broker_accounts_user_id_broker_idx" ON "broker_accounts"("user_id", "broker");

-- CreateIndex
CREATE UNIQUE INDEX "broker_accounts_connection_id_account_key_label_key" ON "broker_accounts"("connection_id", "account_key", "label");

-- CreateIndex
CREATE INDEX "oauth_attempts_session_id_idx" ON "oauth_attempts"("session_id");

-- CreateIndex
CREATE INDEX "oauth_attempts_expires_at_idx" ON "oauth_attempts"("expires_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "rate_windows_expires_at_idx" ON "rate_windows"("expires_at");

-- CreateIndex
CREATE INDEX "paper_orders_status_account_id_idx" ON "paper_orders"("status", "account_id");

-- CreateIndex
CREATE UNIQUE INDEX "paper_orders_account_id_client_order_id_key" ON "paper_orders"("account_id", "client_order_id");

-- CreateIndex
CREATE UNIQUE INDEX "paper_order_events_execution_id_key" ON "paper_order_events"("execution_id");

-- CreateIndex
CREATE INDEX "paper_order_events_order_id_idx" ON "paper_order_events"("order_id");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trade_events" ADD CONSTRAINT "trade_events_trade_id_fkey" FOREIGN KEY ("trade_id") REFERENCES "trades"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_trade_id_fkey" FOREIGN KEY ("trade_id") REFERENCES "trades"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "executions" ADD CONSTRAINT "executions_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "risk_limits" ADD CONSTRAINT "risk_limits_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_trade_id_fkey" FOREIGN KEY ("trade_id") REFERENCES "trades"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "broker_connections" ADD CONSTRAINT "broker_connections_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "broker_accounts" ADD CONSTRAINT "broker_accounts_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "broker_connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_attempts" ADD CONSTRAINT "oauth_attempts_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_positions" ADD CONSTRAINT "paper_positions_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "paper_accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_orders" ADD CONSTRAINT "paper_orders_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "paper_accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_order_events" ADD CONSTRAINT "paper_order_events_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "paper_orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
