-- What an entry was admitted for; of trades from before, what it was last.
ALTER TABLE "reservations" ADD COLUMN     "quantity" DECIMAL(38,18);
UPDATE "reservations" SET "quantity" = "trades"."quantity" FROM "trades" WHERE "trades"."id" = "reservations"."trade_id";
ALTER TABLE "reservations" ALTER COLUMN "quantity" SET NOT NULL;
