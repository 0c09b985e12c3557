import { useState } from 'react';

import { Button } from '../../design/Button';
import { Form } from '../../design/Form';
import { Choice } from '../../design/Choice';
import { ErrorNotice } from '../../design/Notice';
import type { ChosenNetwork, RestoreSource } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import { chosenNetwork, NO_SOURCE, restoreSource } from './model';
import { Networks, NO_NETWORK } from './Networks';
import styles from './Onboarding.module.css';
import { isUsable, NO_PASSPHRASE, PassphraseFields } from './PassphraseFields';
import { RestoreFields } from './RestoreFields';

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
  const [passphrase, setPassphrase] = useState(NO_PASSPHRASE);
  const start = useCommand(
    begin,
    (_answer, { source: used }) => onBegun(used === null ? 'create' : 'restore'),
    { isSecret: true },
  );

  // Why a passphrase is asked for; null while the keyring may do.
  const [keyringProblem, setKeyringProblem] = useState<string | null>(null);
  const refused = start.error?.code === 'keyring_unavailable' ? start.error.message : null;
  if (refused !== null && refused !== keyringProblem) {
    setKeyringProblem(refused);
  }
  const needsPassphrase = keyringProblem !== null;
  const chosen = chosenNetwork(network.id, network.selection);
  const source = restoreSource(typed);
  const isReady = chosen !== null && (way === 'create' || (way === 'restore' && source !== null));
  const run = (sealedWith: string | null) => {
    if (chosen !== null && isReady && !start.isRunning) {
      start.run({ source: way === 'create' ? null : source, network: chosen, passphrase: sealedWith });
    }
  };
  const submit = () => {
    if (!needsPassphrase) {
      run(null);
      return;
    }
    setPassphrase({ ...passphrase, isTried: true });
    if (isUsable(passphrase)) {
      run(passphrase.first);
    }
  };
  return (
    <Form className={styles.panel} label={onboarding.welcome} onSubmit={submit}>
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
      {way === 'restore' && <RestoreFields value={typed} onChange={setTyped} />}
      {way !== null && <Networks value={network} onChange={setNetwork} />}
      {way !== null && needsPassphrase && (
        <div className={styles.form} role="group" aria-label={onboarding.noKeyring}>
          <h3 className={styles.label}>{onboarding.noKeyring}</h3>
          <p role="alert">{plainName(keyringProblem)}</p>
          <p className={styles.quiet}>{onboarding.noKeyringAbout}</p>
          <div className={styles.row}>
            <Button isDisabled={!isReady || start.isRunning} onPress={() => run(null)}>
              {onboarding.keyringAgain}
            </Button>
          </div>
          <PassphraseFields value={passphrase} onChange={setPassphrase} />
        </div>
      )}
      {start.error !== null && start.error.code !== 'keyring_unavailable' && (
        <ErrorNotice error={start.error} />
      )}
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
