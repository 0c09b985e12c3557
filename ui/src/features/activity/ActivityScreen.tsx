import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { CommandError } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';
import { ActivityList } from './ActivityList';
import { useActivity } from './useActivity';
import { Workers } from './Workers';

export interface ActivityScreenProps {
  /** Whether an entry's place is one of this window. */
  leadsTo: (place: string) => boolean;
  onOpen: (place: string) => void;
}

export function ActivityScreen({ leadsTo, onOpen }: ActivityScreenProps) {
  const { activity } = messages;
  const queryClient = useQueryClient();
  const nowMs = useNow();
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const report = useActivity();
  const again = () => {
    queryClient.invalidateQueries({ queryKey: keys.activity }).catch(() => undefined);
  };
  const resolve = useCommand((id: number) => client.activityResolve({ id }), again);
  const clear = useCommand(client.activityClear, again);
  const hasResolved = report.data?.entries.some((entry) => entry.resolved) === true;
  return (
    <Screen
      title={activity.heading}
      scroller={setScroller}
      actions={
        hasResolved && (
          <Button isDisabled={clear.isRunning} onPress={() => clear.run()}>
            {activity.clear}
          </Button>
        )
      }
    >
      <CommandError command={resolve} />
      <CommandError command={clear} />
      <Answered query={report} failed={activity.failed}>
        {({ entries, workers }) => (
          <>
            <ActivityList
              entries={entries}
              scroller={scroller}
              nowMs={nowMs}
              isBusy={resolve.isRunning}
              leadsTo={leadsTo}
              onOpen={onOpen}
              onResolve={resolve.run}
            />
            {workers.length > 0 && <Workers workers={workers} nowMs={nowMs} />}
          </>
        )}
      </Answered>
    </Screen>
  );
}
