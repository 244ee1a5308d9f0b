import { defineSignal } from '@temporalio/workflow';

/** A login was made or given up: there is something to look at. */
export const brokerLoginChanged = defineSignal('connectionChanged');
