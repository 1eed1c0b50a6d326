//! What is wrong with a command line, in Vietnamese: clap speaks English.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use phidia_domain::application::Language;

/// The language that a command line asks for, whatever else is wrong with it; `usual` is what stands in the
/// environment.
pub(super) fn language(words: &[OsString], usual: Option<&str>) -> Language {
    let mut asked_for = usual;
    let mut words = words.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        match word.strip_prefix("--lang") {
            Some("") => asked_for = words.next(),
            Some(rest) => asked_for = rest.strip_prefix('=').or(asked_for),
            None => {}
        }
    }
    if asked_for == Some("vi") { Language::Vi } else { Language::En }
}

/// The fault as one sentence; none: it is no fault but help that was asked for.
pub(super) fn vietnamese(error: &Error) -> Option<String> {
    let said = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    let quoted = |kind| said(kind).map(|text| format!(" “{text}”")).unwrap_or_default();
    let option = || said(ContextKind::InvalidArg).unwrap_or_else(|| "tham số".to_owned());
    let meant = |kind| said(kind).map(|text| format!("; có phải ý bạn là “{text}”?")).unwrap_or_default();
    let sentence = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        // Known elsewhere, but not to this verb.
        ErrorKind::UnknownArgument if said(ContextKind::InvalidSubcommand).is_some() => {
            format!("lệnh{} không dùng đến {}", quoted(ContextKind::InvalidSubcommand), option())
        }
        ErrorKind::UnknownArgument => {
            let meant = meant(ContextKind::SuggestedArg);
            format!("không có tùy chọn hay tham số nào là{}{meant}", quoted(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidSubcommand => {
            let meant = meant(ContextKind::SuggestedSubcommand);
            format!("không có lệnh nào là{}{meant}", quoted(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => {
            let which = said(ContextKind::ValidSubcommand).map(|names| format!(": một trong {names}"));
            format!("thiếu lệnh con{}", which.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("thiếu phần bắt buộc: {}", option()),
        // Clap tells a value that was left out so.
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_none() => {
            format!("thiếu giá trị cho {}{}", option(), allowed(error))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = quoted(ContextKind::InvalidValue);
            format!("giá trị{value} của {} không hợp lệ{}", option(), allowed(error))
        }
        ErrorKind::ArgumentConflict => match said(ContextKind::PriorArg) {
            Some(other) if other != option() => format!("{} không đi cùng {other}", option()),
            _ => format!("{} chỉ được nêu một lần", option()),
        },
        ErrorKind::NoEquals => format!("giá trị của {} phải đứng sau dấu =", option()),
        ErrorKind::TooManyValues => format!("{} có quá nhiều giá trị", option()),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("số giá trị của {} không đúng", option())
        }
        ErrorKind::InvalidUtf8 => "dòng lệnh có ký tự không thuộc UTF-8".to_owned(),
        _ => "không hiểu được dòng lệnh".to_owned(),
    };
    Some(format!("lỗi: {sentence} (xem --help)"))
}

/// The values that would have been understood.
fn allowed(error: &Error) -> String {
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            format!("; phải là một trong: {}", values.join(", "))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Arguments, *};

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn every_fault_has_its_sentence() {
        for (line, expected) in [
            ("phidia up --foo", "không có tùy chọn hay tham số nào là “--foo”"),
            ("phidia up --dat x", "không có tùy chọn hay tham số nào là “--dat”; có phải ý bạn là “--data”?"),
            ("phidia up --endpoint http://a:1", "lệnh “phidia up” không dùng đến --endpoint <ENDPOINT>"),
            ("phidia provinc", "không có lệnh nào là “provinc”; có phải ý bạn là “policy, province”?"),
            ("phidia case claim", "thiếu phần bắt buộc: <WORK_ITEM>"),
            (
                "phidia application pay 1 --way cash",
                "thiếu phần bắt buộc: --amount <DONG>, --reference <NUMBER>",
            ),
            ("phidia serve", "thiếu phần bắt buộc: <ROLE>"),
            (
                "phidia serve x",
                "giá trị “x” của <ROLE> không hợp lệ; phải là một trong: intake, routing, processing, notification, portal",
            ),
            (
                "phidia --lang x up",
                "giá trị “x” của --lang <LANGUAGE> không hợp lệ; phải là một trong: vi, en",
            ),
            ("phidia application list --limit 0", "giá trị “0” của --limit <LIMIT> không hợp lệ"),
            ("phidia demo --applications", "thiếu giá trị cho --applications <APPLICATIONS>"),
            ("phidia up --data a --data b", "--data <DIR> chỉ được nêu một lần"),
        ] {
            let fault = Arguments::understand(words(line)).err().unwrap_or_else(|| panic!("{line}"));
            assert_eq!(fault.exit_code(), 2, "{line}");
            let told = vietnamese(&fault).unwrap_or_else(|| panic!("{line}: {fault}"));
            assert_eq!(told, format!("lỗi: {expected} (xem --help)"), "{line}");
        }
        for help in ["phidia --help", "phidia case", "phidia case claim --help", "phidia --version", "phidia"]
        {
            assert_eq!(vietnamese(&Arguments::understand(words(help)).err().unwrap()), None, "{help}");
        }
    }

    #[test]
    fn the_language_is_known_before_the_rest_is() {
        for (line, usual, expected) in [
            ("phidia up --foo --lang vi", None, Language::Vi),
            ("phidia --lang=vi nope", None, Language::Vi),
            ("phidia nope", Some("vi"), Language::Vi),
            ("phidia nope --lang en", Some("vi"), Language::En),
            ("phidia nope --lang", None, Language::En),
            ("phidia --lang x", None, Language::En),
            ("phidia nope", None, Language::En),
        ] {
            assert_eq!(language(&words(line), usual), expected, "{line} {usual:?}");
        }
    }
}
