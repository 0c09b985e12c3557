import { Download, FileOutput, FolderOpen, PanelRight, Pencil, RotateCcw, Trash2 } from 'lucide-react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Select } from '../../design/Select';
import { useStateName } from '../../design/StateMark';
import type { LibraryState, ListedFile } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LibraryScreen.module.css';
import { MAX_DOWNLOADS } from './selection';

export type LibraryAction =
  'open' | 'download' | 'rename' | 'export' | 'remove' | 'restore' | 'check' | 'share';

export interface ToolbarProps {
  search: string;
  /** Undefined is everything. */
  state: LibraryState | undefined;
  isTrash: boolean;
  chosen: readonly ListedFile[];
  total: number | undefined;
  isDetailsShown: boolean;
  isBusy: boolean;
  onSearch: (search: string) => void;
  onState: (state: LibraryState | undefined) => void;
  onDetails: () => void;
  onAction: (action: LibraryAction) => void;
}

/** Search, and what can be done with the chosen rows; nothing is offered that would not work. */
export function Toolbar(props: ToolbarProps) {
  const { search, isTrash, chosen, total, isBusy, onAction } = props;
  const { library } = messages;
  const nameOf = useStateName();
  const single = chosen.length === 1 ? chosen[0] : undefined;
  const isTooMany = !isTrash && chosen.length > MAX_DOWNLOADS;
  const count =
    chosen.length > 0
      ? library.selected(chosen.length, formatCount(chosen.length))
      : total === undefined
        ? ''
        : library.count(total, formatCount(total));
  return (
    <div className={styles.toolbar}>
      <div className={styles.search}>
        <Field
          label={isTrash ? library.searchTrash : library.search}
          isLabelHidden
          placeholder={isTrash ? library.searchTrash : library.search}
          type="search"
          value={search}
          onChange={props.onSearch}
        />
      </div>
      {!isTrash && (
        <Select
          label={library.filter.label}
          value={props.state ?? 'all'}
          options={[
            { value: 'all', text: library.filter.all },
            { value: 'safe', text: nameOf('safe') },
            { value: 'at_risk', text: nameOf('atRisk') },
          ]}
          onChange={(state) => props.onState(state === 'all' ? undefined : state)}
        />
      )}
      <span className={styles.count} role="status">
        {count}
        {isTooMany && <span> · {library.downloadTooMany(formatCount(MAX_DOWNLOADS))}</span>}
      </span>
      <div className={styles.tools} role="group" aria-label={library.actions}>
        {single?.kind === 'directory' && !isTrash && (
          <Button isCompact look="quiet" icon={FolderOpen} onPress={() => onAction('open')}>
            {library.action.open}
          </Button>
        )}
        {chosen.length > 0 && !isTrash && (
          <>
            <Button
              isCompact
              look="quiet"
              icon={Download}
              isDisabled={isBusy || isTooMany}
              onPress={() => onAction('download')}
            >
              {library.action.download}
            </Button>
            {single !== undefined && (
              <>
                <Button isCompact look="quiet" icon={Pencil} onPress={() => onAction('rename')}>
                  {library.action.rename}
                </Button>
                <Button isCompact look="quiet" icon={FileOutput} onPress={() => onAction('export')}>
                  {library.action.export}
                </Button>
              </>
            )}
            <Button isCompact look="quiet" icon={Trash2} onPress={() => onAction('remove')}>
              {library.action.remove}
            </Button>
          </>
        )}
        {chosen.length > 0 && isTrash && (
          <Button
            isCompact
            look="quiet"
            icon={RotateCcw}
            isDisabled={isBusy}
            onPress={() => onAction('restore')}
          >
            {library.action.restore}
          </Button>
        )}
        {!isTrash && (
          <Button
            look={props.isDetailsShown ? 'plain' : 'quiet'}
            icon={PanelRight}
            label={library.action.details}
            isPressed={props.isDetailsShown}
            onPress={props.onDetails}
          />
        )}
      </div>
    </div>
  );
}
