import type { HostReport, HostSettings } from '../../ipc/bindings';
import { plainSentence } from '../../lib/format';
import { typedXlm } from '../../lib/money';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import {
  LINE_READERS,
  type LineForm,
  lineFormOf,
  MOST_NUMBER,
  orEmpty,
  rate,
  rateText,
  type Read,
  type Reader,
  readForm,
  wholeNumber,
} from '../limits/model';

const GB = 1_000_000_000;
/** More than this the shell refuses, and does not say of which field. */
const MOST_DAYS = 3650;
/** Collateral is at most as much as the rent of the term. */
const MOST_PERCENT = 100;

/** Whether space is lent; `away` is lent space that cannot be used: its disk is not there, since the node
 * started or since later, or something is wrong with it. */
export type Lending = 'on' | 'off' | 'away';

export function lendingOf({ hosting, quota_bytes: quota, is_disk_away: isAway }: HostReport): Lending {
  if (quota > 0 && (isAway || !hosting)) {
    return 'away';
  }
  return hosting ? 'on' : 'off';
}

/** What is lent and how it is, in a sentence. A pause is of something that is on and there, and who leaves
 * takes nothing new either way. */
export function lendingWords(report: HostReport): string {
  const { active, full, paused, leaving, leftEarly, off, offServing, away, awaySince, unusable } =
    messages.hosting;
  if (report.unusable !== undefined) {
    return unusable(plainSentence(report.unusable));
  }
  switch (lendingOf(report)) {
    case 'away':
      // A disk that goes while the node runs is used again when it is back.
      return report.hosting ? awaySince : away;
    case 'off':
      if (report.used_bytes > 0) {
        return report.leaves_at === undefined ? offServing : leftEarly;
      }
      return off;
    case 'on':
      if (report.leaves_at !== undefined) {
        return leaving(formatTime(report.leaves_at));
      }
      if (report.paused) {
        return paused;
      }
      return report.free_bytes > 0 ? active : full;
  }
}

/** Whether the disk leaves less than the quota does; what it leaves, if so. */
export function diskLimit(report: HostReport): number | null {
  const { disk_left_bytes: left, quota_bytes: quota, used_bytes: used, reserved_bytes: reserved } = report;
  return left !== null && left < Math.max(0, quota - used - reserved) ? left : null;
}

/** The form as it is typed. */
export interface HostForm extends LineForm {
  quotaGb: string;
  termDays: string;
  peerUpKb: string;
  peerDownKb: string;
  priceXlm: string;
  collateralPercent: string;
}

/** The form as the node's answer fills it: with what is in force. */
export function hostFormOf({ quota_bytes: quota, limits }: HostReport): HostForm {
  return {
    quotaGb: orEmpty(quota, GB),
    termDays: orEmpty(limits.max_term_days, 1),
    peerUpKb: rateText(limits.peer_up_bytes_per_s),
    peerDownKb: rateText(limits.peer_down_bytes_per_s),
    priceXlm: limits.price_xlm_per_gib_month,
    collateralPercent: String(limits.collateral_percent),
    ...lineFormOf(limits),
  };
}

/** Both marks stand for the fraction; a comma before three digits would be one between thousands. */
function decimal(text: string): number | null {
  return /^\d{1,9}(?:\.\d{1,9}|,\d{1,2})?$/u.test(text) ? Number(text.replace(',', '.')) : null;
}

const READERS: Record<keyof HostForm, Reader<HostSettings>> = {
  ...LINE_READERS,
  quotaGb: (text) => {
    const bytes = Math.round((decimal(text) ?? 0) * GB);
    return bytes >= 1 && bytes <= MOST_NUMBER ? { quota_bytes: bytes } : messages.hosting.form.quotaWrong;
  },
  termDays: (text) => {
    const days = wholeNumber(text) ?? 0;
    return days >= 1 && days <= MOST_DAYS ? { max_term_days: days } : messages.hosting.form.termWrong;
  },
  peerUpKb: rate((bytesPerS) => ({ peer_up_bytes_per_s: bytesPerS })),
  peerDownKb: rate((bytesPerS) => ({ peer_down_bytes_per_s: bytesPerS })),
  priceXlm: (text) => {
    const xlm = typedXlm(text === '' ? '0' : text);
    return xlm === null ? messages.money.wrong : { price_xlm_per_gib_month: xlm };
  },
  collateralPercent: (text) => {
    const percent = wholeNumber(text);
    return percent !== null && percent <= MOST_PERCENT
      ? { collateral_percent: percent }
      : messages.hosting.form.collateralWrong;
  },
};

/** What is new in the form and is asked for, or why it cannot be. */
export function readHostForm(form: HostForm, report: HostReport): Read<keyof HostForm, HostSettings> {
  const filled = hostFormOf(report);
  if (lendingOf(report) === 'away') {
    // A quota, even the same one, would give up what others stored on the missing disk.
    return readForm({ ...form, quotaGb: filled.quotaGb }, filled, READERS);
  }
  const { quotaGb: _, ...others } = filled;
  return readForm(form, isSwitchOn(form, report) ? others : filled, READERS);
}

/** Whether the form asks to lend space where none is lent: limits alone also hold for what is still served. */
export function isSwitchOn(form: HostForm, report: HostReport): boolean {
  if (lendingOf(report) !== 'off') {
    return false;
  }
  const { quotaGb: _, ...before } = hostFormOf(report);
  const others = Object.keys(before) as (keyof typeof before)[];
  return form.quotaGb.trim() !== '' || others.every((field) => form[field].trim() === before[field]);
}
