//! Numbers in a hall.
