//! What an owner's node spends by itself on three hosts that are paid: within the monthly limit, in which the ledger's fees count, and as it planned.

use layr_ledger::Stroops;
use layr_node::api::{
    AgreementPhase, AgreementsRenewPlan, AgreementsRenewRequest, AgreementsReport, AgreementsRequest,
    PutReport, PutRequest, SpendingSettings, WalletSendRequest,
};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::operation::OperationKind;
use layr_testkit::SimNode;

use super::market::{MIB, Market};
use super::owner::{noise, paid_host};

const DAY_S: u64 = 86_400;
/// Hosts of an escrow here.
const HOSTS: u64 = 3;
/// What a contract's first escrow takes at most in fees, in stroops: 0.190 lumens were measured, for what is on the ledger since then.
const MOST_FOR_A_FIRST_ESCROW: u64 = 2_500_000;
/// Rounding, each host's by itself: a forecast is about all of them.
const ROUNDING: u64 = 1000;

struct Purse {
    market: Market,
    owner: SimNode,
    _others: [SimNode; 2],
}

impl Purse {
    /// Ten thousand lumens, of which nothing may be spent.
    async fn start() -> Self {
        let mut market = Market::open().await;
        let others = [paid_host(&mut market).await, paid_host(&mut market).await];
        let owner = market.network.add_owner().await;
        market.ledger.fund(owner.owner_keys().stellar_account().into()).await.unwrap();
        Self { market, owner, _others: others }
    }

    async fn allow(&self, price: &str, monthly_stroops: u64) {
        let monthly = Stroops::new(monthly_stroops).unwrap();
        let spending = SpendingSettings {
            max_price_xlm_per_gib_month: Some(price.to_owned()),
            monthly_cap_xlm: Some(monthly.to_string()),
            auto_renew: None,
        };
        self.owner.spending_set(spending).await.unwrap();
    }

    async fn put(&self, name: &str, mib: usize, dry_run: bool) -> Result<PutReport, NodeError> {
        let path = self.market.network.scratch().join(name);
        let mut bytes = noise(mib * MIB);
        bytes.extend_from_slice(name.as_bytes());
        std::fs::write(&path, bytes).unwrap();
        let request = PutRequest { paths: vec![path], to: None, redundancy: None, dry_run };
        self.owner.put(request, &self.owner.operation(OperationKind::Put, "test")).await
    }

    async fn balance(&self) -> u64 {
        let account = self.owner.owner_keys().stellar_account().into();
        self.market.ledger.account(account).await.unwrap().balance.stroops()
    }

    async fn agreements(&self) -> AgreementsReport {
        self.owner.agreements(AgreementsRequest { id: None }).await.unwrap()
    }

    async fn plan(&self, ids: Option<Vec<String>>) -> AgreementsRenewPlan {
        self.owner
            .agreements_plan(AgreementsRenewRequest { ids, ..AgreementsRenewRequest::default() })
            .await
            .unwrap()
    }
}

fn stroops(xlm: &str) -> u64 {
    xlm.parse::<Stroops>().unwrap().stroops()
}

/// What the limit counts of a deposit for 91 days.
fn month_of(deposit: u64) -> u64 {
    (deposit * 30).div_ceil(91)
}

#[tokio::test]
async fn the_monthly_limit_counts_fees_before_and_after_they_are_paid() {
    let purse = Purse::start().await;
    purse.allow("3", 1_000_000_000).await;
    let cost = purse.put("film", 2, true).await.unwrap().cost.unwrap();
    assert_eq!(cost.shortage, None);
    let (rent, fees) = (month_of(stroops(&cost.deposit_xlm)), stroops(&cost.fees_xlm));
    assert!(fees > 0 && rent > 0, "{cost:?}");

    // A stroop less than rent and fees: said, and refused.
    purse.allow("3", rent + fees - 1).await;
    let short = purse.put("film", 2, true).await.unwrap().cost.unwrap().shortage.unwrap();
    assert!(short.contains("short of 0.0000001 lumens") && short.contains("fees included"), "{short}");
    let refused = purse.put("film", 2, false).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotEnoughFunds, "{refused}");
    assert_eq!(refused.params["missing_xlm"], "0.0000001", "{refused:?}");
    assert_eq!(refused.params["needed_xlm"], Stroops::new(rent + fees).unwrap().to_string());
    assert_eq!(purse.agreements().await.month_fees_xlm, "0");

    let limit = rent + fees + ROUNDING;
    purse.allow("3", limit).await;
    purse.put("film", 2, false).await.unwrap();
    // What was stored while it was allowed is not agreed on where it is not any more: for an escrow's fees alone there is no host in it.
    purse.allow("3", fees).await;
    let hindered = purse.owner.agreements_check().await.unwrap();
    assert_eq!((hindered.opened, hindered.obstacles.len()), (0, 3), "{hindered:?}");
    assert!(hindered.obstacles.iter().all(|one| one.reason.contains("monthly limit is short of")));
    // Hosts were asked, nobody has signed.
    let listed = purse.agreements().await.agreements;
    assert!(
        listed.iter().all(|one| one.state == AgreementPhase::Proposed && one.held_xlm == "0"),
        "{listed:?}"
    );
    assert_eq!((listed.len(), purse.owner.status().await.unwrap().agreements), (3, 0));

    // A contract's first escrow takes more than was foreseen. More than the limit leaves is not paid for that either.
    purse.allow("3", limit).await;
    let before = purse.balance().await;
    let hindered = purse.owner.agreements_check().await.unwrap();
    let [obstacle] = &hindered.obstacles[..] else { panic!("{hindered:?}") };
    assert!(obstacle.reason.contains("monthly limit leaves too little for its fees"), "{obstacle:?}");
    assert_eq!((hindered.opened, purse.balance().await), (0, before));
    let listed = purse.agreements().await.agreements;
    assert!(
        listed.iter().all(|one| one.state == AgreementPhase::Opening && one.held_xlm == "0"),
        "{listed:?}"
    );

    let limit = rent + MOST_FOR_A_FIRST_ESCROW + ROUNDING;
    purse.allow("3", limit).await;
    let opened = purse.owner.agreements_check().await.unwrap();
    assert!(opened.opened == HOSTS && opened.obstacles.is_empty(), "{opened:?}");
    let taken = before - purse.balance().await - stroops(&opened.deposited_xlm);
    let report = purse.agreements().await;
    assert_eq!((stroops(&report.month_fees_xlm), purse.owner.status().await.unwrap().agreements), (taken, 3));
    assert!((1..=MOST_FOR_A_FIRST_ESCROW).contains(&taken), "{taken}");

    // They are spent: what is left is less than the rent would leave.
    let of_open: u64 = report.agreements.iter().map(|one| month_of(stroops(&one.deposit_xlm))).sum();
    let refused = purse.put("opera", 16, false).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotEnoughFunds, "{refused}");
    assert_eq!(stroops(refused.params["available_xlm"].as_str().unwrap()), limit - of_open - taken);
}

