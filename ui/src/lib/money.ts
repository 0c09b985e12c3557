import { createContext, use } from 'react';

import type { Money } from '../ipc/bindings';
import { messages } from '../messages';
import { numberFormat } from './intl';

/** Digits of a lumen behind the point: no part of an amount is left out. */
const DIGITS = 7;

/** What the lumens of this network are; null where it has no ledger, and hosts store for free. */
export const MoneyContext = createContext<Money | null>(null);

export function useMoney(): Money | null {
  return use(MoneyContext);
}

/** Whether an amount of the node, in decimal lumens, is nothing. */
export function isNothing(xlm: string): boolean {
  return /^0*(?:\.0*)?$/u.test(xlm);
}

/** An amount of the node as the person writes numbers, to the last digit, and marked where it is for trying out. */
export function formatXlm(xlm: string, money: Money | null, locale?: string): string {
  const isPlain = /^\d+(?:\.\d+)?$/u.test(xlm);
  const shown = isPlain
    ? numberFormat(locale, { maximumFractionDigits: DIGITS }).format(xlm as Intl.StringNumericLiteral)
    : xlm;
  return money === 'test' ? messages.money.test(shown) : messages.money.xlm(shown);
}

/** How this network's amounts are shown. */
export function useXlm(): (xlm: string) => string {
  const money = useMoney();
  return (xlm) => formatXlm(xlm, money);
}

/** How what hosts ask for is shown. */
export function usePrice(): (xlm: string) => string {
  const shown = useXlm();
  return (xlm) => (isNothing(xlm) ? messages.money.free : messages.money.perGib(shown(xlm)));
}

/** How what a month costs is shown. */
export function useMonthlyCost(): (xlm: string) => string {
  const shown = useXlm();
  return (xlm) => (isNothing(xlm) ? messages.money.free : messages.money.perMonth(shown(xlm)));
}

/** An amount that somebody typed, as the node reads it: both marks stand for the fraction. Null for what is none. */
export function typedXlm(text: string): string | null {
  const typed = text.trim();
  return /^\d{1,12}(?:[.,]\d{1,7})?$/u.test(typed) ? typed.replace(',', '.') : null;
}
