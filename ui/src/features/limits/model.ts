import type { BandwidthReport, BandwidthSettings, UiError } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';

const KB = 1000;
/** More is no rate of any line; in bytes it stays a number that the shell takes. */
const MOST_WHOLE = 999_999_999;
/** More than this the shell refuses, and does not say of which field. */
export const MOST_NUMBER = Number.MAX_SAFE_INTEGER;
/** The schedule of limits that always hold, as the node has it. */
const ALWAYS = 'always';

/** The limits as they are typed. An empty one is none, and empty times are all of them. */
export interface LineForm {
  upKb: string;
  downKb: string;
  schedule: string;
}

/** A number as its field shows it: nothing where it is nothing. */
export function orEmpty(value: number, unit: number): string {
  return value === 0 ? '' : String(value / unit);
}

export function rateText(bytesPerS: number): string {
  return orEmpty(bytesPerS, KB);
}

/** The fields as the node's answer fills them: with what is in force. */
export function lineFormOf(limits: Omit<BandwidthReport, 'in_force'>): LineForm {
  return {
    upKb: rateText(limits.up_bytes_per_s),
    downKb: rateText(limits.down_bytes_per_s),
    schedule: limits.schedule === ALWAYS ? '' : limits.schedule,
  };
}

export function wholeNumber(text: string): number | null {
  return /^\d+$/u.test(text) ? Number(text) : null;
}

/** The form with what the node has now in the fields that are as they were `before`; what was edited stays. */
export function refilled<Field extends string>(
  form: Record<Field, string>,
  before: Record<Field, string>,
  filled: Record<Field, string>,
): Record<Field, string> {
  const next = { ...form };
  for (const field of Object.keys(filled) as Field[]) {
    if (form[field] === before[field]) {
      next[field] = filled[field];
    }
  }
  return next;
}

export function isOther<Field extends string>(
  filled: Record<Field, string>,
  before: Record<Field, string>,
): boolean {
  return (Object.keys(filled) as Field[]).some((field) => filled[field] !== before[field]);
}

/** What a field asks for, or in words why that cannot be. */
export type Reader<Settings> = (text: string) => Settings | string;

/** Reads a limit in kilobytes a second. */
export function rate<Settings>(ask: (bytesPerS: number) => Settings): Reader<Settings> {
  return (text) => {
    const kb = text === '' ? 0 : wholeNumber(text);
    if (kb === null) {
      return messages.limits.rateWrong;
    }
    return kb > MOST_WHOLE ? messages.limits.rateTooLarge(formatCount(MOST_WHOLE)) : ask(kb * KB);
  };
}

export const LINE_READERS: Record<keyof LineForm, Reader<BandwidthSettings>> = {
  upKb: rate((bytesPerS) => ({ up_bytes_per_s: bytesPerS })),
  downKb: rate((bytesPerS) => ({ down_bytes_per_s: bytesPerS })),
  schedule: (text) => ({ schedule: text === '' ? ALWAYS : text }),
};

export type Problems<Field extends string> = Partial<Record<Field, string>>;
export type Read<Field extends string, Settings> = { settings: Settings } | { problems: Problems<Field> };

/** What is new in a form and is asked for, or why it cannot be; nothing is set anew by a rounded figure. */
export function readForm<Field extends string, Settings extends object>(
  form: Record<Field, string>,
  /** As it was filled; a field that is missing here counts as new. */
  before: Partial<Record<Field, string>>,
  readers: Record<Field, Reader<Settings>>,
): Read<Field, Partial<Settings>> {
  const problems: Problems<Field> = {};
  const settings: Partial<Settings> = {};
  for (const field of Object.keys(readers) as Field[]) {
    const text = form[field].trim();
    const asked = text === before[field] ? {} : readers[field](text);
    if (typeof asked === 'string') {
      problems[field] = asked;
    } else {
      Object.assign(settings, asked);
    }
  }
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}

/** Times that the node cannot take, and why. */
export interface RefusedSchedule {
  schedule: string;
  message: string;
}

/** Whether it was the times that the node refused. Of long ones the error names only the beginning. */
export function refusedSchedule(
  error: UiError | null,
  asked: { schedule?: string } | undefined,
): RefusedSchedule | null {
  return error?.code === 'invalid_request' && 'schedule' in error.params && asked?.schedule !== undefined
    ? { schedule: asked.schedule, message: error.message }
    : null;
}

/** What holds of the limits at this moment, in words. */
export function limitsNow(rates: readonly number[], isInForce: boolean): string {
  const { none, hold, rest } = messages.limits;
  return rates.some((bytesPerS) => bytesPerS > 0) ? (isInForce ? hold : rest) : none;
}
