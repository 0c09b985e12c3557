//! A Stellar ledger on one computer.
