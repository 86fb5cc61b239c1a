//! Rules of the domain that need more than one noun: what facts add up to in any order.
