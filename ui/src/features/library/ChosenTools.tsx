import { Button } from '../../design/Button';
import type { ChosenTool, LibraryAction } from './chosenTools';

/** The buttons above the rows for what can be done with those that are chosen. */
export function ChosenTools({
  tools,
  onAction,
}: {
  tools: readonly ChosenTool[];
  onAction: (action: LibraryAction) => void;
}) {
  return tools
    .filter(({ isInDetails }) => !isInDetails)
    .map(({ action, text, icon, isDisabled }) => (
      <Button
        key={action}
        isCompact
        look="quiet"
        icon={icon}
        isDisabled={isDisabled}
        onPress={() => onAction(action)}
      >
        {text}
      </Button>
    ));
}
