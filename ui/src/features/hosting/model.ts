import type { HostReport, HostSettings, UiError } from '../../ipc/bindings';
import { messages } from '../../messages';

const GB = 1_000_000_000;
const KB = 1000;
/** More than these the shell refuses, and does not say of which field. */
const MOST_BYTES = Number.MAX_SAFE_INTEGER;
const MOST_DAYS = 3650;

/** The form as it is typed. An empty limit is none, and empty times are all of them. */
export interface HostForm {
  quotaGb: string;
  termDays: string;
  upKb: string;
  downKb: string;
  peerUpKb: string;
  peerDownKb: string;
  schedule: string;
}

export type HostProblems = Partial<Record<keyof HostForm, string>>;

function wholeNumber(text: string): number | null {
  const trimmed = text.trim();
  return /^\d{1,9}$/u.test(trimmed) ? Number(trimmed) : null;
}

/** Both marks stand for the fraction; a comma before three digits would be one between thousands. */
function decimal(text: string): number | null {
  const trimmed = text.trim();
  return /^\d{1,9}(?:\.\d{1,9}|,\d{1,2})?$/u.test(trimmed) ? Number(trimmed.replace(',', '.')) : null;
}

/** The schedule of limits that always hold, as the node has it. */
const ALWAYS = 'always';

function orEmpty(value: number, unit: number): string {
  return value === 0 ? '' : String(value / unit);
}

/** The form as the node's answer fills it: with what is in force. */
export function hostFormOf({ quota_bytes: quota, limits }: HostReport): HostForm {
  return {
    quotaGb: orEmpty(quota, GB),
    termDays: orEmpty(limits.max_term_days, 1),
    upKb: orEmpty(limits.up_bytes_per_s, KB),
    downKb: orEmpty(limits.down_bytes_per_s, KB),
    peerUpKb: orEmpty(limits.peer_up_bytes_per_s, KB),
    peerDownKb: orEmpty(limits.peer_down_bytes_per_s, KB),
    schedule: limits.schedule === ALWAYS ? '' : limits.schedule,
  };
}

/** What is new in the form and is asked for, or why it cannot be; nothing is set anew by a rounded figure. */
export function readHostForm(
  form: HostForm,
  report: HostReport,
): { settings: HostSettings } | { problems: HostProblems } {
  const { wrong, quotaWrong, termWrong } = messages.hosting.form;
  const before = hostFormOf(report);
  const problems: HostProblems = {};
  const settings: HostSettings = {};
  const isNew = (field: keyof HostForm) => form[field].trim() !== before[field];
  const read = (
    field: keyof HostForm,
    value: number | null,
    set: (value: number) => void,
    text: string,
    [least, most] = [0, MOST_BYTES],
  ) => {
    if (value === null || value < least || value > most) {
      problems[field] = text;
    } else {
      set(value);
    }
  };
  const readLimit = (field: keyof HostForm, set: (value: number) => void) => {
    if (isNew(field)) {
      read(field, form[field].trim() === '' ? 0 : wholeNumber(form[field]), (kb) => set(kb * KB), wrong);
    }
  };
  // What is filled in already counts while nothing is lent: it is what was lent before its disk was missing.
  if (isNew('quotaGb') || !report.hosting) {
    const gb = decimal(form.quotaGb);
    const bytes = gb === null ? null : Math.round(gb * GB);
    read('quotaGb', bytes, (value) => (settings.quota_bytes = value), quotaWrong, [1, MOST_BYTES]);
  }
  if (isNew('termDays')) {
    read('termDays', wholeNumber(form.termDays), (days) => (settings.max_term_days = days), termWrong, [
      1,
      MOST_DAYS,
    ]);
  }
  readLimit('upKb', (value) => (settings.up_bytes_per_s = value));
  readLimit('downKb', (value) => (settings.down_bytes_per_s = value));
  readLimit('peerUpKb', (value) => (settings.peer_up_bytes_per_s = value));
  readLimit('peerDownKb', (value) => (settings.peer_down_bytes_per_s = value));
  if (isNew('schedule')) {
    settings.schedule = form.schedule.trim() === '' ? ALWAYS : form.schedule.trim();
  }
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}

/** Times that the node cannot take, and why. */
export interface RefusedSchedule {
  schedule: string;
  message: string;
}

/** Whether it was the times that the node refused: of the rest only a quota is refused like that, which it names. */
export function refusedSchedule(
  error: UiError | null,
  asked: HostSettings | undefined,
): RefusedSchedule | null {
  const isOfSchedule = error?.code === 'invalid_request' && !('quota_bytes' in error.params);
  return isOfSchedule && asked?.schedule !== undefined
    ? { schedule: asked.schedule, message: error.message }
    : null;
}

/** What holds of the limits at this moment, in words. */
export function limitsNow({ limits }: HostReport): string {
  const { none, hold, rest } = messages.hosting.limits;
  const hasLimit =
    limits.up_bytes_per_s > 0 ||
    limits.down_bytes_per_s > 0 ||
    limits.peer_up_bytes_per_s > 0 ||
    limits.peer_down_bytes_per_s > 0;
  return hasLimit ? (limits.in_force ? hold : rest) : none;
}
