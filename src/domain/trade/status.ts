/** What the trader sees. The last four are final. */
export type TradeStatus =
  | 'pending'
  | 'submitted'
  | 'partially_filled'
  | 'open'
  | 'closing'
  | 'needs_attention'
  | 'closed'
  | 'cancelled'
  | 'rejected'
  | 'expired';

export const FINAL_STATUSES = ['closed', 'cancelled', 'rejected', 'expired'] as const;

export function isFinalStatus(status: TradeStatus): boolean {
  return (FINAL_STATUSES as readonly TradeStatus[]).includes(status);
}

/**
 * The closed table of moves. `needs_attention` is a flag a person must clear, so it can be entered from, and left to,
 * every state that is not final.
 */
export const TRANSITIONS: Record<TradeStatus, readonly TradeStatus[]> = {
  pending: [
    'submitted',
    'partially_filled',
    'open',
    'closing',
    'closed',
    'cancelled',
    'rejected',
    'expired',
    'needs_attention',
  ],
  submitted: ['partially_filled', 'open', 'closing', 'closed', 'cancelled', 'rejected', 'expired', 'needs_attention'],
  partially_filled: ['open', 'closing', 'closed', 'needs_attention'],
  open: ['partially_filled', 'closing', 'closed', 'needs_attention'],
  closing: ['open', 'partially_filled', 'closed', 'cancelled', 'expired', 'needs_attention'],
  needs_attention: [
    'pending',
    'submitted',
    'partially_filled',
    'open',
    'closing',
    'closed',
    'cancelled',
    'rejected',
    'expired',
  ],
  closed: [],
  cancelled: [],
  rejected: [],
  expired: [],
};

export function mayMove(from: TradeStatus, to: TradeStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

export type ExitReason =
  | 'stop'
  | 'target'
  | 'trailing'
  | 'time'
  | 'manual'
  | 'cancel'
  | 'risk'
  | 'kill_switch'
  | 'unprotected'
  | 'liquidated'
  | 'expired'
  | 'assigned'
  | 'external';

/** Why a trade was refused, ended early, or needs a person: a stable code and what to do about it. */
export interface Reason {
  code: string;
  message: string;
  /** of a risk denial */
  limit?: string;
  value?: string;
  attempted?: string;
}

export const ALREADY_FINAL: Reason = { code: 'already_final', message: 'The trade has ended.' };
