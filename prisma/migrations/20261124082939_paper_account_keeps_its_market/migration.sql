-- DropIndex
DROP INDEX "paper_orders_account_id_status_idx";

-- AlterTable
ALTER TABLE "paper_accounts" ADD COLUMN     "market" TEXT,
ADD COLUMN     "taken" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "paper_orders" ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "reserve_price" DECIMAL(38,18) NOT NULL;

-- CreateIndex
CREATE INDEX "paper_orders_status_account_id_idx" ON "paper_orders"("status", "account_id");
