//! The portal's pages, read and filled in without a browser, over a real process (`Stage::set()`, then `stage.phidia.portal()`).

mod citizen;
mod counter;
mod door;
mod hall;
mod province;
mod supervise;
mod work;
