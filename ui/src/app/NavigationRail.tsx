import { CircleHelp, Search } from 'lucide-react';

import logo from '../../../icons/layr.svg';
import { Button } from '../design/Button';
import { StateMark } from '../design/StateMark';
import type { NodeState } from '../features/status/model';
import { formatCount } from '../lib/format';
import { messages } from '../messages';
import { SCREENS, type ScreenName } from './screens';
import styles from './Shell.module.css';

/** How many there are; null before the first answer. */
type Known = number | 'unread' | null;

export interface NavigationRailProps {
  path: string;
  state: NodeState;
  running: Known;
  unresolved: Known;
  isPhraseOpen: boolean;
  /** Asks anew where that could not be read. */
  onPhraseUnknown: (() => void) | undefined;
  onGo: (to: string) => void;
  onShortcuts: () => void;
  onPalette: () => void;
}

interface Badge {
  shown: string;
  /** What it says to those who do not see where it stands. */
  text: string;
  isAwaited?: boolean;
}

/** How much of something there is; a question mark where nobody knows, as no badge would mean none. */
function badgeOf(count: Known, name: (count: string) => string, unread: string): Badge | null {
  if (count === null) {
    return { shown: '…', text: messages.status.loading, isAwaited: true };
  }
  if (count === 'unread') {
    return { shown: '?', text: unread };
  }
  return count === 0 ? null : { shown: formatCount(count), text: name(formatCount(count)) };
}

export function NavigationRail(props: NavigationRailProps) {
  const { path, state, running, unresolved, isPhraseOpen, onPhraseUnknown, onGo } = props;
  const { shell, everywhere } = messages;
  const badges: Partial<Record<ScreenName, Badge | null>> = {
    transfers: badgeOf(running, shell.running, messages.transfers.unread),
    activity: badgeOf(unresolved, shell.unresolved, messages.activity.failed),
  };
  const follow = (to: string) => (event: React.MouseEvent) => {
    event.preventDefault();
    onGo(to);
  };
  return (
    <nav className={styles.rail} aria-label={shell.navigation}>
      <div className={styles.brand}>
        <img src={logo} alt="" width="26" height="26" />
        <span>{everywhere.appName}</span>
      </div>
      <ul className={styles.links}>
        {SCREENS.map(({ name, to, icon: Icon }) => {
          const badge = badges[name] ?? null;
          return (
            <li key={name}>
              <a
                className={styles.link}
                href={`#${to}`}
                aria-current={path === to ? 'page' : undefined}
                onClick={follow(to)}
              >
                <Icon size={18} aria-hidden="true" focusable="false" />
                <span className={styles.label}>{shell.screens[name]}</span>
                {badge !== null && (
                  <span
                    className={styles.badge}
                    data-awaited={badge.isAwaited}
                    role="img"
                    aria-label={badge.text}
                    title={badge.text}
                  >
                    {badge.shown}
                  </span>
                )}
              </a>
            </li>
          );
        })}
      </ul>
      <div className={styles.foot}>
        {onPhraseUnknown !== undefined && (
          <button type="button" className={styles.phrase} onClick={onPhraseUnknown}>
            {shell.phraseUnknown}
          </button>
        )}
        {isPhraseOpen && (
          <a className={styles.phrase} href="#/phrase" onClick={follow('/phrase')}>
            {shell.phraseOpen}
          </a>
        )}
        <div className={styles.state} role="status" title={state.reason}>
          <StateMark word={state.word} />
          <span className={`${styles.quiet} ${styles.reason}`}>{state.reason}</span>
        </div>
        <div className={styles.tools}>
          <Button look="quiet" icon={Search} label={shell.palette.title} onPress={props.onPalette} />
          <Button look="quiet" icon={CircleHelp} label={shell.shortcuts.open} onPress={props.onShortcuts} />
        </div>
      </div>
    </nav>
  );
}
