//! The recorded contract, by the same tests as its sources: `../agreement` with another `built`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::manual_is_multiple_of,
    clippy::verbose_bit_mask,
    reason = "as for the sources' tests"
)]

#[path = "../agreement/beacon.rs"]
mod beacon;
mod built;
#[path = "../agreement/calls.rs"]
mod calls;
#[path = "../agreement/cheats.rs"]
mod cheats;
#[path = "../agreement/data.rs"]
mod data;
#[path = "../agreement/excuses.rs"]
mod excuses;
#[path = "../agreement/grinding.rs"]
mod grinding;
#[path = "../agreement/groups.rs"]
mod groups;
#[path = "../agreement/histories.rs"]
mod histories;
#[path = "../agreement/history.rs"]
mod history;
#[path = "../agreement/malformed.rs"]
mod malformed;
#[path = "../agreement/model.rs"]
mod model;
#[path = "../agreement/opened.rs"]
mod opened;
#[path = "../agreement/renewals.rs"]
mod renewals;
#[path = "../agreement/scene.rs"]
mod scene;
#[path = "../agreement/shown.rs"]
mod shown;
#[path = "../agreement/terms.rs"]
mod terms;
#[path = "../agreement/unpayable.rs"]
mod unpayable;
#[path = "../agreement/world.rs"]
mod world;
