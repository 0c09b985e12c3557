import { Download, FileOutput, FolderOpen, Pencil, RotateCcw, Trash2 } from 'lucide-react';

import { Button } from '../../design/Button';
import type { ListedFile } from '../../ipc/bindings';
import { messages } from '../../messages';
import { MAX_DOWNLOADS } from './selection';

export type LibraryAction =
  'open' | 'download' | 'rename' | 'export' | 'remove' | 'restore' | 'check' | 'share';

export interface ChosenToolsProps {
  chosen: readonly ListedFile[];
  isBusy: boolean;
  onAction: (action: LibraryAction) => void;
}

/** What can be done with the chosen rows of the library. */
export function ChosenTools({ chosen, isBusy, onAction }: ChosenToolsProps) {
  const { action } = messages.library;
  const isSingle = chosen.length === 1;
  return (
    <>
      {isSingle && chosen[0]?.kind === 'directory' && (
        <Button isCompact look="quiet" icon={FolderOpen} onPress={() => onAction('open')}>
          {action.open}
        </Button>
      )}
      {chosen.length > 0 && (
        <Button
          isCompact
          look="quiet"
          icon={Download}
          isDisabled={isBusy || chosen.length > MAX_DOWNLOADS}
          onPress={() => onAction('download')}
        >
          {action.download}
        </Button>
      )}
      {isSingle && (
        <>
          <Button isCompact look="quiet" icon={Pencil} onPress={() => onAction('rename')}>
            {action.rename}
          </Button>
          <Button isCompact look="quiet" icon={FileOutput} onPress={() => onAction('export')}>
            {action.export}
          </Button>
        </>
      )}
      {chosen.length > 0 && (
        <Button isCompact look="quiet" icon={Trash2} onPress={() => onAction('remove')}>
          {action.remove}
        </Button>
      )}
    </>
  );
}

/** What can be done with the chosen rows of the trash. */
export function TrashTools({ chosen, isBusy, onAction }: ChosenToolsProps) {
  if (chosen.length === 0) {
    return null;
  }
  return (
    <Button isCompact look="quiet" icon={RotateCcw} isDisabled={isBusy} onPress={() => onAction('restore')}>
      {messages.library.action.restore}
    </Button>
  );
}
