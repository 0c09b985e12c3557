import { useQuery } from '@tanstack/react-query';

import { Answered } from '../../design/Answered';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Facts } from '../../design/Facts';
import type { AgreementsRenewPlan, PlannedTerm, UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { plainName, plainSentence } from '../../lib/format';
import { isNothing, usePrice, useXlm } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { messages } from '../../messages';
import styles from './Agreements.module.css';

export interface RenewDialogProps {
  /** The agreements that are meant; all that end soon when absent. */
  ids: readonly string[] | undefined;
  isBusy: boolean;
  error: UiError | null;
  onClose: () => void;
  /** With what the plan puts into escrow: no more than that is agreed on. */
  onConfirm: (mostXlm: string) => void;
}

/** What renewing would agree on and cost, before anything is signed. */
export function RenewDialog({ ids, onConfirm, ...question }: RenewDialogProps) {
  const { plan: text } = messages.agreements;
  const plan = useQuery({
    queryKey: ['renew-plan', ids],
    queryFn: () => client.agreementsRenewPlan(ids === undefined ? {} : { ids: [...ids] }),
    staleTime: 0,
    // A plan is of its moment.
    gcTime: 0,
  });
  const isReady = plan.data?.terms.some((term) => term.obstacle === undefined) ?? false;
  return (
    <ConfirmDialog
      {...question}
      onConfirm={() => {
        if (plan.data !== undefined) {
          onConfirm(plan.data.deposits_xlm);
        }
      }}
      title={text.title}
      cancel={isReady ? text.keep : messages.everywhere.close}
      confirm={text.confirm}
      isReady={isReady && !plan.isFetching}
    >
      <Answered query={plan} rows={4}>
        {(answer) => <Plan plan={answer} />}
      </Answered>
    </ConfirmDialog>
  );
}

function Plan({ plan }: { plan: AgreementsRenewPlan }) {
  const { plan: text } = messages.agreements;
  const xlm = useXlm();
  if (plan.terms.length === 0) {
    return <p role="status">{text.nothing}</p>;
  }
  return (
    <>
      {/* Wider than a small window: it scrolls, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={0} role="group" aria-label={text.title}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{text.host}</th>
              <th scope="col">{text.term}</th>
              <th scope="col">{text.price}</th>
              <th scope="col">{text.deposit}</th>
            </tr>
          </thead>
          <tbody>
            {plan.terms.map((term) => (
              <Term key={`${term.host} ${term.start}`} term={term} />
            ))}
          </tbody>
        </table>
      </div>
      <Facts
        facts={[
          { name: text.total, value: xlm(plan.deposits_xlm), about: text.totalAbout },
          { name: text.fees, value: text.feesWords(xlm(plan.fee_cap_xlm)) },
          { name: text.spendable, value: xlm(plan.spendable_xlm) },
        ]}
      />
      {!isNothing(plan.missing_xlm) && <p role="status">{text.missing(xlm(plan.missing_xlm))}</p>}
      <p className={styles.quiet}>{text.asked}</p>
    </>
  );
}

function Term({ term }: { term: PlannedTerm }) {
  const { plan: text, from } = messages.agreements;
  const [xlm, price] = [useXlm(), usePrice()];
  return (
    <tr>
      <th scope="row">
        <code>{`…${plainName(term.host).slice(-12)}`}</code>
        <p className={styles.about}>{term.is_renewal ? text.next : text.fresh}</p>
        {term.obstacle !== undefined && <p>{plainSentence(term.obstacle)}</p>}
      </th>
      <td>{from(formatDay(term.start), formatDay(term.end))}</td>
      <td>{price(term.price_xlm_per_gib_month)}</td>
      <td>{term.obstacle === undefined ? xlm(term.deposit_xlm) : '–'}</td>
    </tr>
  );
}
