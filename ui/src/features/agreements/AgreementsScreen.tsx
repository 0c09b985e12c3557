import { useQueryClient } from '@tanstack/react-query';
import { Handshake } from 'lucide-react';
import { useState } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { CommandError, Note } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import type { AgreementsCheckReport, AgreementsReport, ExportedAgreements } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { useAnswerOf } from '../../ipc/useAnswerOf';
import { useCommand } from '../../ipc/useCommand';
import { useFollowed } from '../../ipc/useFollowed';
import { formatCount, isolated } from '../../lib/format';
import { useMoney } from '../../lib/money';
import { messages } from '../../messages';
import { AgreementsView } from './AgreementsView';
import { RenewDialog } from './RenewDialog';
import { Report } from './Report';

/** The node looks each minute. */
const REFRESH_MS = 15_000;

export interface AgreementsScreenProps {
  /** Whether the person comes to renew all that ends soon: that begins with its price. */
  isToRenew: boolean;
  /** That question was answered. */
  onRenewSeen: () => void;
}

export function AgreementsScreen(props: AgreementsScreenProps) {
  const text = messages.agreements;
  if (useMoney() === null) {
    return (
      <Screen title={text.heading}>
        <EmptyState icon={Handshake} title={text.none} text={text.noneAbout} />
      </Screen>
    );
  }
  return <Agreements {...props} />;
}

/** Which agreements a question about renewing is of: all that end soon without ids. */
interface Asked {
  ids?: readonly string[];
}

function Agreements({ isToRenew, onRenewSeen }: AgreementsScreenProps) {
  const text = messages.agreements;
  const queryClient = useQueryClient();
  const report = useFollowed(keys.agreements, client.agreements, REFRESH_MS);
  const keep = useAnswerOf<AgreementsReport>(keys.agreements);
  const [chosen, setChosen] = useState<Asked | null>(null);
  const asked: Asked | null = chosen ?? (isToRenew ? {} : null);
  const [done, setDone] = useState<AgreementsCheckReport | null>(null);
  const [exported, setExported] = useState<ExportedAgreements | null>(null);
  const close = () => {
    setChosen(null);
    onRenewSeen();
  };
  const changed = (what: AgreementsCheckReport) => {
    close();
    setDone(what);
    refreshAnswers(queryClient, keys.agreements);
    refreshAnswers(queryClient, keys.money);
  };
  const check = useCommand(client.agreementsCheck, changed);
  const renew = useCommand(client.agreementsRenew, changed);
  const save = useCommand(client.agreementsExport, setExported);
  const ask = (question: Asked) => {
    renew.reset();
    setDone(null);
    setChosen(question);
  };
  const known = report.data;
  return (
    <Screen
      title={text.heading}
      actions={
        known !== undefined && (
          <>
            <Button isDisabled={check.isRunning} onPress={() => check.runOnce()}>
              {check.isRunning ? text.checking : text.check}
            </Button>
            <Button onPress={() => ask({})}>{text.renewAll}</Button>
            <Button isDisabled={save.isRunning} onPress={() => save.runOnce()}>
              {text.export}
            </Button>
          </>
        )
      }
    >
      <CommandError command={check} />
      <CommandError command={save} />
      {done !== null && <Report report={done} onClose={() => setDone(null)} />}
      {exported !== null && (
        <Note onClose={() => setExported(null)}>
          {text.exported(formatCount(exported.count), isolated(exported.path))}
        </Note>
      )}
      <Answered query={report} failed={text.failed}>
        {(answer) => (
          <AgreementsView
            report={answer}
            onRenew={({ id }) => ask({ ids: [id] })}
            onSaved={(change) => {
              keep(change(answer)).catch(() => undefined);
            }}
          />
        )}
      </Answered>
      {asked !== null && (
        <RenewDialog
          ids={asked.ids}
          isBusy={renew.isRunning}
          error={renew.error}
          onClose={close}
          onConfirm={(mostXlm) =>
            renew.runOnce({
              ...(asked.ids === undefined ? {} : { ids: [...asked.ids] }),
              most_xlm: mostXlm,
            })
          }
        />
      )}
    </Screen>
  );
}
