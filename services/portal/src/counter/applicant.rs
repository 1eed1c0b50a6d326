//! Who applies, how it came in, and how the result is wanted.

use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::{
    intake::v1::{ApplicantKind, Authorisation, Channel},
    routing::v1::{ListUnitsRequest, Unit, registry_service_client::RegistryServiceClient},
    types::v1::{CompetenceKey, Place, ReturnWay},
};
use phidia_words::Words;

use super::draft::{Opened, Sheet, Step};
use crate::{
    Portal,
    form::{Faults, Fields},
    part,
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

pub(super) struct Who;

/// Paths of the contract, and the controls that they are of.
const CONTROLS: [(&str, &str); 18] = [
    ("applicant.kind", "loai"),
    ("applicant.name", "ten"),
    ("applicant.identity_number", "so-dinh-danh"),
    ("applicant.registration_number", "ma-so"),
    ("applicant.representative", "dai-dien"),
    ("applicant.telephone", "dien-thoai"),
    ("applicant.email", "thu-dien-tu"),
    ("applicant.residence.address", "dia-chi"),
    ("applicant.residence.permanent_commune_code", "thuong-tru"),
    ("applicant.residence.temporary_commune_code", "tam-tru"),
    ("applicant.proxy.name", "thay/ten"),
    ("applicant.proxy.identity_number", "thay/so-dinh-danh"),
    ("applicant.proxy.telephone", "thay/dien-thoai"),
    ("applicant.proxy.email", "thay/thu-dien-tu"),
    ("applicant.proxy.authorisation", "thay/theo"),
    ("applicant.postal_address", "buu-chinh"),
    ("channel", "kenh"),
    ("return_at_code", "noi-tra"),
];

impl Sheet for Who {
    const STEP: Step = Step::Applicant;

    fn fill(opened: &Opened) -> Fields {
        let application = &opened.application;
        let applicant = application.applicant.clone().unwrap_or_default();
        let proxy = applicant.proxy.clone().unwrap_or_default();
        let residence = applicant.residence.clone().unwrap_or_default();
        let channel = if application.channel() == Channel::Post { "buu-chinh" } else { "truc-tiep" };
        let mut filled = vec![
            ("loai".to_owned(), kind_key(applicant.kind()).to_owned()),
            ("kenh".to_owned(), channel.to_owned()),
            ("nhan".to_owned(), way_key(application.result_by()).to_owned()),
            ("thay/theo".to_owned(), authorisation_key(proxy.authorisation()).to_owned()),
        ];
        let texts = [
            ("ten", applicant.name),
            ("so-dinh-danh", applicant.identity_number),
            ("ma-so", applicant.registration_number),
            ("dai-dien", applicant.representative),
            ("dien-thoai", applicant.telephone),
            ("thu-dien-tu", applicant.email),
            ("dia-chi", residence.address),
            ("thuong-tru", residence.permanent_commune_code),
            ("tam-tru", residence.temporary_commune_code),
            ("thay/ten", proxy.name),
            ("thay/so-dinh-danh", proxy.identity_number),
            ("thay/dien-thoai", proxy.telephone),
            ("thay/thu-dien-tu", proxy.email),
            ("buu-chinh", applicant.postal_address),
            ("noi-tra", application.return_at_code.clone()),
        ];
        filled.extend(texts.map(|(control, text)| (control.to_owned(), text)));
        filled.extend(
            application.places.iter().map(|place| (place_control(place.key()), place.commune_code.clone())),
        );
        Fields::of(filled)
    }

    fn say(opened: &mut Opened, fields: &Fields) -> Result<(), Rejection> {
        let text = |control: &str| fields.text(control).to_owned();
        let places = asked_places(opened)
            .map(|key| Place { key: key.into(), commune_code: text(&place_control(key)) });
        let places = places.filter(|place| !place.commune_code.is_empty()).collect();
        let application = &mut opened.application;
        application.places = places;
        application.return_at_code = text("noi-tra");
        application.set_channel(if fields.text("kenh") == "buu-chinh" {
            Channel::Post
        } else {
            Channel::Direct
        });
        let way = [ReturnWay::Counter, ReturnWay::Post, ReturnWay::Electronic];
        application.set_result_by(
            way.into_iter().find(|way| way_key(*way) == fields.text("nhan")).unwrap_or_default(),
        );
        let applicant = application.applicant.get_or_insert_default();
        let kinds = [ApplicantKind::Person, ApplicantKind::Organisation, ApplicantKind::HouseholdBusiness];
        applicant.set_kind(
            kinds.into_iter().find(|kind| kind_key(*kind) == fields.text("loai")).unwrap_or_default(),
        );
        applicant.name = text("ten");
        applicant.identity_number = text("so-dinh-danh");
        applicant.registration_number = text("ma-so");
        applicant.representative = text("dai-dien");
        applicant.telephone = text("dien-thoai");
        applicant.email = text("thu-dien-tu");
        applicant.postal_address = text("buu-chinh");
        let residence = applicant.residence.get_or_insert_default();
        residence.address = text("dia-chi");
        residence.permanent_commune_code = text("thuong-tru");
        residence.temporary_commune_code = text("tam-tru");
        let stands_in = ["thay/ten", "thay/so-dinh-danh", "thay/dien-thoai", "thay/thu-dien-tu"];
        if stands_in.iter().all(|control| fields.text(control).is_empty()) {
            applicant.proxy = None;
        } else {
            let proxy = applicant.proxy.get_or_insert_default();
            let [name, identity_number, telephone, email] = stands_in.map(text);
            (proxy.name, proxy.identity_number, proxy.telephone, proxy.email) =
                (name, identity_number, telephone, email);
            let grounds = [Authorisation::Written, Authorisation::ByLaw, Authorisation::PublicPost];
            let ground =
                grounds.into_iter().find(|ground| authorisation_key(*ground) == fields.text("thay/theo"));
            proxy.set_authorisation(ground.unwrap_or(Authorisation::Written));
        }
        Ok(())
    }

    fn control(opened: &Opened, path: &str) -> Option<String> {
        if path == "places" || path.starts_with("places[") {
            // Which of them is missing is not told by the path: the first that nobody named.
            let named =
                |key: &CompetenceKey| opened.application.places.iter().any(|place| place.key() == *key);
            return asked_places(opened)
                .find(|key| !named(key))
                .or_else(|| asked_places(opened).next())
                .map(place_control);
        }
        let found = CONTROLS.iter().find(|(known, _)| *known == path);
        found.map(|(_, control)| (*control).to_owned())
    }

    fn pressed(_: &Opened, _: &Fields) -> Option<(Fields, String)> {
        None
    }

    async fn draw(
        portal: &Portal,
        visitor: &Visitor,
        opened: &Opened,
        fields: &Fields,
        faults: &Faults,
    ) -> Result<Markup, Trouble> {
        let words = visitor.words;
        let request = ListUnitsRequest { page_size: 1_000, page_token: String::new() };
        let units =
            RegistryServiceClient::new(portal.registry()).list_units(soon(request)).await?.into_inner().units;
        Ok(html! {
            div.columns {
                section {
                    h2 { (words.web_counter_who_applies()) }
                    (kinds(words, fields))
                    (lines(words, fields, faults, &APPLICANT))
                    details open[is_organised(fields)] {
                        summary { (words.web_counter_of_an_organisation()) }
                        (lines(words, fields, faults, &ORGANISATION))
                    }
                    details open[!fields.text("thay/ten").is_empty() || CONTROLS.iter().any(|(_, control)| control.starts_with("thay/") && faults.at(control).is_some())] {
                        summary { (words.web_counter_somebody_for_them()) }
                        (lines(words, fields, faults, &PROXY))
                        (grounds(words, fields, faults))
                    }
                }
                section {
                    h2 { (words.web_counter_where_and_how()) }
                    @for key in asked_places(opened) {
                        (communes(visitor, &units, &place_control(key), place_label(words, key), None, fields, faults))
                    }
                    (channels(words, fields))
                    (ways(words, fields, faults))
                    (communes(visitor, &units, "noi-tra", words.web_counter_return_at(), Some(words.web_counter_return_at_hint()), fields, faults))
                }
            }
        })
    }
}

/// A line of text: control, label, how it is typed.
type Line = (&'static str, fn(Words) -> &'static str, Typed);

#[derive(Clone, Copy)]
enum Typed {
    Letters,
    Digits,
    Telephone,
    Email,
}

const APPLICANT: [Line; 5] = [
    ("ten", Words::web_counter_full_name, Typed::Letters),
    ("so-dinh-danh", Words::web_counter_identity_number, Typed::Digits),
    ("dien-thoai", Words::web_counter_telephone, Typed::Telephone),
    ("thu-dien-tu", Words::web_counter_email, Typed::Email),
    ("dia-chi", Words::web_counter_address, Typed::Letters),
];
const ORGANISATION: [Line; 2] = [
    ("ma-so", Words::web_counter_registration_number, Typed::Letters),
    ("dai-dien", Words::web_counter_representative, Typed::Letters),
];
const PROXY: [Line; 4] = [
    ("thay/ten", Words::web_counter_full_name, Typed::Letters),
    ("thay/so-dinh-danh", Words::web_counter_identity_number, Typed::Digits),
    ("thay/dien-thoai", Words::web_counter_telephone, Typed::Telephone),
    ("thay/thu-dien-tu", Words::web_counter_email, Typed::Email),
];

fn lines(words: Words, fields: &Fields, faults: &Faults, lines: &[Line]) -> Markup {
    html! {
        @for (name, label, typed) in lines {
            @let (kind, inputmode, width) = match typed {
                Typed::Letters => ("text", "", 40),
                Typed::Digits => ("text", "numeric", 14),
                Typed::Telephone => ("tel", "tel", 14),
                Typed::Email => ("email", "email", 30),
            };
            (part::text(&part::Text {
                name,
                label: label(words),
                value: fields.text(name),
                kind,
                inputmode,
                width,
                optional: (*name != "ten").then(|| words.web_counter_optional()),
                ..part::Text::DEFAULT
            }, faults))
        }
        // Kept as they are: other clients ask for them.
        @if lines.len() == APPLICANT.len() {
            @for name in ["thuong-tru", "tam-tru"] { input type="hidden" name=(name) value=(fields.text(name)); }
        }
    }
}

fn is_organised(fields: &Fields) -> bool {
    fields.text("loai") != kind_key(ApplicantKind::Person) || !fields.text("ma-so").is_empty()
}

fn kinds(words: Words, fields: &Fields) -> Markup {
    let kinds = [
        (ApplicantKind::Person, words.web_counter_person()),
        (ApplicantKind::HouseholdBusiness, words.web_counter_household_business()),
        (ApplicantKind::Organisation, words.web_counter_organisation()),
    ];
    let choices = kinds.map(|(kind, label)| (kind_key(kind), label));
    radios("loai", words.web_counter_applicant_kind(), &choices, fields)
}

fn channels(words: Words, fields: &Fields) -> Markup {
    let choices = [("truc-tiep", words.web_counter_direct()), ("buu-chinh", words.web_counter_by_post())];
    radios("kenh", words.web_counter_channel(), &choices, fields)
}

fn ways(words: Words, fields: &Fields, faults: &Faults) -> Markup {
    let ways = [
        (ReturnWay::Counter, words.web_counter_result_here()),
        (ReturnWay::Post, words.web_counter_result_by_post()),
        (ReturnWay::Electronic, words.web_counter_result_as_file()),
    ];
    let choices = ways.map(|(way, label)| (way_key(way), label));
    html! {
        (radios("nhan", words.web_counter_result_by(), &choices, fields))
        (part::text(&part::Text {
            name: "buu-chinh",
            label: words.web_counter_postal_address(),
            hint: Some(words.web_counter_postal_address_hint()),
            value: fields.text("buu-chinh"),
            width: 40,
            optional: Some(words.web_counter_in_some_cases()),
            ..part::Text::DEFAULT
        }, faults))
    }
}

fn grounds(words: Words, fields: &Fields, faults: &Faults) -> Markup {
    let grounds = [
        (Authorisation::Written, words.web_counter_by_writing()),
        (Authorisation::ByLaw, words.web_counter_by_law()),
        (Authorisation::PublicPost, words.web_counter_as_public_post()),
    ];
    part::select(
        "thay/theo",
        words.web_counter_authorisation(),
        None,
        faults,
        html! {
            @for (ground, label) in grounds {
                @let key = authorisation_key(ground);
                option value=(key) selected[fields.text("thay/theo") == key] { (label) }
            }
        },
    )
}

fn radios(name: &str, label: &str, choices: &[(&str, &str)], fields: &Fields) -> Markup {
    html! {
        fieldset.choices {
            legend { (label) }
            @for (key, label) in choices { (part::radio(name, key, label, fields.text(name) == *key)) }
        }
    }
}

fn communes(
    visitor: &Visitor,
    units: &[Unit],
    name: &str,
    label: &str,
    hint: Option<&str>,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let chosen = fields.text(name);
    let is_listed = units.iter().any(|unit| unit.code == chosen);
    part::select(
        name,
        label,
        hint,
        faults,
        html! {
            option value="" { (visitor.words.web_choose()) }
            // A code that no unit has by now is for the check to speak of.
            @if !is_listed && !chosen.is_empty() { option value=(chosen) selected { (chosen) } }
            @for unit in units.iter().filter(|unit| unit.kind == "commune_centre" || unit.code == chosen) {
                option value=(unit.code) selected[unit.code == chosen] { (visitor.text(unit.name.as_ref())) }
            }
        },
    )
}

/// The places that have to be named for the procedure.
fn asked_places(opened: &Opened) -> impl Iterator<Item = CompetenceKey> + use<> {
    let keys = opened.procedure.procedure.iter().flat_map(|procedure| procedure.competence_keys());
    let asked = keys.filter(|key| place_key(*key).is_some());
    asked.collect::<Vec<_>>().into_iter()
}

fn place_control(key: CompetenceKey) -> String {
    format!("noi/{}", place_key(key).unwrap_or_default())
}

/// None: nobody has to name it.
fn place_key(key: CompetenceKey) -> Option<&'static str> {
    match key {
        CompetenceKey::Residence => Some("cu-tru"),
        CompetenceKey::Land => Some("dat"),
        CompetenceKey::HeadOffice => Some("tru-so"),
        CompetenceKey::Register => Some("so-goc"),
        CompetenceKey::Unspecified | CompetenceKey::None | CompetenceKey::Fixed => None,
    }
}

fn place_label(words: Words, key: CompetenceKey) -> &'static str {
    match key {
        CompetenceKey::Land => words.web_counter_place_land(),
        CompetenceKey::HeadOffice => words.web_counter_place_head_office(),
        CompetenceKey::Register => words.web_counter_place_register(),
        _ => words.web_counter_place_residence(),
    }
}

fn kind_key(kind: ApplicantKind) -> &'static str {
    match kind {
        ApplicantKind::Unspecified | ApplicantKind::Person => "ca-nhan",
        ApplicantKind::Organisation => "to-chuc",
        ApplicantKind::HouseholdBusiness => "ho-kinh-doanh",
    }
}

fn way_key(way: ReturnWay) -> &'static str {
    match way {
        ReturnWay::Unspecified | ReturnWay::Counter => "tai-quay",
        ReturnWay::Post => "buu-chinh",
        ReturnWay::Electronic => "ban-dien-tu",
    }
}

fn authorisation_key(ground: Authorisation) -> &'static str {
    match ground {
        Authorisation::Unspecified | Authorisation::Written => "van-ban",
        Authorisation::ByLaw => "phap-luat",
        Authorisation::PublicPost => "buu-chinh",
    }
}
