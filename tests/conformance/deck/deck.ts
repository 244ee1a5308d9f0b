/** All cards in their order. A card is known by its title; its number is its place. */
import type { Card } from '../card.js';
import { answerForms } from './answer-forms.js';
import { boundaries } from './boundaries.js';
import { cancels } from './cancels.js';
import { fills } from './fills.js';
import { finds } from './finds.js';
import { lags } from './lags.js';
import { limits } from './limits.js';
import { logins } from './logins.js';
import { lostAnswers } from './lost-answers.js';
import { market } from './market.js';
import { moves } from './moves.js';
import { options } from './options.js';
import { orderTypes } from './order-types.js';
import { quotes } from './quotes.js';
import { races } from './races.js';
import { reads } from './reads.js';
import { refusals } from './refusals.js';
import { sessionsAndFees } from './sessions-and-fees.js';
import { terms } from './terms.js';
import { unrelated } from './unrelated.js';

export type NumberedCard = Card & { number: number };

const groups = [
  ...[orderTypes, terms, fills, refusals, lostAnswers, finds, cancels, moves],
  ...[market, reads, logins, limits],
  ...[unrelated, answerForms, quotes, options, sessionsAndFees],
  ...[races, boundaries, lags],
];

export const deck: readonly NumberedCard[] = groups.flat().map((card, index) => ({ ...card, number: index + 1 }));
