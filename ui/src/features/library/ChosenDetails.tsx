import { toUiError } from '../../ipc/errors';
import { DetailsPane } from './DetailsPane';
import { useFileInfo } from './queries';
import type { Library } from './useLibrary';

/** The details of the one that is chosen. */
export function ChosenDetails({ library }: { library: Library }) {
  const { chosen, actions, act } = library;
  const single = chosen.length === 1 ? chosen[0] : undefined;
  const info = useFileInfo(single?.id ?? null);
  return (
    <DetailsPane
      chosenCount={chosen.length}
      info={single === undefined ? undefined : info.data}
      error={info.error === null ? null : toUiError(info.error)}
      onRetry={() => info.refetch()}
      isChecking={library.isChecking}
      onCheck={() => act('check')}
      isSharing={actions.isBusy}
      onShare={() => act('share')}
    />
  );
}
