import type { useCommand } from '../../ipc/useCommand';
import type { Saving } from './LimitsForm';
import { refusedSchedule } from './model';

/** The command that saves limits, as their form sees it. */
export function savingOf<Settings extends { schedule?: string }, Answer>(
  save: ReturnType<typeof useCommand<Settings, Answer>>,
): Saving<Settings> {
  return {
    isRunning: save.isRunning,
    isSaved: save.isDone,
    refused: refusedSchedule(save.error, save.asked),
    onSave: save.run,
    onForget: save.reset,
  };
}
