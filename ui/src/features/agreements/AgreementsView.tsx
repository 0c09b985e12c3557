import { Handshake } from 'lucide-react';

import { EmptyState } from '../../design/EmptyState';
import { Card } from '../../design/Screen';
import { TestMoney } from '../../design/TestMoney';
import type { AgreementInfo, AgreementsReport } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import { AgreementList } from './AgreementList';
import styles from './Agreements.module.css';
import { isNothingAllowed, sorted } from './model';
import { Runway } from './Runway';
import { Spending, type SpendingProps } from './Spending';

export interface AgreementsViewProps {
  report: AgreementsReport;
  onRenew: (agreement: AgreementInfo) => void;
  onSaved: SpendingProps['onSaved'];
}

/** Agreements of both roles, how long they last, and what may be spent on them. */
export function AgreementsView({ report, onRenew, onSaved }: AgreementsViewProps) {
  const text = messages.agreements;
  const { asOwner, asHost, ended } = sorted(report.agreements);
  const isEmpty = asOwner.length + asHost.length + ended.length === 0;
  return (
    <>
      <TestMoney />
      {isEmpty ? (
        <EmptyState
          icon={Handshake}
          title={text.empty}
          text={isNothingAllowed(report.limits) ? text.emptyNothing : text.emptyAllowed}
        />
      ) : (
        <>
          <p className={styles.quiet}>{text.about}</p>
          <p className={styles.quiet}>{text.notProven}</p>
          <Runway report={report} />
        </>
      )}
      {asOwner.length > 0 && (
        <Card title={text.asOwner}>
          <AgreementList label={text.asOwner} agreements={asOwner} now={report.now} onRenew={onRenew} />
        </Card>
      )}
      {asHost.length > 0 && (
        <Card title={text.asHost}>
          <AgreementList label={text.asHost} agreements={asHost} now={report.now} />
        </Card>
      )}
      <Spending limits={report.limits} fees={report.month_fees_xlm} onSaved={onSaved} />
      {ended.length > 0 && (
        <Card>
          <details className={styles.ended}>
            <summary>{text.ended(formatCount(ended.length))}</summary>
            <AgreementList
              label={text.ended(formatCount(ended.length))}
              agreements={ended}
              now={report.now}
            />
          </details>
        </Card>
      )}
    </>
  );
}
