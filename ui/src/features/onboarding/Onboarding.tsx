import { useState } from 'react';

import { Button } from '../../design/Button';
import { Form } from '../../design/Form';
import { Choice } from '../../design/Choice';
import { ErrorNotice } from '../../design/Notice';
import type { ChosenNetwork, RestoreSource } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import { chosenNetwork, NO_SOURCE, restoreSource } from './model';
import { Networks, NO_NETWORK } from './Networks';
import styles from './Onboarding.module.css';
import { NO_PASSPHRASE } from './PassphraseFields';
import { RestoreFields } from './RestoreFields';
import { SealingFields, useSealing } from './Sealing';

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

/** The first minutes: a new identity or an old one, on one network. */
export function Onboarding({ onBegun }: { onBegun: (way: Way) => void }) {
  const { onboarding, everywhere } = messages;
  const [way, setWay] = useState<Way | null>(null);
  const [network, setNetwork] = useState(NO_NETWORK);
  const [typed, setTyped] = useState(NO_SOURCE);
  const passphrase = useState(NO_PASSPHRASE);
  const start = useCommand(
    begin,
    (_answer, { source: used }) => onBegun(used === null ? 'create' : 'restore'),
    { isSecret: true },
  );

  const chosen = chosenNetwork(network.id, network.selection);
  const source = restoreSource(typed);
  const isReady = chosen !== null && (way === 'create' || (way === 'restore' && source !== null));
  const run = (sealedWith: string | null) => {
    if (chosen !== null && isReady && !start.isRunning) {
      start.run({ source: way === 'create' ? null : source, network: chosen, passphrase: sealedWith });
    }
  };
  const sealing = useSealing(passphrase, start.error, run);
  return (
    <Form className={styles.panel} label={onboarding.welcome} onSubmit={sealing.submit}>
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
      {way === 'restore' && <RestoreFields value={typed} note={onboarding.restoreNote} onChange={setTyped} />}
      {way !== null && <Networks value={network} onChange={setNetwork} />}
      {way !== null && <SealingFields sealing={sealing} isDisabled={!isReady || start.isRunning} />}
      {sealing.otherError !== null && <ErrorNotice error={sealing.otherError} />}
      {way !== null && (
        <div className={styles.row}>
          <Button type="submit" look="primary" isDisabled={!isReady || start.isRunning}>
            {start.isRunning
              ? everywhere.working
              : way === 'create'
                ? onboarding.createConfirm
                : onboarding.restoreConfirm}
          </Button>
        </div>
      )}
    </Form>
  );
}
