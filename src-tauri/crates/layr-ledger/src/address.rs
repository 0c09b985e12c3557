//! Who is on a ledger: accounts (`G…`) and contracts (`C…`), as SEP-0023 writes them.

use std::fmt;
use std::str::FromStr;

use layr_keys::StellarAccount;
use stellar_xdr as xdr;

/// An account's Ed25519 public key, shown as `G…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account([u8; 32]);

/// A contract's id, shown as `C…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contract([u8; 32]);

/// A text that names no account or contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no {wanted}; one begins with {letter} and has 56 letters and digits, the last of which guard against typing errors"
)]
pub struct AddressError {
    /// What was given, shortened.
    pub text: String,
    /// What it should be.
    pub wanted: &'static str,
    /// What it would begin with.
    pub letter: char,
}

/// Longest part of a wrong address that is shown again: the length of a right one.
const SHOWN_CHARS: usize = 56;

fn refused(text: &str, wanted: &'static str, letter: char) -> AddressError {
    AddressError { text: text.chars().take(SHOWN_CHARS).collect(), wanted, letter }
}

impl Account {
    /// The account with this public key.
    pub const fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The public key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) const fn to_xdr(self) -> xdr::AccountId {
        xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(self.0)))
    }

    pub(crate) const fn to_muxed(self) -> xdr::MuxedAccount {
        xdr::MuxedAccount::Ed25519(xdr::Uint256(self.0))
    }

    pub(crate) const fn key(self) -> xdr::LedgerKey {
        xdr::LedgerKey::Account(xdr::LedgerKeyAccount { account_id: self.to_xdr() })
    }
}

impl From<StellarAccount> for Account {
    fn from(account: StellarAccount) -> Self {
        Self(*account.as_bytes())
    }
}

impl FromStr for Account {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let key = stellar_strkey::ed25519::PublicKey::from_string(text);
        key.map(|key| Self(key.0)).map_err(|_| refused(text, "account", 'G'))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&stellar_strkey::ed25519::PublicKey(self.0).to_string())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}

impl Contract {
    /// The contract with this id.
    pub const fn from_bytes(id: [u8; 32]) -> Self {
        Self(id)
    }

    /// The id.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As contract calls name it.
    pub const fn to_xdr(self) -> xdr::ScAddress {
        xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(self.0)))
    }
}

impl FromStr for Contract {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let id = stellar_strkey::Contract::from_string(text);
        id.map(|id| Self(id.0)).map_err(|_| refused(text, "contract", 'C'))
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&stellar_strkey::Contract(self.0).to_string())
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contract({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::{Account, Contract};

    /// The example of SEP-0023.
    const EXAMPLE: &str = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";

    #[test]
    fn an_account_is_read_as_it_is_shown_and_a_wrong_letter_is_noticed() {
        let account: Account = EXAMPLE.parse().unwrap();
        assert_eq!(account.to_string(), EXAMPLE);
        let mistyped = EXAMPLE.replacen('Q', "R", 1);
        for text in ["", "G", &mistyped, &EXAMPLE.to_lowercase(), &format!("{EXAMPLE} "), &"G".repeat(10_000)]
        {
            assert!(text.parse::<Account>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_contract_is_no_account() {
        let contract = Contract::from_bytes([7; 32]).to_string();
        assert!(contract.starts_with('C'));
        assert_eq!(contract.parse(), Ok(Contract::from_bytes([7; 32])));
        assert!(contract.parse::<Account>().is_err());
        assert!(EXAMPLE.parse::<Contract>().is_err());
    }
}
