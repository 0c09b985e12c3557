import type { HostReport, HostSettings } from '../../ipc/bindings';
import { useMoney } from '../../lib/money';
import { messages } from '../../messages';
import { LimitsForm, type Saving } from '../limits/LimitsForm';
import styles from './HostingScreen.module.css';
import { type HostForm as Typed, hostFormOf, isSwitchOn, lendingOf, readHostForm } from './model';

export interface HostFormProps extends Saving<HostSettings> {
  report: HostReport;
}

/** Space, limits and their times. Saving a quota is what switches hosting on. */
export function HostForm({ report, ...saving }: HostFormProps) {
  const { form, switchOn, awayQuota } = messages.hosting;
  const { up, down, rateAbout, save } = messages.limits;
  const isAway = lendingOf(report) === 'away';
  const quota: readonly { name: keyof Typed; label: string }[] = isAway
    ? []
    : [{ name: 'quotaGb', label: form.quota }];
  // Where hosts are not paid, a price would be asked of nobody.
  const money: readonly { name: keyof Typed; label: string; about: string }[] =
    useMoney() === null
      ? []
      : [
          { name: 'priceXlm', label: form.price, about: form.priceAbout },
          { name: 'collateralPercent', label: form.collateral, about: form.collateralAbout },
        ];
  return (
    <>
      {isAway && <p className={styles.quiet}>{awayQuota}</p>}
      <LimitsForm
        {...saving}
        filled={hostFormOf(report)}
        fields={[
          ...quota,
          { name: 'termDays', label: form.term },
          ...money,
          { name: 'upKb', label: up, about: rateAbout },
          { name: 'downKb', label: down, about: rateAbout },
          { name: 'peerUpKb', label: form.peerUp, about: rateAbout },
          { name: 'peerDownKb', label: form.peerDown, about: rateAbout },
        ]}
        read={(typed) => readHostForm(typed, report)}
        submit={(typed) => (isSwitchOn(typed, report) ? switchOn : save)}
      />
    </>
  );
}
