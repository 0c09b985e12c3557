//! What `hosts` shows.

use std::collections::BTreeMap;

use layr_keys::{PeerId, SignedRecord};
use layr_library::{HostRecord, Library, StoreError};

use crate::agreements::price::MonthlyPrice;
use crate::api::{HostInfo, HostsReport, OfferInfo};
use crate::catalogue::{rfc3339, store_error};
use crate::error::{ErrorCode, NodeError};
use crate::owner::Owner;
use crate::reputation::{reputation, score};
use crate::wire::Offer;

/// The hosts known and what they hold of ours; with `ask` their offers are asked for first.
///
/// # Errors
/// The library cannot be read.
pub async fn report(owner: &Owner, ask: bool) -> Result<HostsReport, NodeError> {
    if ask {
        owner.hosts().refresh().await.map_err(|error| store_error(&error))?;
        owner.hosts().ask_relayed().await;
    }
    let recorded = owner
        .library_job(layr_library::Library::hosts)
        .await
        .map_err(|error| NodeError::new(ErrorCode::Internal, format!("{error}.")))?
        .map_err(|error| store_error(&error))?;
    let fresh: BTreeMap<PeerId, Offer> =
        owner.hosts().offers().into_iter().map(|known| (known.peer, known.offer)).collect();
    let relayed = owner.hosts().relayed();
    let hosts = recorded.iter().map(|host| describe(host, &fresh, relayed.contains(&host.peer))).collect();
    Ok(HostsReport { hosts })
}

/// Hosts that have shards of ours and ask to be paid, by what they offered last, also to an earlier run of this node.
///
/// # Errors
/// The library cannot be read.
pub(crate) fn priced_holders(
    library: &Library,
    fresh: &BTreeMap<PeerId, Offer>,
) -> Result<Vec<(PeerId, Offer)>, StoreError> {
    let holders = library.hosts()?.into_iter().filter(|host| host.shards > 0);
    let offers = holders.filter_map(|host| Some((host.peer, newest_offer(&host, fresh)?)));
    Ok(offers.filter(|(_, offer)| offer.price_stroops_per_gib_window > 0).collect())
}

fn newest_offer(host: &HostRecord, fresh: &BTreeMap<PeerId, Offer>) -> Option<Offer> {
    let recorded = || {
        let record = SignedRecord::decode(&host.offer.as_ref()?.record).ok()?;
        Offer::decode_bounded(record.payload()).ok()
    };
    fresh.get(&host.peer).cloned().or_else(recorded)
}

fn describe(host: &HostRecord, fresh: &BTreeMap<PeerId, Offer>, relayed_only: bool) -> HostInfo {
    let offer = newest_offer(host, fresh);
    HostInfo {
        peer_id: host.peer.to_string(),
        addresses: host.addresses.clone(),
        relayed_only,
        offer: offer.map(|offer| OfferInfo {
            price_xlm_per_gib_month: MonthlyPrice::shown(offer.price_stroops_per_gib_window).to_string(),
            free_bytes: offer.free_bytes,
            max_term_days: offer.max_term_days,
        }),
        score: score(&host.evidence),
        reputation: reputation(&host.evidence),
        leaves_at: host.leaves_unix_s.map(rfc3339),
        shards: host.shards,
        bytes: host.bytes,
    }
}
