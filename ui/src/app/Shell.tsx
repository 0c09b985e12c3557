import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';

import { DropOverlay } from '../features/library/DropOverlay';
import { UploadProvider } from '../features/library/UploadProvider';
import { useUpload } from '../features/library/useUpload';
import { nodeState } from '../features/status/model';
import { client, isServed } from '../ipc/client';
import { keys } from '../ipc/keys';
import { useLiveTransfers } from '../ipc/liveTransfers';
import { CommandPalette } from './CommandPalette';
import { NavigationRail } from './NavigationRail';
import { useNodeStatus } from './nodeStatus';
import { SCREENS } from './screens';
import styles from './Shell.module.css';
import { ShortcutsDialog } from './ShortcutsDialog';
import { useShellEvents } from './useShellEvents';
import { useShortcuts } from './useShortcuts';
import { useTheme } from './useTheme';

/** The frame around every screen, and what works on all of them: drops, shortcuts, the command palette. */
export function Shell() {
  const destination = useRouterState({
    select: ({ location }) => {
      const { dir } = location.search as { dir?: string };
      return location.pathname === '/library' ? (dir ?? '') : '';
    },
  });
  return (
    <UploadProvider destination={destination}>
      <ShellFrame destination={destination} />
    </UploadProvider>
  );
}

type Sheet = 'palette' | 'shortcuts' | null;

function ShellFrame({ destination }: { destination: string }) {
  const status = useNodeStatus();
  const router = useRouter();
  const upload = useUpload();
  const [sheet, setSheet] = useState<Sheet>(null);
  const drop = useShellEvents(router, upload.review);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const running = useLiveTransfers(
    (live) => live.report?.transfers.filter((transfer) => transfer.state === 'running').length ?? 0,
  );
  const shell = useQuery({ queryKey: keys.shell, queryFn: client.shellState });
  const activity = useQuery({
    queryKey: keys.activity,
    queryFn: client.activity,
    enabled: isServed('activity'),
  });
  useTheme();

  const go = (to: string) => {
    setSheet(null);
    router.history.push(to);
  };
  useShortcuts({
    palette: () => setSheet('palette'),
    help: () => setSheet('shortcuts'),
    upload: () => upload.choose('files'),
    screen: (index) => {
      const screen = SCREENS[index];
      if (screen !== undefined) {
        go(screen.to);
      }
    },
  });
  return (
    <div className={styles.shell}>
      <NavigationRail
        path={path}
        state={nodeState({ phase: 'running', home: '', status })}
        running={running}
        unresolved={activity.data?.entries.filter(isOpen).length ?? 0}
        isPhraseOpen={shell.data?.phrase_confirmed === false}
        onGo={go}
        onShortcuts={() => setSheet('shortcuts')}
        onPalette={() => setSheet('palette')}
      />
      <main className={styles.main}>
        <Outlet />
      </main>
      {drop !== null && <DropOverlay destination={destination} count={drop.count} />}
      {sheet === 'palette' && (
        <CommandPalette
          onClose={() => setSheet(null)}
          onGo={go}
          onUpload={upload.choose}
          onHelp={() => setSheet('shortcuts')}
        />
      )}
      {sheet === 'shortcuts' && <ShortcutsDialog onClose={() => setSheet(null)} />}
    </div>
  );
}

function isOpen(entry: { resolved: boolean; level: string }): boolean {
  return !entry.resolved && entry.level !== 'info';
}
