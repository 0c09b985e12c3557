import { type Fact, Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import type { WalletReport } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { useXlm } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { messages } from '../../messages';
import styles from './Wallet.module.css';

/** What the account has, what of it is free, and what lies elsewhere. */
export function Balance({ report }: { report: WalletReport }) {
  const { wallet } = messages;
  const xlm = useXlm();
  const days = report.runway_days;
  const life = report.contract_life;
  const facts: Fact[] = [
    { name: wallet.spendable, value: xlm(report.spendable_xlm) },
    { name: wallet.reserved, value: xlm(report.reserve_xlm), about: wallet.reservedAbout },
    { name: wallet.escrow, value: xlm(report.escrow_xlm), about: wallet.escrowAbout },
    days === null
      ? { name: wallet.runway, value: wallet.runwayNone }
      : {
          name: wallet.runway,
          value: wallet.runwayDays(days, formatCount(days)),
          about: wallet.runwayAbout,
        },
  ];
  return (
    <Card title={wallet.balance}>
      <p className={styles.figure}>{xlm(report.balance_xlm)}</p>
      {!report.is_open && <p>{wallet.closed}</p>}
      {report.source === 'key' && <p>{wallet.ownKey}</p>}
      <Facts facts={facts} />
      {life?.is_archived === true && <p role="status">{wallet.contractArchived}</p>}
      {life?.is_archived === false && life.is_short && (
        <p role="status">{wallet.contractShort(formatDay(life.live_until))}</p>
      )}
    </Card>
  );
}
