//! Reports that the tests of the tray begin with.

use layr_node::api::{Transfer, TransferKind, TransferState, TransfersReport};

use crate::home::ChosenHome;
use crate::view::NodeView;

pub(super) fn running(peers: u64, files: u64) -> NodeView {
    let examples: serde_json::Value =
        serde_json::from_str(include_str!("../../../ui/src/ipc/node-views.json")).unwrap();
    let mut status: layr_node::api::StatusReport =
        serde_json::from_value(examples["running"]["status"].clone()).unwrap();
    (status.peers, status.files, status.health) = (peers, files, None);
    NodeView::running(&ChosenHome::named("/srv/layr".into()), status)
}

pub(super) fn transfer(state: TransferState) -> Transfer {
    Transfer {
        id: 1,
        kind: TransferKind::Upload,
        name: "docs".to_owned(),
        state,
        stage: String::new(),
        current: String::new(),
        done_bytes: 0,
        total_bytes: 0,
        done_files: 0,
        total_files: 0,
        done_shards: 0,
        total_shards: 0,
        rate_bytes_per_s: None,
        eta_s: None,
        reason: None,
        code: None,
        retry: None,
        added: String::new(),
        finished: None,
        next_try: None,
        paused_with_all: false,
        folder: None,
        skipped: Vec::new(),
        skipped_total: 0,
    }
}

pub(super) fn report(states: &[TransferState]) -> TransfersReport {
    TransfersReport {
        transfers: states.iter().map(|state| transfer(*state)).collect(),
        ..TransfersReport::default()
    }
}
