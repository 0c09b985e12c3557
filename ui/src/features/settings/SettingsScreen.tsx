import { useQuery, useQueryClient } from '@tanstack/react-query';

import { ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { Settings } from '../../ipc/pending';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import { SettingsForm } from './SettingsForm';

export function SettingsScreen({ onPhrase }: { onPhrase: () => void }) {
  const text = messages.settings;
  const queryClient = useQueryClient();
  const settings = useQuery({ queryKey: keys.settings, queryFn: client.settings });
  const shell = useQuery({ queryKey: keys.shell, queryFn: client.shellState });
  const save = useCommand(client.settingsSet, (kept: Settings) =>
    queryClient.setQueryData(keys.settings, kept),
  );
  return (
    <Screen title={text.heading}>
      {save.error !== null && <ErrorNotice error={save.error} />}
      {settings.data === undefined && settings.error === null && (
        <Skeleton label={messages.everywhere.loading} rows={6} />
      )}
      {settings.data === undefined && settings.error !== null && (
        <ErrorNotice
          error={toUiError(settings.error)}
          title={text.failed}
          onRetry={() => settings.refetch()}
        />
      )}
      {settings.data !== undefined && (
        <SettingsForm
          settings={settings.data}
          isPhraseConfirmed={shell.data?.phrase_confirmed}
          isRunning={save.isRunning}
          onChange={save.run}
          onPhrase={onPhrase}
        />
      )}
    </Screen>
  );
}
