import type { HostReport, HostSettings } from '../../ipc/bindings';
import { messages } from '../../messages';

const GB = 1_000_000_000;
const KB = 1000;

/** The form as it is typed: empty fields change nothing. */
export interface HostForm {
  quotaGb: string;
  upKb: string;
  downKb: string;
  termDays: string;
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

/** The form as the node's answer fills it. Limits are not reported, so they begin empty. */
export function hostFormOf(report: HostReport): HostForm {
  return {
    quotaGb: report.quota_bytes === 0 ? '' : String(report.quota_bytes / GB),
    upKb: '',
    downKb: '',
    termDays: report.offer === null ? '' : String(report.offer.max_term_days),
  };
}

/** What the person has changed in the form; the rest is empty, so that nothing is set anew by a rounded figure. */
export function changedFields(form: HostForm, report: HostReport): HostForm {
  const before = hostFormOf(report);
  const changed = (field: keyof HostForm) => (form[field] === before[field] ? '' : form[field]);
  return {
    quotaGb: changed('quotaGb'),
    upKb: changed('upKb'),
    downKb: changed('downKb'),
    termDays: changed('termDays'),
  };
}

/** What the form asks for, or why it cannot be asked. */
export function readHostForm(form: HostForm): { settings: HostSettings } | { problems: HostProblems } {
  const { wrong, quotaWrong, termWrong } = messages.hosting.form;
  const problems: HostProblems = {};
  const settings: HostSettings = {};
  const read = (
    field: keyof HostForm,
    value: number | null,
    atLeast: number,
    set: (value: number) => void,
    text: string,
  ) => {
    if (form[field].trim() === '') {
      return;
    }
    if (value === null || value < atLeast) {
      problems[field] = text;
    } else {
      set(value);
    }
  };
  const whole = (field: keyof HostForm) => wholeNumber(form[field]);
  const quota = decimal(form.quotaGb);
  const quotaBytes = quota === null ? null : Math.round(quota * GB);
  read('quotaGb', quotaBytes, 1, (value) => (settings.quota_bytes = value), quotaWrong);
  read('upKb', whole('upKb'), 0, (value) => (settings.up_bytes_per_s = value * KB), wrong);
  read('downKb', whole('downKb'), 0, (value) => (settings.down_bytes_per_s = value * KB), wrong);
  read('termDays', whole('termDays'), 1, (value) => (settings.max_term_days = value), termWrong);
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}
