//! How many send at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use phidia_domain::{Kind, Rejection};

/// The streams that are open now, by caller.
#[derive(Debug)]
pub(super) struct Streams {
    most: u32,
    most_of_one: u32,
    open: Arc<Mutex<HashMap<String, u32>>>,
}

/// Leave to send; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Leave {
    caller: String,
    open: Arc<Mutex<HashMap<String, u32>>>,
}

impl Streams {
    pub(super) fn new(most: u32, most_of_one: u32) -> Self {
        Self { most, most_of_one, open: Arc::default() }
    }

    /// Lets a caller send.
    ///
    /// # Errors
    /// `TOO_MANY_STREAMS`.
    pub(super) fn admit(&self, caller: &str) -> Result<Leave, Rejection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = |most: u32, whose: &str| {
            let message = format!("{whose} most {most} files at a time; try again in a while");
            Rejection::new(Kind::Exhausted, "TOO_MANY_STREAMS", message).with("most", most)
        };
        if open.get(caller).is_some_and(|own| *own >= self.most_of_one) {
            return Err(refused(self.most_of_one, "one caller sends at"));
        }
        if open.values().sum::<u32>() >= self.most {
            return Err(refused(self.most, "this server takes at"));
        }
        *open.entry(caller.to_owned()).or_default() += 1;
        Ok(Leave { caller: caller.to_owned(), open: Arc::clone(&self.open) })
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_leaves_room_for_others_and_all_leave_room_for_the_server() {
        let streams = Streams::new(3, 2);
        let refused = |caller: &str| streams.admit(caller).unwrap_err().metadata[0].1.clone();
        let (first, _second) = (streams.admit("a").unwrap(), streams.admit("a").unwrap());
        assert_eq!(refused("a"), "2");
        let _third = streams.admit("b").unwrap();
        assert_eq!(refused("c"), "3");
        drop(first);
        assert!(streams.admit("a").is_ok());
        // Whoever went away is forgotten.
        assert_eq!(streams.open.lock().unwrap().get("a"), Some(&1));
    }
}
