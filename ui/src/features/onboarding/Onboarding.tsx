import { type Dispatch, type SetStateAction, useState } from 'react';

import { Button } from '../../design/Button';
import { Form } from '../../design/Form';
import { Choice } from '../../design/Choice';
import { ErrorNotice } from '../../design/Notice';
import type { ChosenNetwork, RestoreSource } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import { chosenNetwork, NO_SOURCE, restoreSource, type TypedSource } from './model';
import { Networks, NO_NETWORK, type TypedNetwork, useNetworkName } from './Networks';
import styles from './Onboarding.module.css';
import { NO_PASSPHRASE } from './PassphraseFields';
import { RestoreConfirm } from './RestoreConfirm';
import { RestoreFields } from './RestoreFields';
import { SealingFields, useSealing } from './Sealing';
import { useRestoreCheck } from './useRestoreCheck';

export type Way = 'create' | 'restore';

/** What is asked of the shell: a new identity, or the one that a source brings back. */
interface Asked {
  /** Null for a new one. */
  source: RestoreSource | null;
  network: ChosenNetwork;
  passphrase: string | null;
}

function begin({ source, network, passphrase }: Asked): Promise<unknown> {
  const request = { network, ...(passphrase === null ? {} : { passphrase }) };
  return source === null
    ? client.onboardingCreate(request)
    : client.onboardingRestore({ ...request, source });
}

/** The first minutes: a new identity, or an old one once the person has seen whose it is; on one network. */
export function Onboarding({ onBegun }: { onBegun: (way: Way) => void }) {
  const { onboarding } = messages;
  const [way, setWay] = useState<Way | null>(null);
  const [network, setNetwork] = useState(NO_NETWORK);
  const [typed, setTyped] = useState(NO_SOURCE);
  const passphrase = useState(NO_PASSPHRASE);
  const networkName = useNetworkName(network);
  const start = useCommand(
    begin,
    (_answer, { source: used }) => onBegun(used === null ? 'create' : 'restore'),
    { isSecret: true },
  );
  const check = useRestoreCheck();

  const chosen = chosenNetwork(network.id, network.file?.selection ?? null);
  const source = way === 'restore' ? restoreSource(typed) : null;
  const isReady = chosen !== null && (way === 'create' || source !== null);
  const sealing = useSealing(passphrase, start.error, (sealedWith) => {
    if (chosen !== null && isReady) {
      start.runOnce({ source, network: chosen, passphrase: sealedWith });
    }
  });
  const isChecked = way === 'create' || check.preview !== null;
  const submit = () => {
    if (isChecked) {
      sealing.submit();
    } else if (isReady && source !== null) {
      check.run(source);
    }
  };
  const back = () => {
    start.reset();
    check.forget();
  };
  const isBusy = start.isRunning || check.isRunning;
  const error = sealing.otherError ?? check.error;
  return (
    <Form className={styles.panel} label={onboarding.welcome} onSubmit={submit}>
      {check.preview === null ? (
        <Beginning way={[way, setWay]} source={[typed, setTyped]} network={[network, setNetwork]} />
      ) : (
        <RestoreConfirm preview={check.preview} network={networkName} />
      )}
      {isChecked && <SealingFields sealing={sealing} isDisabled={!isReady || isBusy} />}
      {error !== null && <ErrorNotice error={error} />}
      {way !== null && (
        <div className={styles.row}>
          <Button
            // Another button: that of the words is gone when it is shown what comes back.
            key={String(isChecked)}
            type="submit"
            look="primary"
            isDisabled={!isReady || isBusy}
          >
            {isBusy ? messages.everywhere.working : submitWords(way, isChecked)}
          </Button>
          {check.preview !== null && (
            <Button isDisabled={isBusy} onPress={back}>
              {onboarding.comesBack.back}
            </Button>
          )}
        </div>
      )}
    </Form>
  );
}

type State<Value> = [Value, Dispatch<SetStateAction<Value>>];

interface BeginningProps {
  way: State<Way | null>;
  source: State<TypedSource>;
  network: State<TypedNetwork>;
}

/** What is chosen and typed before anything is asked of the shell. */
function Beginning({ way: [way, setWay], source, network }: BeginningProps) {
  const { onboarding } = messages;
  return (
    <>
      <h2 className={styles.heading}>{onboarding.welcome}</h2>
      <p className={styles.quiet}>{onboarding.about}</p>
      <Choice
        label={onboarding.choice}
        value={way}
        onChange={setWay}
        options={[
          { value: 'create', title: onboarding.create, about: onboarding.createAbout },
          { value: 'restore', title: onboarding.restore, about: onboarding.restoreAbout },
        ]}
      />
      {way === 'restore' && (
        <RestoreFields value={source[0]} note={onboarding.restoreNote} onChange={source[1]} />
      )}
      {way !== null && <Networks value={network[0]} onChange={network[1]} />}
    </>
  );
}

function submitWords(way: Way, isChecked: boolean): string {
  const { createConfirm, restoreConfirm, comesBack } = messages.onboarding;
  if (way === 'create') {
    return createConfirm;
  }
  return isChecked ? restoreConfirm : comesBack.look;
}