#[tokio::test]
async fn what_is_planned_is_what_a_look_agrees_on_and_what_hinders_it_is_said_before() {
    let purse = Purse::start().await;
    purse.allow("3", 1_000_000_000).await;
    assert!(purse.plan(None).await.terms.is_empty(), "nothing is stored");
    purse.put("film", 2, false).await.unwrap();

    let plan = purse.plan(None).await;
    assert_eq!(plan.terms.len(), 3);
    assert!(plan.terms.iter().all(|term| !term.is_renewal && term.obstacle.is_none()), "{plan:?}");
    let deposits: u64 = plan.terms.iter().map(|term| stroops(&term.deposit_xlm)).sum();
    assert_eq!((stroops(&plan.deposits_xlm), plan.missing_xlm.as_str()), (deposits, "0"));
    assert_eq!(plan.fee_cap_xlm, "1.2", "of one escrow");

    // Limits hinder, and so does an account that is empty but for a lumen.
    purse.allow("3", month_of(deposits)).await;
    let hindered = purse.plan(None).await;
    let reasons: Vec<_> = hindered.terms.iter().filter_map(|term| term.obstacle.as_deref()).collect();
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| reason.contains("onthly limit")),
        "{reasons:?}"
    );
    assert_eq!(hindered.missing_xlm, "0", "it is not lumens that are missing");
    purse.allow("2", 1_000_000_000).await;
    let hindered = purse.plan(None).await;
    assert_eq!((hindered.deposits_xlm.as_str(), hindered.fee_cap_xlm.as_str()), ("0", "0"), "{hindered:?}");
    assert!(
        hindered.terms.iter().all(|term| term.obstacle.as_deref() == Some("Its price is above the limit."))
    );
    purse.allow("3", 1_000_000_000).await;

    let opened = purse.owner.agreements_check().await.unwrap();
    assert_eq!((opened.opened, opened.deposited_xlm), (HOSTS, plan.deposits_xlm));
    assert!(purse.plan(None).await.terms.is_empty(), "nothing is due for a while");

    // In the last thirty days of a term: the next one, with all, or with whom the person names.
    let runs = purse.agreements().await.agreements;
    let (id, host, end) = (runs[0].id.clone(), runs[0].host.clone(), runs[0].end.clone());
    purse.market.pass_until(purse.market.now_s().await + 70 * DAY_S).await;
    let plan = purse.plan(None).await;
    assert!(
        plan.terms.len() == 3 && plan.terms.iter().all(|term| term.is_renewal && term.start == end),
        "{plan:?}"
    );
    let [one] = &purse.plan(Some(vec![id.clone()])).await.terms[..] else { panic!("only that one") };
    assert_eq!((&one.host, one.is_renewal), (&host, true));
    assert!(purse.plan(Some(Vec::new())).await.terms.is_empty());

    let poor = purse.poor(&plan).await;
    assert!(poor.terms.iter().any(|term| term.obstacle.is_none()), "{poor:?}");
    let short: Vec<_> = poor.terms.iter().filter(|term| term.obstacle.is_some()).collect();
    assert_eq!(short.len(), 1, "{poor:?}");
    assert!(
        short[0].obstacle.as_deref().unwrap().ends_with("lumens are missing for its deposit."),
        "{short:?}"
    );
    assert_eq!(stroops(&poor.missing_xlm), 1);
    let renewed = purse.owner.agreements_renew(AgreementsRenewRequest::default()).await.unwrap();
    assert_eq!((renewed.opened, renewed.deposited_xlm), (2, poor.deposits_xlm), "{:?}", renewed.obstacles);
}

impl Purse {
    /// The plan where the account can spend a stroop less than what is planned.
    async fn poor(&self, plan: &AgreementsRenewPlan) -> AgreementsRenewPlan {
        let needed = stroops(&plan.deposits_xlm) + stroops(&plan.fee_cap_xlm);
        let payment_fee = 100;
        let amount = stroops(&plan.spendable_xlm) - needed - payment_fee + 1;
        let request = WalletSendRequest {
            destination: layr_ledger::Account::from(self.market.host.owner_keys().stellar_account())
                .to_string(),
            amount_xlm: Stroops::new(amount).unwrap().to_string(),
            memo: None,
            key: "away".to_owned(),
        };
        let sent = self.owner.wallet_send(request).await.unwrap();
        assert_eq!(stroops(&sent.fee_xlm), payment_fee);
        self.plan(None).await
    }
}
