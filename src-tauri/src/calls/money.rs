//! The wallet and storage agreements as the page asks for them, on a network without a ledger; with one, the tests in a browser pay.

use super::onboarding::{create, newcomer, newest_ended};
use super::*;

#[test]
fn in_the_try_out_a_newcomer_sees_the_price_and_pays_hosts_with_money_that_is_worth_nothing() {
    let page = newcomer();
    create(&page, json!("try_out")).unwrap();
    page.until_phase("running");
    let wallet = page.ask("wallet").unwrap();
    assert_eq!((&wallet["balance_xlm"], &wallet["money"]), (&json!("10000"), &json!("test")), "{wallet}");
    let limits = page.ask("agreements").unwrap()["limits"].clone();
    assert_eq!(limits["max_price_xlm_per_gib_month"], "0.5", "{limits}");

    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("transfers", move |event| drop(tell.send(event.payload().to_owned())));
    let file = page.dir().join("letter.txt");
    std::fs::write(&file, "some words ".repeat(1000)).unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    let review = page.request("selection_review", json!({ "selection": chosen["selection"] })).unwrap();
    assert_ne!(review["cost"]["deposit_xlm"], Value::Null, "{review}");
    page.request("upload_start", json!({ "selection": chosen["selection"] })).unwrap();
    assert_eq!(newest_ended(&page, &told)["state"], "done");
    let checked = page.ask("agreements_check").unwrap();
    assert_eq!((&checked["opened"], &checked["obstacles"]), (&json!(6), &json!([])), "{checked}");
    let listed = page.ask("agreements").unwrap();
    let active = listed["agreements"].as_array().unwrap().iter().filter(|one| one["state"] == "active");
    assert_eq!(active.count(), 6, "{listed}");
    assert_ne!(page.ask("wallet").unwrap()["balance_xlm"], "10000");

    // The next start finds the same ledger, money and limits.
    let set = json!({ "max_price_xlm_per_gib_month": "0.4", "monthly_cap_xlm": "7", "auto_renew": false });
    page.request("agreements_limit", set.clone()).unwrap();
    let escrows = page.ask("wallet").unwrap()["balance_xlm"].clone();
    page.ask("lock").unwrap();
    page.until_phase("locked");
    page.request("unlock", json!({ "passphrase": onboarding::TYPED })).unwrap();
    page.until_phase("running");
    assert_eq!(page.ask("agreements").unwrap()["limits"], set);
    assert_eq!(page.ask("wallet").unwrap()["balance_xlm"], escrows);
}

#[test]
fn where_the_network_has_no_ledger_nothing_is_paid_and_that_is_said() {
    let page = Page::running();
    assert_eq!(page.ask("node_view").unwrap()["status"]["money"], Value::Null);
    for command in ["wallet", "wallet_fund", "wallet_history", "wallet_copy", "agreements_check"] {
        assert_eq!(code(&page.ask(command)), "invalid_request", "{command}");
    }
    assert_eq!(code(&page.request("agreements_renew_plan", json!({}))), "invalid_request");
    assert_eq!(code(&page.request("agreements_renew", json!({ "ids": ["1"] }))), "invalid_request");
    let payment = json!({ "destination": "G123", "amount_xlm": "1" });
    assert_eq!(code(&page.request("wallet_send_plan", payment)), "invalid_request");
    assert_eq!(*page.fakes.clipboard.text.lock(), None);
}

#[test]
fn what_may_be_spent_is_set_and_kept_and_what_is_no_amount_changes_nothing() {
    let page = Page::running();
    let limits = |page: &Page| page.ask("agreements").unwrap()["limits"].clone();
    let set = json!({ "max_price_xlm_per_gib_month": "0.3", "monthly_cap_xlm": "20", "auto_renew": true });
    assert_eq!(page.request("agreements_limit", set.clone()).unwrap(), set);
    assert_eq!(limits(&page), set);
    for wrong in ["-1", "much", ""] {
        let refused = page.request("agreements_limit", json!({ "monthly_cap_xlm": wrong }));
        assert_eq!(code(&refused), "invalid_request", "{wrong}");
    }
    let long = json!({ "monthly_cap_xlm": "1".repeat(65) });
    assert_eq!(code(&page.request("agreements_limit", long)), "invalid_request");
    assert_eq!(limits(&page), set);
}

#[test]
fn a_yes_to_something_else_pays_nothing() {
    let page = Page::running();
    let file = page.dir().join("letter.txt");
    std::fs::write(&file, "dear reader").unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    for token in [chosen["selection"].as_str().unwrap(), &"0".repeat(32), "short"] {
        let refused = page.request("wallet_send", json!({ "token": token }));
        assert!(["invalid_request", "not_found"].contains(&code(&refused)), "{refused:?}");
    }
    // What was chosen is still there for what it was chosen for: it is hosts that are missing.
    let review = page.request("selection_review", json!({ "selection": chosen["selection"] }));
    assert_eq!(code(&review), "not_enough_hosts");
}

#[test]
fn a_table_of_agreements_goes_where_the_person_says() {
    let page = Page::running();
    assert_eq!(page.ask("agreements_export").unwrap(), Value::Null, "the dialog was dismissed");
    let table = page.dir().join("mine.csv");
    std::fs::write(&table, "older").unwrap();
    page.fakes.dialogs.will_be(&table);
    let written = page.ask("agreements_export").unwrap();
    assert_eq!(written, json!({ "path": table.to_str().unwrap(), "count": 0 }));
    assert!(std::fs::read_to_string(&table).unwrap().starts_with("id,role,state,"));
    assert_eq!(*page.fakes.dialogs.asked.lock(), [Question::SaveTable, Question::SaveTable]);
}
