import { useQuery } from '@tanstack/react-query';
import type { Dispatch, SetStateAction } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { Choice } from '../../design/Choice';
import { CommandError } from '../../design/Notice';
import type { ChosenNetworkFile, NetworkId } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';

/** The network that was chosen, and the file that names one. */
export interface TypedNetwork {
  id: NetworkId | null;
  file: ChosenNetworkFile | null;
}

type ChangeNetwork = Dispatch<SetStateAction<TypedNetwork>>;

export const NO_NETWORK: TypedNetwork = { id: null, file: null };

const query = { queryKey: keys.networks, queryFn: client.onboardingNetworks };

/** What to call the network that was chosen; empty while there is none. */
export function useNetworkName({ id, file }: TypedNetwork): string {
  const { data } = useQuery({ ...query, enabled: id !== null });
  if (id === 'file' && file !== null) {
    return messages.onboarding.networkOfFile(plainName(file.network));
  }
  return plainName(data?.networks.find((network) => network.id === id)?.title ?? '');
}

export function Networks({ value, onChange }: { value: TypedNetwork; onChange: ChangeNetwork }) {
  const { onboarding } = messages;
  const networks = useQuery(query);
  return (
    <Answered query={networks} failed={onboarding.networksFailed} rows={3}>
      {(answer) => (
        <>
          <Choice
            label={onboarding.network}
            value={value.id}
            onChange={(id) => onChange({ ...value, id })}
            options={answer.networks.map(({ id, title, about }) => ({
              value: id,
              title: plainName(title),
              about: plainName(about),
            }))}
          />
          {value.id === 'file' && <NetworkFile value={value} onChange={onChange} />}
        </>
      )}
    </Answered>
  );
}

function NetworkFile({ value, onChange }: { value: TypedNetwork; onChange: ChangeNetwork }) {
  const { onboarding } = messages;
  const choose = useCommand(client.onboardingChooseNetwork, (file) => {
    if (file === null) {
      return;
    }
    if (value.file !== null) {
      // The shell may forget it. Nothing is lost if it does not.
      client.selectionDrop({ selection: value.file.selection }).catch(() => undefined);
    }
    // Another network may have been chosen beside the open dialog.
    onChange((now) => ({ ...now, file }));
  });
  return (
    <>
      <div className={styles.row}>
        <Button isDisabled={choose.isRunning} onPress={() => choose.run()}>
          {onboarding.chooseFile}
        </Button>
        <span role="status">
          {value.file === null
            ? onboarding.fileNeeded
            : onboarding.fileChosen(plainName(value.file.file), plainName(value.file.network))}
        </span>
      </div>
      <CommandError command={choose} />
    </>
  );
}
