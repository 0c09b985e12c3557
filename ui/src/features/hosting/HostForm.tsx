import type { HostReport, HostSettings } from '../../ipc/bindings';
import { messages } from '../../messages';
import { LimitsForm, type Saving } from '../limits/LimitsForm';
import { hostFormOf, readHostForm } from './model';

export interface HostFormProps extends Saving<HostSettings> {
  report: HostReport;
}

/** Space, limits and their times. Saving a quota is what switches hosting on. */
export function HostForm({ report, ...saving }: HostFormProps) {
  const { form, switchOn } = messages.hosting;
  const { up, down, rateAbout, save } = messages.limits;
  return (
    <LimitsForm
      {...saving}
      filled={hostFormOf(report)}
      fields={[
        { name: 'quotaGb', label: form.quota },
        { name: 'termDays', label: form.term },
        { name: 'upKb', label: up, about: rateAbout },
        { name: 'downKb', label: down, about: rateAbout },
        { name: 'peerUpKb', label: form.peerUp, about: rateAbout },
        { name: 'peerDownKb', label: form.peerDown, about: rateAbout },
      ]}
      read={(typed) => readHostForm(typed, report)}
      submit={report.hosting ? save : switchOn}
    />
  );
}
