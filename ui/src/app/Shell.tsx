import { Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';

import { CommandErrors } from '../design/Notice';
import { useActivityCounts } from '../features/activity/useActivity';
import { DropOverlay } from '../features/library/DropOverlay';
import { wayToLibrary } from '../features/library/libraryPlaces';
import { LibraryProviders } from '../features/library/LibraryProviders';
import { useExportAll } from '../features/library/useExportAll';
import { useImport } from '../features/library/useImport';
import { useUpload } from '../features/library/useUpload';
import { useSettings } from '../features/settings/useSettings';
import { nodeState } from '../features/status/model';
import { useLiveTransfers } from '../ipc/liveTransfers';
import { useCommands } from '../ipc/useCommands';
import { useShellState } from '../ipc/useShellState';
import { useScreenCommands } from '../lib/screenCommands';
import { CommandPalette } from './CommandPalette';
import { type CommandDoors, commandsOf } from './commands';
import { goTo } from './focus';
import { NavigationRail } from './NavigationRail';
import { useRunningNode } from './runningNode';
import { ScreenContexts } from './ScreenContexts';
import { SCREENS } from './screens';
import styles from './Shell.module.css';
import { ShortcutsDialog } from './ShortcutsDialog';
import { TryOutNote } from './TryOutNote';
import { useShellEvents } from './useShellEvents';
import { useShortcuts } from './useShortcuts';
import { WindowNotes } from './WindowNotes';

/** The frame around every screen, and what works on all of them: drops, imports, shortcuts, the command palette. */
export function Shell() {
  const destination = useRouterState({
    select: ({ location }) => {
      const { dir } = location.search as { dir?: string };
      return location.pathname === '/library' ? (dir ?? '') : '';
    },
  });
  return (
    <ScreenContexts>
      <LibraryProviders destination={destination}>
        <ShellFrame destination={destination} />
      </LibraryProviders>
    </ScreenContexts>
  );
}

type Sheet = 'palette' | 'shortcuts' | null;

function ShellFrame({ destination }: { destination: string }) {
  const router = useRouter();
  const upload = useUpload();
  const imports = useImport();
  const exportAll = useExportAll();
  const [sheet, setSheet] = useState<Sheet>(null);
  // While nobody knows what the person wants, no character is taken for a command.
  const isSingleKeyOn = useSettings().data?.single_key_shortcuts === true;
  const drop = useShellEvents({ onDropped: upload.review, onRefused: upload.refuse });
  const refresh = useLiveTransfers((live) => live.refresh);
  const commands = useCommands(() => {
    refresh().catch(() => undefined);
  });

  // The library is found where it was left.
  const placeOf = (to: string) => {
    const { pathname, search } = router.state.location;
    // The trash is no folder.
    return to === '/library' ? wayToLibrary(pathname === to && search.trash !== true) : to;
  };
  const go = (to: string) => {
    setSheet(null);
    goTo(router, placeOf(to));
  };
  useShortcuts(
    {
      palette: () => setSheet('palette'),
      help: () => setSheet('shortcuts'),
      upload: () => upload.choose('files'),
      find: () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
      screen: (index) => {
        const screen = SCREENS[index];
        if (screen !== undefined) {
          go(screen.to);
        }
      },
    },
    isSingleKeyOn,
  );
  return (
    <div className={styles.shell}>
      <Rail
        // A link of the rail keeps the focus, so that the next one is as near as before.
        onGo={(to) => router.history.push(placeOf(to))}
        onShortcuts={() => setSheet('shortcuts')}
        onPalette={() => setSheet('palette')}
      />
      <main className={styles.main}>
        <div className={styles.notes}>
          <TryOutNote />
          <WindowNotes onTransfers={() => go('/transfers')} />
          <CommandErrors failures={commands.failures} />
        </div>
        <div className={styles.outlet}>
          <Outlet />
        </div>
      </main>
      {drop !== null && <DropOverlay destination={destination} count={drop.count} />}
      <Sheets
        sheet={sheet}
        doors={{
          go,
          upload: upload.choose,
          import: imports.choose,
          importCopied: imports.takeCopied,
          exportAll: exportAll.open,
          give: (key, command) => commands.run({ key }, command),
          help: () => setSheet('shortcuts'),
        }}
        isSingleKeyOn={isSingleKeyOn}
        onClose={() => setSheet(null)}
      />
    </div>
  );
}

interface SheetsProps {
  sheet: Sheet;
  doors: CommandDoors;
  isSingleKeyOn: boolean;
  onClose: () => void;
}

/** What is opened over every screen by a key or a button of the rail. */
function Sheets({ sheet, ...open }: SheetsProps) {
  switch (sheet) {
    case 'palette':
      return <Palette {...open} />;
    case 'shortcuts':
      return <ShortcutsDialog isSingleKeyOn={open.isSingleKeyOn} onClose={open.onClose} />;
    case null:
      return null;
  }
}

/** What can be commanded depends on the transfers; they are followed while somebody looks. */
function Palette({ doors, isSingleKeyOn, onClose }: Omit<SheetsProps, 'sheet'>) {
  const report = useLiveTransfers((live) => live.report);
  const ofScreen = useScreenCommands();
  const canLock = useShellState().data?.can_lock === true;
  const commands = [...ofScreen, ...commandsOf(report, doors, { isSingleKeyOn, canLock })];
  return <CommandPalette commands={commands} onClose={onClose} />;
}

/** The navigation with the state of everything; alone here, as its figures change several times a second. */
function Rail(actions: { onGo: (to: string) => void; onShortcuts: () => void; onPalette: () => void }) {
  const node = useRunningNode();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const transfers = useLiveTransfers((live) => live.report);
  const isQueueUnread = useLiveTransfers((live) => live.error !== null);
  const shell = useShellState();
  const { openActions, unresolved, isUnread: isActivityUnread } = useActivityCounts();
  const running = transfers?.transfers.filter(({ state }) => state === 'running').length ?? null;
  return (
    <NavigationRail
      {...actions}
      path={path}
      state={nodeState(node, {
        transfers,
        isQueueUnread,
        openActions,
        isActivityUnread,
        isRestored: shell.data?.restored ?? null,
      })}
      running={isQueueUnread ? 'unread' : running}
      unresolved={isActivityUnread ? 'unread' : unresolved}
      isPhraseOpen={shell.data?.phrase_confirmed === false}
      onPhraseUnknown={shell.error === null ? undefined : () => void shell.refetch()}
    />
  );
}
