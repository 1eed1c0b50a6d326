//! What people do with a page. They wait for what is not there yet, as long as anything may take.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};

use super::{
    Person,
    driver::{ELEMENT, Refused},
};
use crate::{wait::PATIENCE, workspace};

/// What is printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 210 × 297 mm.
    A4,
    /// 148 × 210 mm.
    A5,
    /// 80 mm wide, of a printer of slips.
    Slip,
}

/// An element of the page that is shown now.
#[derive(Clone, Debug)]
struct Thing(String);

impl Person {
    /// They go to a path of the portal, and wait until it has loaded.
    pub async fn opens(&mut self, path: &str) {
        let url = format!("{}{path}", self.home);
        self.listens().await;
        self.driver.post("/url", json!({ "url": url })).await;
    }

    /// The path and query of where they are.
    pub async fn is_at(&self) -> String {
        let url = self.driver.get("/url").await;
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.home).unwrap_or(url).to_owned()
    }

    /// They go where they were before.
    pub async fn goes_back(&mut self) {
        self.driver.post("/back", json!({})).await;
    }

    /// They load the page once more.
    pub async fn reloads(&mut self) {
        self.driver.post("/refresh", json!({})).await;
    }

    /// The title of the page.
    pub async fn title(&self) -> String {
        self.driver.get("/title").await.as_str().unwrap().to_owned()
    }

    /// All that stands on the page to be read, every run of white space one space.
    pub async fn reads(&self) -> String {
        let text = self.driver.run("return document.body ? document.body.innerText : ''", json!([])).await;
        plain(text.as_str().unwrap_or_default())
    }

    /// They wait until this stands on the page; how it is cased and where its lines break is the same to them.
    pub async fn sees(&self, text: &str) {
        self.until(&format!("sees {text:?}"), async || self.shows(text).await.then_some(())).await;
    }

    /// They wait until this stands on the page no more.
    pub async fn misses(&self, text: &str) {
        self.until(&format!("misses {text:?}"), async || (!self.shows(text).await).then_some(())).await;
    }

    /// The language that the page says it is in.
    pub async fn speaks(&self) -> String {
        let language = self.driver.run("return document.documentElement.lang", json!([])).await;
        language.as_str().unwrap().to_owned()
    }

    /// Whether what they read is lighter than what is behind it.
    pub async fn is_in_the_dark(&self) -> bool {
        self.driver.run(include_str!("dark.js"), json!([])).await == true
    }

    /// Whether this stands on the page now.
    pub async fn shows(&self, text: &str) -> bool {
        self.reads().await.to_lowercase().contains(&plain(text).to_lowercase())
    }

    /// They press a link, a button, a box or a heading that opens, by its name, and wait for the page that it may lead to.
    pub async fn clicks(&mut self, name: &str) {
        self.acts("control", name, "click", json!({})).await;
    }

    /// They fill in a field by its label, in the place of what was there.
    pub async fn fills(&mut self, label: &str, text: &str) {
        self.acts("field", label, "clear", json!({})).await;
        self.acts("field", label, "value", json!({ "text": text })).await;
    }

    /// They choose what begins so in a list that drops down, by its label.
    pub async fn picks(&mut self, label: &str, choice: &str) {
        self.acts("field", label, "value", json!({ "text": choice })).await;
    }

    /// They take a file for a field that asks for one.
    pub async fn takes_file(&mut self, label: &str, file: &Path) {
        self.acts("field", label, "value", json!({ "text": file.to_str().unwrap() })).await;
    }

    /// What stands in a field.
    pub async fn finds_in(&self, label: &str) -> String {
        let Thing(id) = self.finds("field", label).await;
        self.driver.get(&format!("/element/{id}/property/value")).await.as_str().unwrap().to_owned()
    }

    /// They press keys, one after the other: letters, or one that has a name (`Tab`, `Enter`, `Escape`, `Space`, `Down`, `Up`).
    pub async fn presses(&mut self, keys: &str) {
        let named = match keys {
            "Tab" => "\u{e004}",
            "Enter" => "\u{e007}",
            "Escape" => "\u{e00c}",
            "Space" => " ",
            "Up" => "\u{e013}",
            "Down" => "\u{e015}",
            letters => letters,
        };
        let strokes: Vec<_> = named
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|motion| json!({ "type": motion, "value": key.to_string() }))
            })
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.driver.post("/actions", actions).await;
    }

    /// The name of what the next key goes to; empty where it is the page itself.
    pub async fn stands_on(&self) -> String {
        let active = self.driver.get("/element/active").await;
        match Self::thing(&active) {
            Some(thing) => self.name(&thing).await.unwrap_or_default(),
            None => String::new(),
        }
    }

    /// They press Tab until they stand on what has this name.
    pub async fn goes_on_to(&mut self, name: &str) {
        let mut way = Vec::new();
        while way.len() < 200 {
            self.presses("Tab").await;
            let on = self.stands_on().await;
            if on.to_lowercase() == plain(name).to_lowercase() {
                return;
            }
            way.push(on);
        }
        panic!("Tab does not lead to {name:?}: {way:?}");
    }

    /// What Tab leads to, one after the other, from where they are to the page's end; each shows that it is there, or it is a fault.
    pub async fn walks(&mut self) -> Vec<String> {
        let mut way = Vec::new();
        loop {
            self.presses("Tab").await;
            let is_page = self.driver.run("return document.activeElement === document.body", json!([])).await;
            if is_page == true {
                return way;
            }
            let name = self.stands_on().await;
            let shows = self.driver.run(include_str!("focus.js"), json!([])).await;
            assert!(shows == true, "nobody sees that {name:?} has the focus");
            way.push(name);
            assert!(way.len() < 1_000, "Tab leads in circles: {way:?}");
        }
    }

    /// A picture of the whole page as it is shown, in `target/gallery`, by this name, the screen and the colours.
    pub async fn keeps(&self, name: &str) -> PathBuf {
        let manner = self.manner();
        let script = if manner.script { "" } else { "-plain" };
        let file = format!("{name}-{}-{}{script}.png", manner.screen.name(), manner.colours.name());
        let folder = workspace::root().join("target/gallery");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(file);
        fs::write(&path, self.picture().await).unwrap();
        path
    }

    /// The page on paper, as PDF.
    pub async fn prints(&self, paper: Paper) -> Vec<u8> {
        let (width, height) = match paper {
            Paper::A4 => (21.0, 29.7),
            Paper::A5 => (14.8, 21.0),
            Paper::Slip => (8.0, 20.0),
        };
        let margin = if paper == Paper::Slip { 0.3 } else { 1.0 };
        let wanted = json!({
            "page": { "width": width, "height": height },
            "margin": { "top": margin, "bottom": margin, "left": margin, "right": margin },
            "background": false,
        });
        STANDARD.decode(self.driver.post("/print", wanted).await.as_str().unwrap()).unwrap()
    }

    async fn picture(&self) -> Vec<u8> {
        // A page without an end needs no bar at its side, which would be drawn over it.
        self.driver.cdp("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.driver.cdp("Page.captureScreenshot", whole).await;
        self.driver.cdp("Emulation.setScrollbarsHidden", json!({ "hidden": false })).await;
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// Does it to what has this name; again where the page changed meanwhile.
    async fn acts(&self, kind: &str, name: &str, act: &str, body: Value) {
        let what = format!("{act} {kind} {name:?}");
        self.until(&what, async || {
            let Thing(id) = self.found(kind, name).await?;
            let done = self.driver.ask(Method::POST, &format!("/element/{id}/{act}"), body.clone()).await;
            match done {
                Ok(_) => Some(()),
                Err(Refused { error, .. }) if error == "stale element reference" => None,
                Err(Refused { error, message }) => panic!("{what}: {error}: {message}"),
            }
        })
        .await;
    }

    async fn finds(&self, kind: &str, name: &str) -> Thing {
        self.until(&format!("finds {kind} {name:?}"), async || self.found(kind, name).await).await
    }

    /// What has this name, or else the only one whose name has this in it.
    ///
    /// # Panics
    /// Where it could be several that lead to different things.
    async fn found(&self, kind: &str, name: &str) -> Option<Thing> {
        let near = self.driver.ask(Method::POST, "/execute/sync", {
            json!({ "script": include_str!("find.js"), "args": [kind, name] })
        });
        // A page that is being left has no script.
        let near = near.await.ok()?;
        let wanted = plain(name).to_lowercase();
        let (mut same, mut alike) = (Vec::new(), Vec::new());
        for thing in near.as_array()?.iter().filter_map(Self::thing) {
            let Some(own) = self.name(&thing).await else { continue };
            let own = own.to_lowercase();
            if own == wanted {
                same.push(thing);
            } else if own.contains(&wanted) {
                alike.push(thing);
            }
        }
        let mut meant = if same.is_empty() { alike } else { same };
        if meant.len() > 1 {
            let mut leads = Vec::new();
            for Thing(id) in &meant {
                leads.push(self.driver.get(&format!("/element/{id}/property/href")).await);
            }
            let is_one = leads.iter().all(|lead| lead.is_string() && *lead == leads[0]);
            assert!(is_one, "{kind} {name:?} could be one of {}: {leads:?}", meant.len());
        }
        meant.drain(..).next()
    }

    /// The name by which the browser tells it to those who do not see.
    async fn name(&self, Thing(id): &Thing) -> Option<String> {
        let name = self.driver.ask(Method::GET, &format!("/element/{id}/computedlabel"), Value::Null).await;
        name.ok()?.as_str().map(plain)
    }

    fn thing(value: &Value) -> Option<Thing> {
        value[ELEMENT].as_str().map(|id| Thing(id.to_owned()))
    }

    /// Waits, and says in front of which page it was in vain.
    async fn until<T, F>(&self, what: &str, mut ask: impl FnMut() -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        let since = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if since.elapsed() >= PATIENCE {
                let kept = self.keeps("in-vain").await;
                panic!(
                    "{what}: waited {} s in vain at {}: {}\n{}",
                    PATIENCE.as_secs(),
                    self.is_at().await,
                    self.reads().await,
                    kept.display()
                );
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lays out the pictures that were kept in `target/gallery`, for people to look at: `index.html`.
pub fn lay_out_gallery() {
    let folder = workspace::root().join("target/gallery");
    let kept = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = kept.filter_map(|file| file.strip_suffix(".png").map(str::to_owned)).collect();
    names.sort();
    let figure = |name: &String| {
        let picture = format!("<a href='{name}.png'><img loading=lazy src='{name}.png' alt=''></a>");
        format!("<figure>{picture}<figcaption>{name}</figcaption></figure>")
    };
    let figures: String = names.iter().map(figure).collect();
    let style =
        "body { display: flex; flex-wrap: wrap; align-items: start; gap: 16px; font: 14px sans-serif }
                 figure { margin: 0; width: 320px } img { width: 100%; border: 1px solid }";
    let head = format!("<!doctype html><meta charset=utf-8><title>Phidia</title><style>{style}</style>");
    fs::write(folder.join("index.html"), head + &figures).unwrap();
}
