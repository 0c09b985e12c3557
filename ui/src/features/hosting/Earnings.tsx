import { Answered } from '../../design/Answered';
import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import { TestMoney } from '../../design/TestMoney';
import type { HostReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useFollowed } from '../../ipc/useFollowed';
import { isNothing, useXlm } from '../../lib/money';
import { messages } from '../../messages';
import { AgreementList } from '../agreements/AgreementList';
import { firstProof, proofDue, sorted } from '../agreements/model';
import styles from './HostingScreen.module.css';

/** Agreements change when the node looks at them, once a minute. */
const REFRESH_MS = 30_000;

/** Whether hosting has to do with money here: a price is asked for, or was. */
export function hasMoney({ limits, earned_xlm: earned, at_risk_xlm: atRisk }: HostReport): boolean {
  return ![limits.price_xlm_per_gib_month, earned, atRisk].every(isNothing);
}

/** What hosting earned, what it could cost, and by which agreements. */
export function Earnings({ report }: { report: HostReport }) {
  const { earnings: text } = messages.hosting;
  const xlm = useXlm();
  const agreements = useFollowed(keys.agreements, client.agreements, REFRESH_MS);
  return (
    <Card title={text.title}>
      <TestMoney />
      <Facts
        facts={[
          { name: text.earned, value: xlm(report.earned_xlm), about: text.earnedAbout },
          { name: text.atRisk, value: xlm(report.at_risk_xlm), about: text.atRiskAbout },
        ]}
      />
      <Answered query={agreements} failed={text.failed} rows={3}>
        {({ agreements: listed, now }) => {
          const { asHost } = sorted(listed);
          const due = firstProof(asHost);
          return asHost.length === 0 ? (
            <p className={styles.quiet}>{text.none}</p>
          ) : (
            <>
              <Facts
                facts={[
                  {
                    name: text.nextProof,
                    value: due === undefined ? text.noProof : proofDue(due),
                    about: text.nextProofAbout,
                  },
                ]}
              />
              <AgreementList label={text.agreements} agreements={asHost} now={now} />
            </>
          );
        }}
      </Answered>
    </Card>
  );
}
