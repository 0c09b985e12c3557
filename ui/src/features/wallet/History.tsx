import { Answered } from '../../design/Answered';
import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import type { WalletHistory, WalletTransaction } from '../../ipc/bindings';
import { plainName, shortName } from '../../lib/format';
import { useXlm } from '../../lib/money';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './Wallet.module.css';

/** What was signed for the ledger here, the newest first. */
export function History({ query }: { query: Parameters<typeof Answered<WalletHistory>>[0]['query'] }) {
  const { history } = messages.wallet;
  return (
    <Card title={history.title}>
      <p className={styles.quiet}>{history.about}</p>
      <Answered query={query} failed={history.failed} rows={4}>
        {(answer) => <Transactions answer={answer} />}
      </Answered>
    </Card>
  );
}

function Transactions({ answer }: { answer: WalletHistory }) {
  const { history } = messages.wallet;
  if (answer.transactions.length === 0) {
    return <p>{history.empty}</p>;
  }
  return (
    <>
      {/* Wider than a small window: it scrolls, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={0} role="group" aria-label={history.title}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{history.what}</th>
              <th scope="col">{history.amount}</th>
              <th scope="col">{history.state}</th>
              <th scope="col">{history.when}</th>
            </tr>
          </thead>
          <tbody>
            {answer.transactions.map((transaction) => (
              <Row key={`${transaction.key} ${transaction.transaction}`} transaction={transaction} />
            ))}
          </tbody>
        </table>
      </div>
      {answer.has_more && <p className={styles.quiet}>{history.more}</p>}
    </>
  );
}

function Row({ transaction }: { transaction: WalletTransaction }) {
  const { history } = messages.wallet;
  const xlm = useXlm();
  const { amount_xlm: amount, fee_xlm: fee, destination, memo, code, ledger } = transaction;
  return (
    <tr>
      <th scope="row">
        {history.kind[transaction.kind]}
        <details>
          <summary>
            {destination === undefined
              ? history.transaction
              : history.to(`…${plainName(destination).slice(-8)}`)}
          </summary>
          <Facts
            facts={[
              ...(destination === undefined
                ? []
                : [{ name: messages.wallet.send.destination, value: <code>{plainName(destination)}</code> }]),
              ...(memo === undefined
                ? []
                : [{ name: messages.wallet.memo, value: <bdi>{shortName(memo)}</bdi> }]),
              { name: history.transaction, value: <code>{plainName(transaction.transaction)}</code> },
              ...(ledger === undefined ? [] : [{ name: history.ledger, value: String(ledger) }]),
              ...(fee === undefined ? [] : [{ name: history.fee, value: xlm(fee) }]),
            ]}
          />
        </details>
      </th>
      <td>{amount === undefined ? '–' : xlm(amount)}</td>
      <td>
        {history.states[transaction.state]}
        {code !== undefined && <p className={styles.about}>{shortName(code)}</p>}
      </td>
      <td>{formatTime(transaction.signed_at)}</td>
    </tr>
  );
}
