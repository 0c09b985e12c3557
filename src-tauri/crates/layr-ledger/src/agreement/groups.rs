//! Parts to settle, in groups: a whole escrow needs no path, and any subtree of its hosts a single one.

use std::collections::BTreeMap;

use layr_proof::{Node, Step, split_point};
use stellar_xdr as xdr;

use crate::agreement::calls::Ending;
use crate::agreement::terms::{HostTerms, Seat, TermsError, encoded_steps};
use crate::agreement::value::{account, bytes, list};
use crate::error::LedgerError;

/// Parts by their hosts' numbers.
type Parts<'a> = BTreeMap<usize, &'a (Seat, Ending)>;

/// The parts as the contract takes them: the largest subtrees of which all hosts are there, and end in the same way.
pub(crate) fn groups_of(parts: &[(Seat, Ending)]) -> Result<xdr::ScVal, LedgerError> {
    let odd = || TermsError::OutOfBounds { what: "place of a host" };
    let (mut placed, mut roots) = (Parts::new(), Vec::new());
    for part in parts {
        let (seat, _) = part;
        let proven = seat.path.root(Node::leaf(seat.terms.digest()?)).map_err(|_| odd())?;
        let place = usize::try_from(proven.first_leaf).map_err(|_| odd())?;
        if placed.insert(place, part).is_some() {
            return Err(odd().into());
        }
        roots.push(proven.root);
    }
    roots.dedup();
    let mut groups = Vec::new();
    if let &[root] = roots.as_slice() {
        let hosts = usize::try_from(root.leaf_count).map_err(|_| odd())?;
        gather(&placed, (0, hosts), 0, &mut groups)?;
    } else if !roots.is_empty() {
        return Err(odd().into());
    }
    list(groups)
}

/// Groups of those of `count` hosts from `first` on that are there. They are a subtree, `depth` steps below the root.
fn gather(
    parts: &Parts<'_>,
    (first, count): (usize, usize),
    depth: usize,
    groups: &mut Vec<xdr::ScVal>,
) -> Result<(), LedgerError> {
    let here: Vec<_> = parts.range(first..first + count).map(|(_, part)| *part).collect();
    let Some((seat, _)) = here.first() else { return Ok(()) };
    let are_agreed = |(_, ending): &&(Seat, Ending)| matches!(ending, Ending::Agreed(_));
    let agreed = here.iter().copied().filter(are_agreed).count();
    if here.len() == count && (agreed == 0 || agreed == count) {
        let steps = seat.path.steps();
        let above = steps.get(steps.len().saturating_sub(depth)..).unwrap_or_default();
        groups.push(group(&here, above)?);
        return Ok(());
    }
    let left = split_point(count);
    if left == 0 {
        return Ok(());
    }
    gather(parts, (first, left), depth + 1, groups)?;
    gather(parts, (first + left, count - left), depth + 1, groups)
}

fn group(parts: &[&(Seat, Ending)], path: &[Step]) -> Result<xdr::ScVal, LedgerError> {
    let hosts: Vec<HostTerms> = parts.iter().map(|(seat, _)| seat.terms.clone()).collect();
    let closing = |(_, ending): &&(Seat, Ending)| match ending {
        Ending::Agreed(closing) => closing.to_bytes(),
        Ending::Overdue => Vec::new(),
    };
    let closings: Vec<u8> = parts.iter().flat_map(closing).collect();
    let (accounts, terms) = listed(&hosts)?;
    let seat = [terms, encoded_steps(path)?].concat();
    list(vec![accounts, bytes(&seat)?, bytes(&closings)?])
}

/// Accounts of hosts, and the rest of their terms.
pub(crate) fn listed(hosts: &[HostTerms]) -> Result<(xdr::ScVal, Vec<u8>), LedgerError> {
    let accounts = list(hosts.iter().map(|host| account(host.account)).collect())?;
    Ok((accounts, hosts.iter().flat_map(HostTerms::to_bytes).collect()))
}

#[cfg(test)]
mod tests;
