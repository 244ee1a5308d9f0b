import { defineQuery, defineSignal } from '@temporalio/workflow';

/** A trade of the account began: the guardian stays, or comes. */
export const guard = defineSignal('guard');

export interface GuardianState {
  passes: number;
  guarded: number;
  adopted: string[];
}
export const guardianState = defineQuery<GuardianState>('guardianState');
