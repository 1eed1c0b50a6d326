//! What the tests share: the workspace as data, real processes – `phidia`, PostgreSQL, Redis, ClamAV, a
//! bucket, a mail server, a browser –, the links between them, systems of others as unreliable as they are told to be
//! (a national portal, a gateway for short messages, a receiver of webhooks), callers by role, waiting.

pub mod account;
pub mod authority;
pub mod browser;
pub mod client;
pub mod house;
pub mod message_gateway;
pub mod national_portal;
pub mod pdf;
pub mod plain_http;
pub mod port;
pub mod postgres_server;
pub mod process;
pub mod province;
pub mod proxy;
pub mod reader;
pub mod redis_server;
pub mod s3_server;
pub mod smtp_process;
pub mod store;
pub mod tree;
pub mod virus_scanner;
pub mod wait;
pub mod webhook_receiver;
pub mod workspace;
