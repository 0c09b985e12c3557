import { Answered } from '../../design/Answered';
import { CommandError, Note } from '../../design/Notice';
import { Card } from '../../design/Screen';
import type { BandwidthReport, BandwidthSettings } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useAnswerOf } from '../../ipc/useAnswerOf';
import { useCommand } from '../../ipc/useCommand';
import { useFollowed } from '../../ipc/useFollowed';
import { messages } from '../../messages';
import { LimitsForm, type Saving } from '../limits/LimitsForm';
import { LINE_READERS, lineFormOf, limitsNow, readForm } from '../limits/model';
import { savingOf } from '../limits/savingOf';

/** The hour at which the limits begin to hold, or rest, comes without an event. */
const REFRESH_MS = 10_000;

/** What all transfers together may take of the line, and when. */
export function Bandwidth() {
  const text = messages.settings;
  const report = useFollowed(keys.bandwidth, client.bandwidth, REFRESH_MS);
  const save = useCommand(client.bandwidthSet, useAnswerOf<BandwidthReport>(keys.bandwidth));
  // What is wrong with the times is said beside them.
  const saving = savingOf(save);
  return (
    <Card title={text.bandwidth}>
      <p>{text.bandwidthAbout}</p>
      {saving.refused === null && <CommandError command={save} />}
      {save.isDone && <Note onClose={save.reset}>{messages.limits.saved}</Note>}
      <Answered query={report} failed={text.bandwidthFailed}>
        {(answer) => <BandwidthForm report={answer} {...saving} />}
      </Answered>
    </Card>
  );
}

function BandwidthForm({ report, ...saving }: Saving<BandwidthSettings> & { report: BandwidthReport }) {
  const { up, down, rateAbout, save } = messages.limits;
  const filled = lineFormOf(report);
  return (
    <>
      <p>{limitsNow([report.up_bytes_per_s, report.down_bytes_per_s], report.in_force)}</p>
      <LimitsForm
        {...saving}
        filled={filled}
        fields={[
          { name: 'upKb', label: up, about: rateAbout },
          { name: 'downKb', label: down, about: rateAbout },
        ]}
        read={(form) => readForm(form, filled, LINE_READERS)}
        submit={() => save}
        isOneOfMany
      />
    </>
  );
}
