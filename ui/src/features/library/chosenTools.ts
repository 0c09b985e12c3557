import {
  Download,
  FileOutput,
  FolderOpen,
  Link,
  type LucideIcon,
  Pencil,
  RotateCcw,
  ScanSearch,
  ShieldCheck,
  Trash2,
  Wrench,
} from 'lucide-react';

import type { ListedFile } from '../../ipc/bindings';
import { messages } from '../../messages';
import { mayLackParts } from './repairWords';
import { MAX_DOWNLOADS } from './selection';

export type LibraryAction =
  | 'open'
  | 'download'
  | 'rename'
  | 'export'
  | 'remove'
  | 'restore'
  | 'check'
  | 'thorough'
  | 'repair'
  | 'share';

/** One thing that can be done with what is chosen. */
export interface ChosenTool {
  action: LibraryAction;
  text: string;
  icon: LucideIcon;
  /** It has a meaning for what is chosen, but cannot be done now. */
  isDisabled: boolean;
  /** Its button is in the details, not above the rows. */
  isInDetails: boolean;
}

export interface ChosenNow {
  chosen: readonly ListedFile[];
  isTrash: boolean;
  /** A command on rows runs already. */
  isBusy: boolean;
  isChecking: boolean;
  isRepairing: boolean;
}

/** Everything that can be done with the chosen rows, for the buttons and for the command palette. */
export function chosenTools({ chosen, isTrash, isBusy, isChecking, isRepairing }: ChosenNow): ChosenTool[] {
  const { action: named, check, repair } = messages.library;
  const text = { ...named, check: check.now, thorough: check.thorough, repair: repair.now };
  const [isSome, isOne] = [chosen.length > 0, chosen.length === 1];
  const tool = (
    isThere: boolean,
    action: LibraryAction,
    icon: LucideIcon,
    more: Partial<ChosenTool> = {},
  ): ChosenTool[] =>
    isThere
      ? [
          {
            action,
            text: text[action],
            icon,
            isDisabled: false,
            isInDetails: false,
            ...more,
          },
        ]
      : [];
  if (isTrash) {
    return tool(isSome, 'restore', RotateCcw, { isDisabled: isBusy });
  }
  return [
    ...tool(isOne && chosen[0]?.kind === 'directory', 'open', FolderOpen),
    ...tool(isSome, 'download', Download, { isDisabled: isBusy || chosen.length > MAX_DOWNLOADS }),
    ...tool(isOne, 'rename', Pencil),
    ...tool(isOne, 'export', FileOutput),
    ...tool(isSome, 'remove', Trash2),
    ...tool(isSome, 'check', ShieldCheck, { isDisabled: isChecking, isInDetails: true }),
    ...tool(isSome, 'thorough', ScanSearch, { isDisabled: isChecking, isInDetails: true }),
    ...tool(chosen.some(mayLackParts), 'repair', Wrench, { isDisabled: isRepairing, isInDetails: true }),
    ...tool(isOne, 'share', Link, { isDisabled: isBusy, isInDetails: true }),
  ];
}
