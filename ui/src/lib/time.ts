import { LANGUAGE } from '../messages/language';
import { withUnit } from './format';
import { ageFormat, timeFormat } from './intl';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** A point in time in the reader's words; the text itself where it is no time. */
export function formatTime(rfc3339: string, locale?: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime())
    ? rfc3339
    : timeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** A day in the reader's words; the text itself where it is no time. */
export function formatDay(rfc3339: string, locale?: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : timeFormat(locale, { dateStyle: 'medium' }).format(at);
}

/** The end of a wait: the time of day where that is enough, else with its date. */
export function formatUntil(rfc3339: string, nowMs = Date.now(), locale?: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) {
    return rfc3339;
  }
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  return isToday ? timeFormat(locale, { timeStyle: 'short' }).format(at) : formatTime(rfc3339, locale);
}

/** The day that a person calls a point in time by, as one of UTC: those all have 24 hours. */
function dayOf(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
}

/** How many midnights, where the person is, lie before a point in time. */
export function calendarDaysUntil(atMs: number, nowMs: number): number {
  return Math.round((dayOf(atMs) - dayOf(nowMs)) / (DAY_S * 1000));
}

/** How long ago, in one unit: `3 days ago`. */
export function formatAgo(rfc3339: string, nowMs: number): string {
  const seconds = (new Date(rfc3339).getTime() - nowMs) / 1000;
  if (Number.isNaN(seconds)) {
    return rfc3339;
  }
  const words = ageFormat(LANGUAGE, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < MINUTE_S) {
    return words.format(0, 'second');
  }
  if (size < HOUR_S) {
    return words.format(Math.trunc(seconds / MINUTE_S), 'minute');
  }
  if (size < DAY_S) {
    return words.format(Math.trunc(seconds / HOUR_S), 'hour');
  }
  if (size < 60 * DAY_S) {
    return words.format(Math.trunc(seconds / DAY_S), 'day');
  }
  return size < 700 * DAY_S
    ? words.format(Math.trunc(seconds / (30 * DAY_S)), 'month')
    : words.format(Math.trunc(seconds / (365 * DAY_S)), 'year');
}

/** A remaining time, only as exact as it can be known: `4 minutes`. */
export function formatRemaining(seconds: number, locale?: string): string {
  const unit = (value: number, name: 'minute' | 'hour' | 'day') =>
    withUnit(Math.round(value), { unit: name, unitDisplay: 'long' }, { maximumFractionDigits: 0 }, locale);
  if (seconds < 45) {
    return unit(1, 'minute');
  }
  if (seconds < 90 * MINUTE_S) {
    return unit(Math.max(1, seconds / MINUTE_S), 'minute');
  }
  return seconds < 36 * HOUR_S ? unit(seconds / HOUR_S, 'hour') : unit(seconds / DAY_S, 'day');
}
