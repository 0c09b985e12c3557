import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '../../design/Button';
import { Choice } from '../../design/Choice';
import { Field } from '../../design/Field';
import { ErrorNotice } from '../../design/Notice';
import { Skeleton } from '../../design/Screen';
import type { ChosenNetwork, NetworkChoice, NetworkId } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import { chosenNetwork, passphraseProblem, PHRASE_WORDS, phraseWords } from './model';
import styles from './Onboarding.module.css';
import { PhraseField } from './PhraseField';

type Way = 'create' | 'restore';

interface Asked {
  way: Way;
  network: ChosenNetwork;
  phrase: string;
  passphrase: string | null;
}

function begin({ way, network, phrase, passphrase }: Asked): Promise<unknown> {
  const sealed = passphrase === null ? {} : { passphrase };
  return way === 'create'
    ? client.onboardingCreate({ network, ...sealed })
    : client.onboardingRestore({ network, phrase, ...sealed });
}

/** The first minutes: a new identity or an old one, on one network. */
export function Onboarding({ onCreated }: { onCreated: () => void }) {
  const { onboarding, everywhere } = messages;
  const networks = useQuery({ queryKey: keys.networks, queryFn: client.onboardingNetworks });
  const [way, setWay] = useState<Way | null>(null);
  const [network, setNetwork] = useState<NetworkId | null>(null);
  const [selection, setSelection] = useState<string | null>(null);
  const [phrase, setPhrase] = useState('');
  const [sealing, setSealing] = useState({ passphrase: '', again: '', isTouched: false });
  const start = useCommand(begin, (_answer, asked) => {
    if (asked.way === 'create') {
      onCreated();
    }
  });
  const chooseFile = useCommand(
    () => client.chooseUpload({ what: 'files' }),
    (chosen) => setSelection(chosen?.selection ?? null),
  );

  const [needsPassphrase, setNeedsPassphrase] = useState(false);
  if (start.error?.code === 'keyring_unavailable' && !needsPassphrase) {
    setNeedsPassphrase(true);
  }
  const problem = passphraseProblem(sealing.passphrase, sealing.again);
  const isSealed = !needsPassphrase || (problem.first === undefined && problem.second === undefined);
  const words = phraseWords(phrase);
  const chosen = chosenNetwork(network, selection);
  const isReady = way === 'create' || (way === 'restore' && words.length === PHRASE_WORDS);
  const submit = () => {
    setSealing({ ...sealing, isTouched: true });
    if (way !== null && chosen !== null && isReady && isSealed) {
      const passphrase = needsPassphrase ? sealing.passphrase : null;
      start.run({ way, network: chosen, phrase: words.join(' '), passphrase });
    }
  };
  return (
    <form
      className={styles.panel}
      aria-label={onboarding.welcome}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
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
      {way === 'restore' && <PhraseField value={phrase} count={words.length} onChange={setPhrase} />}
      {way !== null && (
        <Networks
          networks={networks.data?.networks}
          error={networks.error === null ? null : toUiError(networks.error)}
          network={network}
          isFileChosen={selection !== null}
          onNetwork={setNetwork}
          onChooseFile={() => chooseFile.run()}
          onRetry={() => networks.refetch()}
        />
      )}
      {needsPassphrase && (
        <Passphrase sealing={sealing} problem={sealing.isTouched ? problem : {}} onChange={setSealing} />
      )}
      {chooseFile.error !== null && <ErrorNotice error={chooseFile.error} />}
      {start.error !== null && start.error.code !== 'keyring_unavailable' && (
        <ErrorNotice error={start.error} />
      )}
      {way !== null && (
        <div className={styles.row}>
          <Button type="submit" look="primary" isDisabled={chosen === null || !isReady || start.isRunning}>
            {start.isRunning
              ? everywhere.working
              : way === 'create'
                ? onboarding.createConfirm
                : onboarding.restoreConfirm}
          </Button>
        </div>
      )}
    </form>
  );
}

function Networks(props: {
  networks: readonly NetworkChoice[] | undefined;
  error: ReturnType<typeof toUiError> | null;
  network: NetworkId | null;
  isFileChosen: boolean;
  onNetwork: (network: NetworkId) => void;
  onChooseFile: () => void;
  onRetry: () => void;
}) {
  const { onboarding, everywhere } = messages;
  if (props.networks === undefined) {
    return props.error === null ? (
      <Skeleton label={everywhere.loading} />
    ) : (
      <ErrorNotice error={props.error} title={onboarding.networksFailed} onRetry={props.onRetry} />
    );
  }
  return (
    <>
      <Choice
        label={onboarding.network}
        value={props.network}
        onChange={props.onNetwork}
        options={props.networks.map(({ id, title, about }) => ({
          value: id,
          title: plainName(title),
          about: plainName(about),
        }))}
      />
      {props.network === 'file' && (
        <div className={styles.row}>
          <Button onPress={props.onChooseFile}>{onboarding.chooseFile}</Button>
          <span role="status">{props.isFileChosen ? onboarding.fileChosen : onboarding.fileNeeded}</span>
        </div>
      )}
    </>
  );
}

interface Sealing {
  passphrase: string;
  again: string;
  isTouched: boolean;
}

function Passphrase({
  sealing,
  problem,
  onChange,
}: {
  sealing: Sealing;
  problem: { first?: string; second?: string };
  onChange: (sealing: Sealing) => void;
}) {
  const { onboarding } = messages;
  return (
    <div className={styles.form} role="group" aria-label={onboarding.noKeyring}>
      <h3 className={styles.label}>{onboarding.noKeyring}</h3>
      <p className={styles.quiet}>{onboarding.noKeyringAbout}</p>
      <Field
        label={onboarding.passphrase}
        type="password"
        value={sealing.passphrase}
        error={problem.first}
        onChange={(passphrase) => onChange({ ...sealing, passphrase, isTouched: false })}
      />
      <Field
        label={onboarding.passphraseAgain}
        type="password"
        value={sealing.again}
        error={problem.second}
        onChange={(again) => onChange({ ...sealing, again, isTouched: false })}
      />
    </div>
  );
}
