//! Journals that carry signed, chained records between nodes, and the exchange that levels them.
