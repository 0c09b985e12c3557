import { CircleAlert, CircleDot, type LucideIcon, Moon } from 'lucide-react';

import { Card } from '../../design/Screen';
import type { Worker } from '../../ipc/bindings';
import { plainName, plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Activity.module.css';
import { Ago } from './Ago';

const ICONS: Record<Worker['state'], LucideIcon> = { working: CircleDot, resting: Moon, failed: CircleAlert };

/** What works in the background, and the last thing that went wrong with it. */
export function Workers({ workers, nowMs }: { workers: readonly Worker[]; nowMs: number }) {
  const { activity } = messages;
  return (
    <Card title={activity.workers}>
      <ul className={styles.workers}>
        {workers.map((worker) => {
          const Icon = ICONS[worker.state];
          return (
            <li key={worker.name} className={styles.worker} data-state={worker.state}>
              <Icon className={styles.icon} size={16} aria-hidden="true" focusable="false" />
              <div className={styles.words}>
                <p className={styles.title}>{plainName(worker.name)}</p>
                <p className={styles.quiet}>{plainName(worker.about)}</p>
                {worker.last_error !== undefined && (
                  <p className={styles.error}>{activity.lastError(plainSentence(worker.last_error))}</p>
                )}
              </div>
              <p className={styles.quiet}>
                <span className={styles.state}>{activity.worker[worker.state]}</span>
                {worker.since !== undefined && (
                  <>
                    {' · '}
                    <Ago at={worker.since} nowMs={nowMs} />
                  </>
                )}
              </p>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
