//! Tests that need to stand between the vault and its disk.

mod durability;
mod faults;
mod faulty_disk;
mod group;
mod power_loss;
mod scenario;
mod trees;
mod unreadable;
