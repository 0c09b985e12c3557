import { Button } from '../../design/Button';
import { type Fact, Facts, sizeFact } from '../../design/Facts';
import type { AgreementInfo } from '../../ipc/bindings';
import { plainName } from '../../lib/format';
import { usePrice, useXlm } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { messages } from '../../messages';
import styles from './Agreements.module.css';
import { isRenewable, LEAF_BYTES, otherSide, proofDue, stripWords } from './model';
import { ProofStrip } from './ProofStrip';

export interface AgreementListProps {
  label: string;
  agreements: readonly AgreementInfo[];
  /** The time by which they are told. */
  now: string;
  /** Absent where nothing is renewed. */
  onRenew?: (agreement: AgreementInfo) => void;
}

/** Agreements, each with how its windows went and what became of the money. */
export function AgreementList({ label, agreements, now, onRenew }: AgreementListProps) {
  return (
    <ul className={styles.list} aria-label={label}>
      {agreements.map((agreement) => (
        <Row
          key={agreement.id}
          agreement={agreement}
          onRenew={onRenew !== undefined && isRenewable(agreement, now) ? onRenew : undefined}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  agreement: AgreementInfo;
  onRenew: ((agreement: AgreementInfo) => void) | undefined;
}

function Row({ agreement, onRenew }: RowProps) {
  const text = messages.agreements;
  const xlm = useXlm();
  const side = otherSide(agreement);
  return (
    <li className={styles.row}>
      <div className={styles.line}>
        <span className={styles.who}>
          {agreement.role === 'owner' ? text.withHost : text.withOwner} <code>{side}</code>
        </span>
        <span>{text.states[agreement.state]}</span>
        <span className={styles.quiet}>{text.ends(formatDay(agreement.end))}</span>
        {onRenew !== undefined && (
          <span className={styles.push}>
            <Button label={messages.everywhere.named(text.renew, side)} onPress={() => onRenew(agreement)}>
              {text.renew}
            </Button>
          </span>
        )}
      </div>
      <div className={styles.line}>
        <ProofStrip agreement={agreement} />
        <span className={styles.money}>
          {text.money(xlm(agreement.held_xlm), xlm(agreement.paid_xlm), xlm(agreement.left_xlm))}
        </span>
      </div>
      <details>
        <summary>{text.details}</summary>
        <Details agreement={agreement} />
      </details>
    </li>
  );
}

/** All that is known of an agreement. */
function Details({ agreement }: { agreement: AgreementInfo }) {
  const text = messages.agreements;
  const [xlm, price] = [useXlm(), usePrice()];
  const facts: Fact[] = [
    { name: text.withHost, value: <code>{plainName(agreement.host)}</code> },
    { name: text.withOwner, value: <code>{plainName(agreement.owner)}</code> },
    { name: text.term, value: text.from(formatDay(agreement.start), formatDay(agreement.end)) },
    { name: text.windowsName, value: stripWords(agreement) },
    sizeFact(text.size, agreement.leaf_count * LEAF_BYTES),
    { name: text.price, value: price(agreement.price_xlm_per_gib_month) },
    { name: text.deposit, value: xlm(agreement.deposit_xlm) },
    { name: text.collateral, value: xlm(agreement.collateral_xlm) },
    { name: text.held, value: xlm(agreement.held_xlm) },
    { name: text.paid, value: xlm(agreement.paid_xlm) },
    { name: text.left, value: xlm(agreement.left_xlm) },
    { name: text.rent, value: xlm(agreement.window_rent_xlm) },
    {
      name: text.miss,
      value: text.missWords(
        xlm(agreement.window_rent_xlm),
        xlm(agreement.missed_window_xlm),
        agreement.misses_allowed,
      ),
    },
  ];
  if (agreement.next_proof !== undefined) {
    facts.push({ name: text.nextProof, value: proofDue(agreement.next_proof) });
  }
  if (agreement.role === 'owner') {
    facts.push(
      { name: text.autoRenew, value: agreement.auto_renew ? text.yes : text.no },
      { name: text.renewable, value: text.renewableFrom(formatDay(agreement.renewable_from)) },
    );
  }
  if (agreement.escrow !== undefined) {
    facts.push({ name: text.escrow, value: <code>{plainName(agreement.escrow)}</code> });
  }
  return <Facts facts={facts} />;
}
