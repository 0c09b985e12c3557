//! Who an owner's delegates are.

use layr_keys::LogHead;
use layr_library::{DelegateVisit, PutOff};

use crate::kit::{DAY_S, Kit, NOW_S, peer};

#[test]
fn delegates_and_what_was_heard_of_them_are_kept() {
    let kit = Kit::new();
    let library = &kit.library;
    let addresses = ["/ip4/10.0.0.1/tcp/1".to_owned()];
    assert!(library.add_delegate(&peer(1), "", &[], NOW_S).unwrap());
    assert!(library.add_delegate(&peer(2), "Server", &[], NOW_S + 1).unwrap());
    assert!(!library.add_delegate(&peer(1), "Ben", &addresses, NOW_S + 9).unwrap());
    assert!(library.delegation_given(&peer(1), 3, NOW_S + 99).unwrap());
    assert!(!library.delegation_given(&peer(3), 3, NOW_S + 99).unwrap(), "who is revoked gets none");
    let visit = DelegateVisit { log: LogHead { number: 7, digest: [7; 32] }, placed: 2, refuted: 1 };
    let changes = library.changes();
    let waits = PutOff { id: 0, news: vec![7], addresses: addresses.to_vec(), waits_s: 0 };
    let put_off = [waits.clone(), PutOff { news: vec![8], ..waits }];
    assert!(library.delegate_heard(&peer(1), &visit, &put_off, NOW_S + 5).unwrap());
    assert!(!library.delegate_heard(&peer(3), &visit, &put_off, NOW_S + 5).unwrap());
    assert_eq!(library.changes(), changes + 1, "worth a backup");
    let nothing = DelegateVisit { placed: 0, refuted: 0, ..visit };
    library.delegate_heard(&peer(1), &nothing, &[], NOW_S + 6).unwrap();
    assert_eq!(library.changes(), changes + 1, "that nothing happened is not");
    let delegates = library.delegates().unwrap();
    let [first, second] = delegates.as_slice() else { panic!("{delegates:?}") };
    assert_eq!((first.name.as_str(), first.addresses.as_slice()), ("Ben", addresses.as_slice()));
    assert_eq!((first.serial, first.expires_unix_s, first.added_unix_s), (3, Some(NOW_S + 99), NOW_S));
    assert_eq!((first.log, first.placed, first.refuted), (visit.log, 2, 1));
    assert_eq!(first.heard_unix_s, Some(NOW_S + 6));
    assert_eq!((second.log, second.heard_unix_s, second.serial), (LogHead::default(), None, 0));
    kit.pass_days(NOW_S, 1);
    let waiting = library.put_off(&peer(1)).unwrap();
    assert_eq!(
        waiting.iter().map(|it| (it.news[0], it.waits_s)).collect::<Vec<_>>(),
        [(7, DAY_S), (8, DAY_S)]
    );
    assert_eq!(waiting[0].addresses, addresses);
    library.put_off_done(waiting[0].id).unwrap();
    assert_eq!(library.put_off(&peer(1)).unwrap(), waiting[1..]);
    assert!(library.remove_delegate(&peer(1)).unwrap());
    assert_eq!(library.put_off(&peer(1)).unwrap(), [], "nothing of it counts any more");
    assert!(!library.remove_delegate(&peer(1)).unwrap());
}
