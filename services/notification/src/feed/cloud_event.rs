//! Events of the feed as CloudEvents 1.0, in the JSON and the protobuf format of that specification
//! (<https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents/formats>).

use jiff::Timestamp;
use phidia_proto::{
    cloudevents::v1::{
        CloudEvent,
        cloud_event::{CloudEventAttributeValue, Data, cloud_event_attribute_value::Attr},
    },
    convert,
    notification::v1::{EventData, PublicEvent},
    types::v1::Text,
};
use phidia_runtime::failure::Failure;
use prost::Message as _;
use serde_json::{Map, Value, json};

/// Media types of both formats.
pub(crate) const JSON: &str = "application/cloudevents+json; charset=utf-8";
pub(crate) const PROTOBUF: &str = "application/cloudevents+protobuf";

const SPEC_VERSION: &str = "1.0";
const DATA_TYPE: &str = "type.googleapis.com/phidia.notification.v1.EventData";
/// The type of what is sent to try an address.
pub(crate) const PING: &str = "phidia.ping.v1";

/// An event in the JSON format. `data` is the JSON form of `EventData`, without what is unset, 64-bit numbers as numbers.
///
/// # Errors
/// Broken where the event is.
pub(crate) fn json(event: &PublicEvent) -> Result<Vec<u8>, Failure> {
    let mut whole = Map::from_iter([
        ("specversion".to_owned(), json!(SPEC_VERSION)),
        ("id".to_owned(), json!(event.id)),
        ("source".to_owned(), json!(source(event))),
        ("type".to_owned(), json!(event.r#type)),
        ("datacontenttype".to_owned(), json!("application/json")),
    ]);
    for (name, value) in attributes(event)? {
        let value = match value {
            Attribute::Text(text) => json!(text),
            Attribute::Number(number) => json!(number),
            Attribute::Instant(at) => json!(at.to_string()),
        };
        whole.insert(name.to_owned(), value);
    }
    whole.insert("data".to_owned(), Value::Object(data(event.data.as_ref())?));
    serde_json::to_vec(&whole).map_err(Failure::broken)
}

/// An event in the protobuf format.
///
/// # Errors
/// Broken where the event is.
pub(crate) fn protobuf(event: &PublicEvent) -> Result<Vec<u8>, Failure> {
    let value = |attr| CloudEventAttributeValue { attr: Some(attr) };
    let attribute = |(name, of): (&str, Attribute)| {
        let attr = match of {
            Attribute::Text(text) => Attr::CeString(text),
            Attribute::Number(number) => Attr::CeInteger(number),
            Attribute::Instant(at) => Attr::CeTimestamp(convert::wire_timestamp(at)),
        };
        (name.to_owned(), value(attr))
    };
    let content_type = Attribute::Text("application/protobuf".to_owned());
    let attributes = attributes(event)?.into_iter().chain([("datacontenttype", content_type)]).map(attribute);
    let data = event.data.clone().unwrap_or_default();
    let cloud_event = CloudEvent {
        id: event.id.clone(),
        source: source(event),
        spec_version: SPEC_VERSION.to_owned(),
        r#type: event.r#type.clone(),
        attributes: attributes.collect(),
        data: Some(Data::ProtoData(prost_types::Any {
            type_url: DATA_TYPE.to_owned(),
            value: data.encode_to_vec(),
        })),
    };
    Ok(cloud_event.encode_to_vec())
}

/// What tries an address: an event about nothing.
pub(crate) fn ping(id: String, at: Timestamp) -> PublicEvent {
    let at = Some(convert::wire_timestamp(at));
    PublicEvent { id, r#type: PING.to_owned(), occurred_at: at, recorded_at: at, ..PublicEvent::default() }
}

enum Attribute {
    Text(String),
    Number(i32),
    Instant(Timestamp),
}

/// The optional attributes and ours, without those that are empty.
fn attributes(event: &PublicEvent) -> Result<Vec<(&'static str, Attribute)>, Failure> {
    let text = |text: &str| Attribute::Text(text.to_owned());
    let number = i32::try_from(event.application_sequence).map_err(Failure::broken)?;
    let mut all = Vec::with_capacity(9);
    for (name, at) in [("time", event.occurred_at), ("recordedtime", event.recorded_at)] {
        let at = at.map(|at| convert::timestamp(at, name)).transpose()?;
        all.extend(at.map(|at| (name, Attribute::Instant(at))));
    }
    let texts = [
        ("subject", &event.application_id),
        ("partitionkey", &event.application_id),
        ("province", &event.province),
        ("procedure", &event.procedure_code),
    ];
    all.extend(texts.into_iter().filter(|(_, of)| !of.is_empty()).map(|(name, of)| (name, text(of))));
    if number > 0 {
        // Twenty digits: they are compared as text, as the extension for sequences says.
        all.push(("sequence", Attribute::Text(format!("{:020}", event.sequence))));
        all.push(("appsequence", Attribute::Number(number)));
    }
    Ok(all)
}

fn source(event: &PublicEvent) -> String {
    match event.province.as_str() {
        "" => "/phidia".to_owned(),
        province => format!("/phidia/{province}"),
    }
}

/// What an event says, without what is unset.
fn data(data: Option<&EventData>) -> Result<Map<String, Value>, Failure> {
    let Some(data) = data else { return Ok(Map::new()) };
    let mut all = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    let word = |text: &str| Some(json!(text)).filter(|_| !text.is_empty());
    let name = |text: &Option<Text>| text.as_ref().map(|text| json!({ "vi": text.vi, "en": text.en }));
    let count = |number: u32| Some(json!(number)).filter(|_| number > 0);
    let instant = |at: Option<prost_types::Timestamp>, field: &str| {
        at.map(|at| Ok::<_, Failure>(json!(convert::timestamp(at, field)?.to_string()))).transpose()
    };
    put("dossierCode", word(&data.dossier_code));
    put("procedureName", name(&data.procedure_name));
    put("channel", word(&data.channel));
    put("receivedAtUnitId", word(&data.received_at_unit_id));
    put("returnAtUnitId", word(&data.return_at_unit_id));
    put("caseId", word(&data.case_id));
    put("step", count(data.step));
    put("attempt", count(data.attempt));
    put("unitId", word(&data.unit_id));
    put("unitName", name(&data.unit_name));
    put("fromUnitId", word(&data.from_unit_id));
    put("fromUnitName", name(&data.from_unit_name));
    put("ground", word(&data.ground));
    put("dueAt", instant(data.due_at, "due_at")?);
    put("previousDueAt", instant(data.previous_due_at, "previous_due_at")?);
    put("appointmentAt", instant(data.appointment_at, "appointment_at")?);
    put("until", instant(data.until, "until")?);
    put("outcome", word(&data.outcome));
    put("onTime", data.on_time.map(Value::from));
    put("amountDong", data.amount_dong.map(Value::from));
    put("way", word(&data.way));
    put("waitedFor", word(&data.waited_for));
    let asked = data.asked.iter().map(|asked| {
        let mut one = Map::new();
        one.insert("referralId".to_owned(), json!(asked.referral_id));
        one.insert("unitId".to_owned(), json!(asked.unit_id));
        one.extend(name(&asked.unit_name).map(|name| ("unitName".to_owned(), name)));
        one.extend(instant(asked.due_at, "asked.due_at")?.map(|at| ("dueAt".to_owned(), at)));
        Ok::<_, Failure>(Value::Object(one))
    });
    let asked = asked.collect::<Result<Vec<_>, _>>()?;
    put("asked", Some(Value::Array(asked)).filter(|_| !data.asked.is_empty()));
    put("referralId", word(&data.referral_id));
    put("answered", data.answered.map(Value::from));
    put("stage", word(&data.stage));
    put("minutesLeft", data.minutes_left.map(Value::from));
    put("sha256", word(&data.sha256));
    put("mediaType", word(&data.media_type));
    put("sizeBytes", data.size_bytes.map(Value::from));
    put("resultWithdrawn", data.result_withdrawn.map(Value::from));
    put("rating", word(&data.rating));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted() -> PublicEvent {
        let at = |text: &str| Some(convert::wire_timestamp(text.parse().unwrap()));
        PublicEvent {
            id: "evt_019ab0c0000070008000000000000001".into(),
            r#type: "phidia.application.accepted.v1".into(),
            province: "37".into(),
            application_id: "app_019ab0c0000070008000000000000002".into(),
            occurred_at: at("2026-11-23T01:05:00Z"),
            recorded_at: at("2026-11-23T01:05:00.25Z"),
            procedure_code: "1.001193".into(),
            unit_ids: vec!["ctr_00000000000000000000000000000003".into()],
            sequence: 42,
            application_sequence: 1,
            data: Some(EventData {
                dossier_code: "H42.13285-261123-0007".into(),
                procedure_name: Some(Text {
                    vi: "Đăng ký khai sinh".into(),
                    en: "Birth registration".into(),
                }),
                channel: "direct".into(),
                due_at: at("2026-11-24T09:30:00Z"),
                on_time: Some(false),
                ..EventData::default()
            }),
        }
    }

    /// What strangers have built on: a change here breaks them.
    #[test]
    fn the_json_form_stays_as_it_is() {
        let written: Value = serde_json::from_slice(&json(&accepted()).unwrap()).unwrap();
        let expected = json!({
            "specversion": "1.0",
            "id": "evt_019ab0c0000070008000000000000001",
            "source": "/phidia/37",
            "type": "phidia.application.accepted.v1",
            "subject": "app_019ab0c0000070008000000000000002",
            "partitionkey": "app_019ab0c0000070008000000000000002",
            "time": "2026-11-23T01:05:00Z",
            "recordedtime": "2026-11-23T01:05:00.25Z",
            "sequence": "00000000000000000042",
            "appsequence": 1,
            "province": "37",
            "procedure": "1.001193",
            "datacontenttype": "application/json",
            "data": {
                "dossierCode": "H42.13285-261123-0007",
                "procedureName": { "vi": "Đăng ký khai sinh", "en": "Birth registration" },
                "channel": "direct",
                "dueAt": "2026-11-24T09:30:00Z",
                "onTime": false,
            },
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn the_protobuf_form_says_the_same() {
        let event = accepted();
        let written = CloudEvent::decode(&*protobuf(&event).unwrap()).unwrap();
        assert_eq!((&*written.id, &*written.source), (&*event.id, "/phidia/37"));
        assert_eq!((&*written.spec_version, &*written.r#type), ("1.0", &*event.r#type));
        let json: Value = serde_json::from_slice(&json(&event).unwrap()).unwrap();
        for (name, value) in &written.attributes {
            let same = match value.attr.as_ref().unwrap() {
                Attr::CeString(text) if name == "datacontenttype" => text == "application/protobuf",
                Attr::CeString(text) => json[name] == **text,
                Attr::CeInteger(number) => json[name] == *number,
                Attr::CeTimestamp(at) => json[name] == convert::timestamp(*at, "at").unwrap().to_string(),
                other => panic!("{other:?}"),
            };
            assert!(same, "{name}");
        }
        // All but the four that have fields of their own, and data.
        assert_eq!(written.attributes.len(), json.as_object().unwrap().len() - 5);
        let Some(Data::ProtoData(any)) = written.data else { panic!("{written:?}") };
        assert_eq!(any.type_url, DATA_TYPE);
        assert_eq!(EventData::decode(&*any.value).unwrap(), event.data.unwrap());
    }

    #[test]
    fn a_ping_is_about_nothing() {
        let ping = ping("evt_1".into(), "2026-11-23T01:05:00Z".parse().unwrap());
        let written: Value = serde_json::from_slice(&json(&ping).unwrap()).unwrap();
        assert_eq!((&written["type"], &written["source"]), (&json!(PING), &json!("/phidia")));
        assert!(written.get("subject").is_none() && written.get("appsequence").is_none());
    }
}
