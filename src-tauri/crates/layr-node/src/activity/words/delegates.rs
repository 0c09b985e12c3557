//! What the entries about delegates say.

use layr_keys::PeerId;
use layr_library::{ActivityLevel, NewActivity};

use super::{NETWORK, are, entry, quoted, single};
use crate::activity::ActivityKind;

/// A delegate made lost shards again, and they were taken over.
pub(crate) fn delegate_helped(shards: u64) -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::DelegateHelped,
        "Your files were repaired by another node",
        format!(
            "{} made again by a node that looks after your files while yours does not, and proven to this computer by the hosts that hold them now.",
            are(shards, "lost part was", "lost parts were")
        ),
        "/library",
    )
}

/// A delegate said what is not so.
pub(crate) fn delegate_refuted(name: &str) -> NewActivity {
    entry(
        ActivityLevel::Warning,
        ActivityKind::DelegateRefuted,
        name,
        format!("What {} says of your files is not so", quoted(name)),
        "This computer asked the hosts itself, and they have shown otherwise. Your files are as they were. If it comes again, end it \
         with `layr delegate revoke`; a host that shows different things to different nodes can be behind it as well."
            .to_owned(),
        NETWORK,
    )
}

/// What a delegate tells does not go on from what was heard. It stays so until the person makes it a delegate anew.
pub(crate) fn delegate_unheard(peer: PeerId, name: &str) -> NewActivity {
    entry(
        ActivityLevel::Warning,
        ActivityKind::DelegateUnheard,
        &peer,
        format!("What {} did for your files is not heard any more", quoted(name)),
        "It tells something that does not go on from what this computer knows, as after a loss of its data or an older copy of the library \
         here. Lost parts that it makes again count for nothing. Revoke it with `layr delegate revoke`, make it a delegate anew, and let \
         its person accept again."
            .to_owned(),
        NETWORK,
    )
}
