//! `phidia template …`

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path},
    process::ExitCode,
};

use anyhow::Context as _;
use phidia_domain::{application::Language, caller::Role};
use phidia_proto::{
    convert::wire_language,
    notification::v1::{
        GetTemplatesRequest, GetTemplatesResponse, ImportTemplatesRequest, ImportTemplatesResponse,
        ListTemplateVersionsRequest, PreviewTemplateRequest, TextMessageLength,
        preview_template_request::Data, template_service_client::TemplateServiceClient,
    },
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use crate::{
    client::Client,
    command::{LanguageName, PreviewTemplate, Template},
    embedded::unhurried,
    ending::Ending,
    show,
};

/// Content by name, `vi/case_opened.txt`.
type Files = BTreeMap<String, Vec<u8>>;

pub(crate) async fn run(client: &Client<'_>, verb: Template) -> anyhow::Result<ExitCode> {
    match verb {
        Template::List => list(client).await?,
        Template::Export { folder, number } => export(client, &folder, number).await?,
        Template::Check { folder } => {
            let checked = check(client, &folder).await;
            return Ok(Ending::of_check(checked, client.speech())?.into());
        }
        Template::Import { folder, reason, expect } => import(client, &folder, reason, expect).await?,
        Template::Preview(wanted) => preview(client, wanted).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn service(client: &Client<'_>) -> anyhow::Result<TemplateServiceClient<Peer>> {
    Ok(TemplateServiceClient::new(client.peer(Role::Operator).await?))
}

async fn get(client: &Client<'_>, version: Option<u32>) -> anyhow::Result<GetTemplatesResponse> {
    let request = GetTemplatesRequest { version: version.unwrap_or_default() };
    Ok(service(client).await?.get_templates(request).await?.into_inner())
}

async fn list(client: &Client<'_>) -> anyhow::Result<()> {
    let request = ListTemplateVersionsRequest { page_size: 1_000, page_token: String::new() };
    let answer = service(client).await?.list_template_versions(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListTemplateVersionsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.versions.iter().map(|version| {
        vec![
            format!("{}{}", if version.active { "→ " } else { "" }, version.version),
            zone.instant(version.imported_at.as_ref()),
            version.imported_by.clone(),
            version.reason.clone(),
        ]
    });
    let headings =
        [speech.term_version(), speech.template_brought_in(), speech.template_by(), speech.term_reason()];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn export(client: &Client<'_>, folder: &Path, version: Option<u32>) -> anyhow::Result<()> {
    for (name, content) in get(client, version).await?.files {
        // A server names files; where they go is said here.
        let [Component::Normal(language), Component::Normal(file)] =
            Path::new(&name).components().collect::<Vec<_>>()[..]
        else {
            anyhow::bail!("{name:?} is no file of a folder of templates");
        };
        let within = folder.join(language);
        fs::create_dir_all(&within).with_context(|| format!("{} can't be made", within.display()))?;
        let path = within.join(file);
        fs::write(&path, content).with_context(|| format!("{} can't be written", path.display()))?;
        show::line(&path.display().to_string());
    }
    Ok(())
}

/// All files in the folders of a folder, but those that are hidden.
fn read(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for language in within(folder)?.into_iter().filter(|(_, path)| path.is_dir()) {
        for (name, path) in within(&language.1)? {
            let content = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
            files.insert(format!("{}/{name}", language.0), content);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{} has no folder of templates", folder.display());
    Ok(files)
}

/// Name and path of what stands in a folder.
fn within(folder: &Path) -> anyhow::Result<Vec<(String, std::path::PathBuf)>> {
    let cannot = || format!("{} can't be read", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, path));
        }
    }
    Ok(found)
}

async fn check(client: &Client<'_>, folder: &Path) -> anyhow::Result<()> {
    let request = ImportTemplatesRequest {
        files: read(folder)?,
        validate_only: true,
        ..ImportTemplatesRequest::default()
    };
    let answer = service(client).await?.import_templates(unhurried(request)).await?.into_inner();
    told(client, &answer, client.speech().template_nothing_is_wrong())
}

async fn import(
    client: &Client<'_>,
    folder: &Path,
    reason: String,
    expect: Option<u32>,
) -> anyhow::Result<()> {
    let files = read(folder)?;
    let expected_version = match expect {
        Some(version) => version,
        None => get(client, None).await?.version.unwrap_or_default().version,
    };
    let request = ImportTemplatesRequest { files, validate_only: false, reason, expected_version };
    let answer = service(client).await?.import_templates(unhurried(request)).await?.into_inner();
    let speech = client.speech();
    let verdict = match answer.changed {
        true => speech.template_brought_in_and_it_holds(),
        false => speech.term_held_already_nothing_changed(),
    };
    let number = answer.version.as_ref().map(|version| version.version).unwrap_or_default();
    told(client, &answer, &format!("{number}: {verdict}"))
}

/// What text messages take, and the verdict below.
fn told(client: &Client<'_>, answer: &ImportTemplatesResponse, verdict: &str) -> anyhow::Result<()> {
    if client.json() {
        return show::json("phidia.notification.v1.ImportTemplatesResponse", answer);
    }
    let speech = client.speech();
    let rows = answer.text_messages.iter().map(|length| vec![length.file.clone(), taken(speech, length)]);
    let headings = [speech.template_text_message_sms(), speech.template_at_most()];
    show::page(speech, &headings, rows.collect(), "");
    show::line(verdict);
    Ok(())
}

/// `1 message (124 of GSM-7)`.
fn taken(speech: Words, TextMessageLength { encoding, units, parts, .. }: &TextMessageLength) -> String {
    let encoding = match encoding.as_str() {
        "gsm7" => "GSM-7",
        "ucs2" => "UCS-2",
        other => other,
    };
    let messages = match parts {
        1 => speech.template_message(),
        _ => speech.template_messages(),
    };
    format!("{parts} {messages} ({units} {encoding})")
}

async fn preview(client: &Client<'_>, wanted: PreviewTemplate) -> anyhow::Result<()> {
    let PreviewTemplate { notice, language, sample, application, number, folder, html } = wanted;
    let mut files = folder.as_deref().map(read).transpose()?.unwrap_or_default();
    // What is wrong with another notice is for `check` to say.
    let is_of_it = |file: &str| {
        let name = file.split_once('/').map_or(file, |(_, name)| name);
        [format!("{notice}.txt"), format!("{notice}.sms.txt")].iter().any(|own| own == name)
            || name.starts_with("letter.")
    };
    files.retain(|file, _| is_of_it(file));
    let language = match language {
        Some(LanguageName::Vi) => Language::Vi,
        Some(LanguageName::En) => Language::En,
        None => client.speech().language(),
    };
    let request = PreviewTemplateRequest {
        notice,
        language: wire_language(language).into(),
        data: Some(application.map_or(Data::Sample(sample), Data::ApplicationId)),
        version: number.unwrap_or_default(),
        files,
    };
    let answer = service(client).await?.preview_template(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.PreviewTemplateResponse", &answer);
    }
    if html {
        show::line(answer.html.trim_end());
        return Ok(());
    }
    let speech = client.speech();
    show::line(&answer.subject);
    show::line("");
    show::line(answer.letter.trim_end());
    if let Some(length) = &answer.text_message_length {
        show::line("");
        show::line(&format!("{}: {}", speech.template_text_message(), taken(speech, length)));
        show::line(&format!("  {}", answer.text_message));
    }
    show::line("");
    show::line(&format!("{}: {}", speech.template_variables(), answer.variables.join(", ")));
    show::line(&format!("{}: {}", speech.template_samples(), answer.samples));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_language_by_language() {
        let folder = tempfile::tempdir().unwrap();
        for (file, content) in [
            ("vi/a.txt", "1"),
            ("en/a.txt", "2"),
            ("en/.a.txt.swp", "3"),
            (".git/config", "4"),
            ("README.md", "5"),
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let files = read(folder.path()).unwrap();
        assert_eq!(files, [("en/a.txt".into(), b"2".to_vec()), ("vi/a.txt".into(), b"1".to_vec())].into());
        assert!(read(&folder.path().join("vi")).is_err() && read(&folder.path().join("fr")).is_err());
    }
}
