-- AlterTable
ALTER TABLE "risk_limits" ADD COLUMN     "avoid_good_faith_violations" BOOLEAN NOT NULL DEFAULT true;
