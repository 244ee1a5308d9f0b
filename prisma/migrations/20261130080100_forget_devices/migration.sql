-- AlterTable
ALTER TABLE "users" ADD COLUMN     "device_version" INTEGER NOT NULL DEFAULT 0;
