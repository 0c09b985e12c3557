import { PanelRight } from 'lucide-react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Select } from '../../design/Select';
import { useStateName } from '../../design/StateMark';
import type { LibraryState, ListedFile } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import { ChosenTools } from './ChosenTools';
import type { ChosenTool, LibraryAction } from './chosenTools';
import styles from './LibraryScreen.module.css';
import { MAX_DOWNLOADS } from './selection';

export interface ToolbarProps {
  chosen: readonly ListedFile[];
  tools: readonly ChosenTool[];
  search: string;
  /** Undefined is everything. */
  state: LibraryState | undefined;
  isTrash: boolean;
  total: number | undefined;
  isDetailsShown: boolean;
  onSearch: (search: string) => void;
  onState: (state: LibraryState | undefined) => void;
  onDetails: () => void;
  onAction: (action: LibraryAction) => void;
}

/** Search, and what can be done with the chosen rows; nothing is offered that would not work. */
export function Toolbar(props: ToolbarProps) {
  const { search, isTrash } = props;
  const { library } = messages;
  const searchText = isTrash ? library.searchTrash : library.search;
  return (
    <div className={styles.toolbar}>
      <div className={styles.search}>
        <Field
          label={searchText}
          isLabelHidden
          placeholder={searchText}
          type="search"
          value={search}
          onChange={props.onSearch}
        />
      </div>
      {!isTrash && <StateFilter state={props.state} onState={props.onState} />}
      <Count {...props} />
      <div className={styles.tools} role="group" aria-label={library.actions}>
        <ChosenTools tools={props.tools} onAction={props.onAction} />
        <Button
          look={props.isDetailsShown ? 'plain' : 'quiet'}
          icon={PanelRight}
          label={library.action.details}
          isPressed={props.isDetailsShown}
          onPress={props.onDetails}
        />
      </div>
    </div>
  );
}

function StateFilter({ state, onState }: Pick<ToolbarProps, 'state' | 'onState'>) {
  const { filter } = messages.library;
  const nameOf = useStateName();
  return (
    <Select
      label={filter.label}
      value={state ?? 'all'}
      options={[
        { value: 'all', text: filter.all },
        { value: 'safe', text: nameOf('safe') },
        { value: 'waiting', text: nameOf('waiting') },
        // Of what is lost too.
        { value: 'at_risk', text: filter.either(nameOf('atRisk'), nameOf('needsYou')) },
      ]}
      onChange={(chosen) => onState(chosen === 'all' ? undefined : chosen)}
    />
  );
}

/** How many rows there are, or are chosen. */
function Count({ chosen, total, isTrash }: Pick<ToolbarProps, 'chosen' | 'total' | 'isTrash'>) {
  const { library } = messages;
  const count =
    chosen.length > 0
      ? library.selected(chosen.length, formatCount(chosen.length))
      : total === undefined
        ? ''
        : library.count(total, formatCount(total));
  return (
    <span className={styles.count} role="status">
      {count}
      {!isTrash && chosen.length > MAX_DOWNLOADS && (
        <span> · {library.downloadTooMany(formatCount(MAX_DOWNLOADS))}</span>
      )}
    </span>
  );
}
