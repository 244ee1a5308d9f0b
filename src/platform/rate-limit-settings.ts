/** How often something may be tried, from `RATE_LIMIT_…`. */
import type { z } from 'zod';
import { wholeNumber } from './settings.js';

export interface RateLimits {
  /** of one address */
  loginPerMinute: number;
  /** sign-ins to one account that failed in a row; a browser known from before has as many of its own */
  failuresPerAccount: number;
  registerPerHour: number;
  anonymousPerHour: number;
  anonymousPerDay: number;
  userPerMinute: number;
  /** signals of one webhook, repeats as well */
  webhookPerMinute: number;
  /** signals of one address that prove nothing */
  failedSignalsPerMinute: number;
}

export const rateLimitEnvironment = {
  RATE_LIMIT_LOGIN_PER_MINUTE: wholeNumber({ from: 1 }).default(10),
  RATE_LIMIT_FAILURES_PER_ACCOUNT: wholeNumber({ from: 3, to: 100 }).default(100),
  RATE_LIMIT_REGISTER_PER_HOUR: wholeNumber({ from: 1 }).default(5),
  RATE_LIMIT_ANONYMOUS_PER_HOUR: wholeNumber({ from: 1 }).default(50),
  RATE_LIMIT_ANONYMOUS_PER_DAY: wholeNumber({ from: 1 }).default(200),
  RATE_LIMIT_USER_PER_MINUTE: wholeNumber({ from: 1 }).default(600),
  RATE_LIMIT_WEBHOOK_PER_MINUTE: wholeNumber({ from: 1 }).default(1_200),
  RATE_LIMIT_FAILED_SIGNALS_PER_MINUTE: wholeNumber({ from: 1 }).default(60),
};
type RateLimitEnvironment = z.infer<z.ZodObject<typeof rateLimitEnvironment>>;

export function rateLimitSettings(environment: RateLimitEnvironment): RateLimits {
  return {
    loginPerMinute: environment.RATE_LIMIT_LOGIN_PER_MINUTE,
    failuresPerAccount: environment.RATE_LIMIT_FAILURES_PER_ACCOUNT,
    registerPerHour: environment.RATE_LIMIT_REGISTER_PER_HOUR,
    anonymousPerHour: environment.RATE_LIMIT_ANONYMOUS_PER_HOUR,
    anonymousPerDay: environment.RATE_LIMIT_ANONYMOUS_PER_DAY,
    userPerMinute: environment.RATE_LIMIT_USER_PER_MINUTE,
    webhookPerMinute: environment.RATE_LIMIT_WEBHOOK_PER_MINUTE,
    failedSignalsPerMinute: environment.RATE_LIMIT_FAILED_SIGNALS_PER_MINUTE,
  };
}
