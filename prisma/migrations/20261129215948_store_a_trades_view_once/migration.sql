-- A trade's view is stored as one document. Columns stay only for what SQL filters, sorts or sums.
-- Stop the workers before this runs: those of the previous version write columns that are dropped here. Their trades go
-- on and write their records again when workers of this version run.

-- AlterTable
ALTER TABLE "trades" ADD COLUMN     "view" JSONB;

-- Existing rows: the view as it was read from the columns. Decimals have no trailing zeros; times are ISO 8601 in UTC.
UPDATE "trades" SET "view" = jsonb_build_object(
    'id', "id",
    'workflowId', 'trade-' || "id",
    'status', "status",
    'reason', "reason",
    'broker', "broker",
    'account', "account",
    'symbol', "symbol",
    'assetClass', "asset_class",
    'side', "side",
    'orderType', "order_type",
    'limitPrice', trim_scale("limit_price")::text,
    'timeInForce', "time_in_force",
    'quantity', trim_scale("quantity")::text,
    'filledQuantity', trim_scale("filled_quantity")::text,
    'remainingQuantity', trim_scale("remaining_quantity")::text,
    'openQuantity', trim_scale("open_quantity")::text,
    'averageFillPrice', trim_scale("average_fill_price")::text,
    'stopPrice', trim_scale("stop_price")::text,
    'stopOrderId', "stop_order_id",
    'stopKind', "stop_kind",
    'takeProfitPrice', trim_scale("take_profit_price")::text,
    'entryOrderId', "entry_order_id",
    'exitOrderId', "exit_order_id",
    'exitPrice', trim_scale("exit_price")::text,
    'exitReason', "exit_reason",
    'realizedPnl', trim_scale("realized_pnl")::text,
    'unrealizedPnl', CASE WHEN "open_quantity" = 0 THEN '0' END,
    'fees', trim_scale("fees")::text,
    'unprotectedSeconds', trim_scale("unprotected_seconds")::text,
    'strategy', "strategy",
    'note', "note"
) || jsonb_build_object(
    'createdAt', to_char("created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'openedAt', to_char("opened_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'closedAt', to_char("closed_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
);

-- AlterTable
ALTER TABLE "trades" ALTER COLUMN "view" SET NOT NULL,
DROP COLUMN "average_fill_price",
DROP COLUMN "entry_order_id",
DROP COLUMN "exit_order_id",
DROP COLUMN "exit_price",
DROP COLUMN "exit_reason",
DROP COLUMN "filled_quantity",
DROP COLUMN "limit_price",
DROP COLUMN "note",
DROP COLUMN "opened_at",
DROP COLUMN "order_type",
DROP COLUMN "reason",
DROP COLUMN "remaining_quantity",
DROP COLUMN "stop_kind",
DROP COLUMN "stop_order_id",
DROP COLUMN "stop_price",
DROP COLUMN "take_profit_price",
DROP COLUMN "time_in_force",
DROP COLUMN "unprotected_seconds";
