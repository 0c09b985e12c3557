//! Two owners and a host that has room for one of them.

use layr_suites::devnet::wait_until_known;
use layr_suites::{Devnet, layr, sample};

use crate::PROGRAM;

/// Rounds of the race: who is first is chance, and so is how close they are.
const ROUNDS: u64 = 4;
const SHARD_BYTES: u64 = 3 << 20;
/// A little less: each chunk is sealed and has a tag, and the shard ends at the next whole leaf.
const FILE_BYTES: usize = (3 << 20) - 512;
/// Room for one of the two and not for both. A host with less than a whole shard's room is not even asked.
const ROOM_BYTES: u64 = 5 << 20;

#[test]
fn two_owners_race_for_the_last_space_of_a_host_and_exactly_one_gets_it() {
    let net = Devnet::start(PROGRAM, 1);
    let host = &net.hosts[0];
    for round in 0..ROUNDS {
        let quota_bytes = (round * SHARD_BYTES + ROOM_BYTES).to_string();
        host.layr.ok(&["host", "set", "--quota", &quota_bytes]);
        let names = [format!("a-{round}"), format!("b-{round}")];
        // New ones in each round: a loser would go on with what it began before.
        let owners = names.each_ref().map(|name| {
            let mut owner = net.new_home(name, None);
            owner.start(&["--listen", "/ip4/127.0.0.1/tcp/0"]);
            owner
        });
        for owner in &owners {
            wait_until_known(&owner.layr, &host.peer_id);
        }

        let mut puts = Vec::new();
        for (name, (owner, seed)) in names.iter().zip(owners.iter().zip(2 * round..)) {
            let file = net.dir().join(format!("file-{name}"));
            std::fs::write(&file, sample::noise(seed, FILE_BYTES)).unwrap();
            puts.push(owner.layr.command(&["--json", "put", "--redundancy", "1/1", file.to_str().unwrap()]));
        }
        let running: Vec<_> = puts.iter_mut().map(|put| put.spawn().unwrap()).collect();
        let answers: Vec<_> = running.into_iter().map(layr::finished).collect();

        let said: Vec<_> = answers.iter().map(|answer| &answer.json).collect();
        let won = answers.iter().filter(|answer| answer.code == 0).count();
        assert_eq!(won, 1, "round {round}: {said:?}");
        let ledger = host.assert_ledger();
        assert_eq!(ledger["used_bytes"], (round + 1) * SHARD_BYTES, "{ledger}");
        assert_eq!(ledger["reserved_bytes"], 0, "{ledger}");
        for (answer, (owner, name)) in answers.iter().zip(owners.iter().zip(&names)) {
            if answer.code == 0 {
                let back = net.dir().join("back");
                owner.layr.ok(&["get", &format!("/file-{name}"), "-o", back.to_str().unwrap()]);
                sample::assert_same(&net.dir().join(format!("file-{name}")), &back);
            } else {
                assert_eq!(answer.code, 5, "{said:?}");
                assert_eq!(answer.json["error"]["code"], "not_enough_space", "{said:?}");
                owner.layr.fails(3, &["info", &format!("/file-{name}")]);
            }
        }
    }
}
