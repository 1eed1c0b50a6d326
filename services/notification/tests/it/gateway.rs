//! Providers of short messages, as a configuration names them.

use ::harness::message_gateway::{KEY_HEADER, MessageGateway, SECRET, SIGNATURE_HEADER};
use phidia_domain::notice::Channel;
use phidia_notification::{AnswerConfig, Config, GatewayConfig, ProviderConfig, ReceiptsConfig};

use crate::harness::impatient;

/// By what receipts prove themselves.
pub(crate) const RECEIPTS: &str = "biên nhận";

/// One that takes keys and a bearer, and answers as Zalo does.
pub(crate) fn provider(name: &str, gateway: &MessageGateway) -> ProviderConfig {
    let answer = AnswerConfig {
        success: codes(&["0"]),
        code: "/error".into(),
        reference: "/data/msg_id".into(),
        lasting: codes(&["-118"]),
    };
    let http = GatewayConfig { bearer: Some(SECRET.into()), answer, ..at(gateway) };
    ProviderConfig {
        name: name.to_owned(),
        channel: Channel::Sms,
        per_minute: None,
        burst: 1,
        smtp: None,
        http: Some(http),
    }
}

/// One that takes keys and signed bodies, and answers as gateways of short messages do.
pub(crate) fn signed(name: &str, gateway: &MessageGateway) -> ProviderConfig {
    let answer = AnswerConfig {
        success: codes(&["100"]),
        code: "/CodeResult".into(),
        reference: "/SMSID".into(),
        lasting: Vec::new(),
    };
    let http = GatewayConfig {
        proof_header: SIGNATURE_HEADER.into(),
        secret: Some(SECRET.into()),
        answer,
        ..at(gateway)
    };
    ProviderConfig { http: Some(http), ..provider(name, gateway) }
}

fn at(gateway: &MessageGateway) -> GatewayConfig {
    GatewayConfig {
        url: gateway.url().to_owned(),
        body: r#"{"to": {{ to|json }}, "text": {{ text|json }}}"#.into(),
        key_header: KEY_HEADER.into(),
        timeout_seconds: 2,
        ..GatewayConfig::default()
    }
}

fn codes(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// The same, which says later what became of each.
pub(crate) fn with_receipts(mut provider: ProviderConfig) -> ProviderConfig {
    let http = provider.http.as_mut().unwrap();
    http.receipts = Some(ReceiptsConfig {
        secret: Some(RECEIPTS.into()),
        reference: "/ref".into(),
        status: "/status".into(),
        code: "/code".into(),
        delivered: codes(&["delivered"]),
        permanent: codes(&["unknown"]),
        temporary: codes(&["off"]),
        pending: codes(&["queued"]),
    });
    provider
}

/// Short messages go over these, in this order.
pub(crate) fn over(providers: Vec<ProviderConfig>) -> Config {
    Config { providers, retry: impatient(), ..Config::default() }
}
