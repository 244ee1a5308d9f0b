import { z } from '@hono/zod-openapi';
import type { AdjustExits, ReplaceOrder } from '../../../workflows/trade/trade.messages.js';
import { Decimal, type DecimalString } from '../../domain/decimal.js';
import { type FieldError, ValidationFailed } from '../../domain/errors.js';
import { type Instrument, isOnTick, priceTick, quantityStep } from '../../domain/instrument.js';
import { instant } from '../http/fields.js';
import { positivePrice, positiveQuantity } from './trade-body.js';

const atPrice = z.strictObject({ price: positivePrice });

/** The body of PATCH /trades/{id}. Stop and target may have the names of the trade's JSON or of POST /trades. */
export const tradeChangeBody = z
  .strictObject({
    limitPrice: positivePrice.optional(),
    quantity: positiveQuantity
      .optional()
      .openapi({ description: 'The new total quantity of the entry, including what is filled' }),
    stopPrice: positivePrice.optional(),
    stopLoss: atPrice.optional(),
    takeProfitPrice: positivePrice
      .nullable()
      .optional()
      .openapi({ description: 'null removes the take-profit target' }),
    takeProfit: atPrice.nullable().optional(),
    exitAt: instant.nullable().optional().openapi({ description: 'null removes the time at which you want to be out' }),
  })
  .superRefine((change, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (change.stopPrice !== undefined && change.stopLoss !== undefined)
      refuse('send either stopPrice or stopLoss, not both');
    if (change.takeProfitPrice !== undefined && change.takeProfit !== undefined) {
      refuse('send either takeProfitPrice or takeProfit, not both');
    }
    const changesEntry = change.limitPrice !== undefined || change.quantity !== undefined;
    const { stopPrice, stopLoss, takeProfitPrice, takeProfit, exitAt } = change;
    const changesExits = [stopPrice, stopLoss, takeProfitPrice, takeProfit, exitAt].some(
      (field) => field !== undefined,
    );
    if (!changesEntry && !changesExits) refuse('must change something');
    if (changesEntry && changesExits)
      refuse('change the entry (limitPrice, quantity) and the exits (stop, target, time) in two requests');
  })
  .openapi({ minProperties: 1 });
export type TradeChangeBody = z.output<typeof tradeChangeBody>;

export type TradeChange = { part: 'entry'; change: ReplaceOrder } | { part: 'exits'; change: AdjustExits };

/** The change as a message to the trade. @throws ValidationFailed when a value does not fit the instrument's steps. */
export function toTradeChange(body: TradeChangeBody, instrument: Instrument): TradeChange {
  const { limitPrice, quantity, exitAt } = body;
  const stopPrice = body.stopPrice ?? body.stopLoss?.price;
  const takeProfitPrice = targetOf(body);
  const errors = [
    ...offTick('limitPrice', limitPrice, instrument),
    ...offTick('stopPrice', stopPrice, instrument),
    ...offTick('takeProfitPrice', takeProfitPrice ?? undefined, instrument),
    ...offStep(quantity, instrument),
  ];
  if (errors.length > 0) throw new ValidationFailed(errors);
  if (limitPrice !== undefined || quantity !== undefined) {
    return { part: 'entry', change: { ...(limitPrice && { limitPrice }), ...(quantity && { quantity }) } };
  }
  return {
    part: 'exits',
    change: {
      ...(stopPrice && { stopPrice }),
      ...(takeProfitPrice === undefined ? {} : { takeProfitPrice }),
      ...(exitAt === undefined ? {} : { exitAt }),
    },
  };
}

function targetOf({ takeProfit, takeProfitPrice }: TradeChangeBody): DecimalString | null | undefined {
  return takeProfit === undefined ? takeProfitPrice : (takeProfit?.price ?? null);
}

function* offTick(field: string, text: DecimalString | undefined, instrument: Instrument): Generator<FieldError> {
  if (text === undefined || isOnTick(instrument, Decimal.parse(text))) return;
  yield { field, message: `must be a multiple of ${priceTick(instrument, Decimal.parse(text))}` };
}

function* offStep(quantity: DecimalString | undefined, { assetClass }: Instrument): Generator<FieldError> {
  const step = quantityStep(assetClass);
  if (quantity !== undefined && !Decimal.parse(quantity).isMultipleOf(step)) {
    yield { field: 'quantity', message: `must be a multiple of ${step}` };
  }
}
