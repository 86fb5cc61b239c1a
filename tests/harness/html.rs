//! Reads the forms of a page as a browser without scripts would fill them, well enough for the pages of this program:
//! askama writes every attribute in double quotes.

use std::collections::BTreeMap;

/// A form as it stands on a page, with what would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Whether it carries files.
    pub is_multipart: bool,
    /// Name and value of everything that would be sent, in order.
    pub fields: Vec<(String, String)>,
    /// Buttons with a name: name, value.
    pub buttons: Vec<(String, String)>,
    /// Choices that are offered and not made: name, value.
    pub choices: Vec<(String, String)>,
}

impl Form {
    /// Types into a field, or chooses a value; the field must stand on the page.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let offered = |list: &[(String, String)]| list.iter().any(|(known, _)| known == name);
        assert!(
            offered(&self.fields) || offered(&self.choices),
            "no field {name:?} in the form {}: {:?} {:?}",
            self.action,
            self.fields,
            self.choices
        );
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a value without looking whether the page offers it: what a script, or somebody with bad intent, sends.
    pub fn force(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Presses a button by its name and value.
    pub fn press(mut self, name: &str, value: &str) -> Self {
        let button = (name.to_owned(), value.to_owned());
        assert!(
            self.buttons.contains(&button),
            "no button {button:?} in {}: {:?}",
            self.action,
            self.buttons
        );
        self.fields.push(button);
        self
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// All forms of a page that post.
pub fn forms(page: &str) -> Vec<Form> {
    page.split("<form").skip(1).filter_map(|rest| form(rest.split("</form").next()?)).collect()
}

fn form(text: &str) -> Option<Form> {
    let (head, body) = text.split_once('>')?;
    let attributes = attributes(head);
    if !attributes.get("method").is_some_and(|method| method.eq_ignore_ascii_case("post")) {
        return None;
    }
    let action = attributes.get("action").cloned().unwrap_or_default();
    let is_multipart = attributes.get("enctype").is_some_and(|kind| kind == "multipart/form-data");
    let mut form = Form { action, is_multipart, fields: vec![], buttons: vec![], choices: vec![] };
    for (index, tag) in body.split('<').enumerate().skip(1) {
        let (head, inner) = tag.split_once('>').unwrap_or((tag, ""));
        let attributes = self::attributes(head);
        match head.split([' ', '\n', '/']).next() {
            Some("input") => form.input(&attributes),
            Some("button") => form.button(&attributes),
            Some("textarea") => form.text(&attributes, inner),
            Some("select") => {
                let rest: String = body.split('<').skip(index + 1).collect::<Vec<_>>().join("<");
                form.select(&attributes, rest.split("</select").next().unwrap_or_default());
            }
            _ => {}
        }
    }
    Some(form)
}

impl Form {
    fn input(&mut self, attributes: &BTreeMap<String, String>) {
        let Some(name) = attributes.get("name").cloned() else { return };
        let value = attributes.get("value").cloned();
        match attributes.get("type").map_or("text", String::as_str) {
            "submit" => self.buttons.push((name, value.unwrap_or_default())),
            "file" => self.choices.push((name, String::new())),
            "checkbox" | "radio" => {
                let chosen = (name, value.unwrap_or_else(|| "on".to_owned()));
                let list =
                    if attributes.contains_key("checked") { &mut self.fields } else { &mut self.choices };
                list.push(chosen);
            }
            _ => self.fields.push((name, value.unwrap_or_default())),
        }
    }

    fn button(&mut self, attributes: &BTreeMap<String, String>) {
        if let Some(name) = attributes.get("name") {
            self.buttons.push((name.clone(), attributes.get("value").cloned().unwrap_or_default()));
        }
    }

    fn text(&mut self, attributes: &BTreeMap<String, String>, inner: &str) {
        if let Some(name) = attributes.get("name") {
            self.fields.push((name.clone(), unescape(inner)));
        }
    }

    fn select(&mut self, attributes: &BTreeMap<String, String>, inner: &str) {
        let Some(name) = attributes.get("name") else { return };
        let options: Vec<_> = inner
            .split("<option")
            .skip(1)
            .filter_map(|option| option.split_once('>'))
            .map(|(head, text)| (self::attributes(head), text.split('<').next().unwrap_or_default()))
            .map(|(attributes, text)| {
                let value = attributes.get("value").cloned().unwrap_or_else(|| unescape(text.trim()));
                (value, attributes.contains_key("selected"))
            })
            .collect();
        let chosen = options.iter().find(|(_, selected)| *selected).or(options.first());
        if let Some((value, _)) = chosen {
            self.fields.push((name.clone(), value.clone()));
        }
        self.choices.extend(options.into_iter().map(|(value, _)| (name.clone(), value)));
    }
}

fn attributes(head: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = head;
    while let Some(start) = rest.find(|c: char| c.is_whitespace()) {
        rest = rest[start..].trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted.find('"').unwrap_or(quoted.len());
            value = unescape(&quoted[..close]);
            rest = quoted.get(close + 1..).unwrap_or_default();
        }
        if !name.is_empty() {
            found.insert(name, value);
        }
    }
    found
}

/// Replaces the entities askama writes.
pub fn unescape(text: &str) -> String {
    let entities = [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'")];
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
    entities.iter().chain(&named).fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[test]
fn a_form_is_read_as_a_browser_would_send_it() {
    let page = "<form method=\"get\" action=\"/find\"><input name=\"q\"></form>\n\
        <form method=\"post\" action=\"/applications/1/arrive\"\n  class=\"x\">\
        <input type=\"hidden\" name=\"csrf\" value=\"a&#38;b\">\
        <input name=\"note\" required value=\"\"><input type=\"checkbox\" name=\"c\" value=\"1\" checked>\
        <input type=\"radio\" name=\"r\" value=\"x\"><textarea name=\"t\">\u{31}</textarea>\
        <select name=\"s\"><option value=\"1\">one</option><option value=\"2\" selected>two</option></select>\
        <button name=\"go\" value=\"yes\">Go</button></form>";
    let forms = forms(page);
    assert_eq!(forms.len(), 1);
    let form = forms[0].clone().set("r", "x").press("go", "yes");
    let sent: Vec<String> = form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(sent.join(" "), "csrf=a&b note= c=1 t=1 s=2 r=x go=yes");
    assert_eq!(form.action, "/applications/1/arrive");
}
