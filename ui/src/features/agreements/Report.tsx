import { Note } from '../../design/Notice';
import type { AgreementsCheckReport } from '../../ipc/bindings';
import { useXlm } from '../../lib/money';
import { messages } from '../../messages';
import styles from './Agreements.module.css';
import { obstacleWords, reportWords } from './model';

/** What was done about agreements at once, and what was not possible. */
export function Report({ report, onClose }: { report: AgreementsCheckReport; onClose: () => void }) {
  const xlm = useXlm();
  const obstacles = obstacleWords(report);
  return (
    <Note onClose={onClose}>
      <p>{reportWords(report, xlm).join(' ')}</p>
      {obstacles.length > 0 && (
        <>
          <p>{messages.agreements.report.obstacles}</p>
          <ul className={styles.words}>
            {obstacles.map((words, index) => (
              // Two can read alike; their order stays.
              // eslint-disable-next-line react/no-array-index-key
              <li key={index}>{words}</li>
            ))}
          </ul>
        </>
      )}
    </Note>
  );
}
