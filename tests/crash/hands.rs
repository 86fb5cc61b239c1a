//! Officers who work as fast as the pages answer: each looks at a page, fills in the form that is next and sends it,
//! from arrival to hand-over, until the office is gone or the day is over. What they send stands in the ledger.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loket::domain::number::ApplicationNumber;
use tokio::task::JoinSet;

use super::chance::Chance;
use super::crew::{self, CREW};
use super::ledger::{Ledger, Sent};
use crate::harness::html::{self, Form};
use crate::harness::nodes::Node;
use crate::harness::officer::{Answer, Attached, Officer, Page};
use crate::story::steps::{application, picture};

/// Sessions of one officer that work at the same time: one at the counter, one at the desk, one with the books.
const SESSIONS: usize = 3;
/// How long somebody waits who finds nothing to do.
const PAUSE: Duration = Duration::from_millis(15);

/// The applicants of a day, and how far each has come.
#[derive(Debug)]
pub struct Day {
    /// Everybody.
    pub numbers: Vec<ApplicationNumber>,
    expected: Mutex<Vec<ApplicationNumber>>,
    examined: Mutex<Vec<ApplicationNumber>>,
    approved: Mutex<Vec<ApplicationNumber>>,
    over: AtomicBool,
    dark: AtomicBool,
    portrait: Vec<u8>,
    finger: Vec<u8>,
    signature: Vec<u8>,
}

impl Day {
    /// A day on which these come.
    pub fn of(numbers: Vec<ApplicationNumber>) -> Arc<Self> {
        let (examined, approved) = (Mutex::default(), Mutex::default());
        let (portrait, finger, signature) = (picture(480, 640), picture(300, 400), picture(480, 180));
        let expected = Mutex::new(numbers.clone());
        let (over, dark) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { numbers, expected, examined, approved, over, dark, portrait, finger, signature })
    }

    /// Lets everybody finish the form they are at.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// The next morning: everybody works again.
    pub fn begin(&self) {
        self.over.store(false, Ordering::SeqCst);
        self.dark.store(false, Ordering::SeqCst);
    }

    /// The power goes now. The machine under test would be gone with it, so nobody hears an answer any more: what the
    /// process still says until it is killed too is not an answer. (It may well say something: ext4 lets an fsync that
    /// the shutdown overtakes return without an error.)
    pub fn power_goes(&self) {
        self.dark.store(true, Ordering::SeqCst);
    }

    /// Whether an answer that has come now can have been heard.
    pub fn is_heard(&self) -> bool {
        !self.dark.load(Ordering::SeqCst)
    }

    /// Whether nobody shall begin anything new.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// A number for the book of an applicant, the same every time.
    fn book(&self, number: &ApplicationNumber) -> String {
        let at = self.numbers.iter().position(|known| known == number).unwrap();
        format!("E{:07}", 1_000_000 + at)
    }

    fn file(&self, step: &str) -> Option<Attached> {
        let bytes = match step {
            "portrait" => &self.portrait,
            "finger" => &self.finger,
            "signature" => &self.signature,
            _ => return None,
        };
        Some(Attached { field: "picture", bytes: bytes.clone() })
    }
}

/// The crew logs in and begins to work.
pub async fn begin(office: &Node, day: &Arc<Day>, ledger: &Ledger, chance: &mut Chance) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for ((login, name), counter) in CREW.into_iter().zip(1..) {
        let officer = crew::signed_in(office, login).await;
        let csrf = csrf_of(&officer).await;
        for _ in 0..SESSIONS {
            let hand = Hand {
                by: (login.to_owned(), name.to_owned()),
                counter,
                officer: officer.clone(),
                csrf: csrf.clone(),
                day: Arc::clone(day),
                ledger: ledger.clone(),
                chance: chance.another(),
            };
            all.spawn(hand.work());
        }
    }
    all
}

/// The token that forms of this session carry.
pub async fn csrf_of(officer: &Officer) -> String {
    let page = officer.try_to_open("/").await.expect("the first page opens");
    page.form("/language").value("csrf").unwrap().to_owned()
}

struct Hand {
    by: (String, String),
    counter: u16,
    officer: Officer,
    csrf: String,
    day: Arc<Day>,
    ledger: Ledger,
    chance: Chance,
}

impl Hand {
    async fn work(mut self) {
        while !self.day.is_over() {
            let went = match self.chance.below(3) {
                0 => self.receive().await,
                1 => self.serve().await,
                _ => self.make_book().await,
            };
            if went.is_none() {
                return;
            }
        }
    }

    /// Sends a form; nothing when the office is gone.
    async fn send(
        &mut self,
        step: &'static str,
        number: Option<&ApplicationNumber>,
        form: Form,
    ) -> Option<Answer> {
        let file = self.day.file(step);
        let (by, answer) = (self.by.clone(), Answer::Lost);
        let sent = Sent { by, step, number: number.cloned(), form, file, answer };
        let answer = self.ledger.send(&self.officer, &self.csrf, sent, &self.day).await;
        (answer != Answer::Lost).then_some(answer)
    }

    /// Arrival and papers of somebody who is expected.
    async fn receive(&mut self) -> Option<()> {
        let number = self.chance.pick(&self.day.expected.lock().unwrap()).cloned();
        let Some(number) = number else { return self.pause().await };
        let page = self.officer.try_to_open(&application(&number)).await?;
        let all = ("all".to_owned(), "agrees".to_owned());
        if page.has_form("/arrive") {
            self.send("arrive", Some(&number), page.form("/arrive")).await?;
        } else if page.has_form("/documents") && page.form("/documents").buttons.contains(&all) {
            let form = page.form("/documents").press("all", "agrees");
            self.send("documents", Some(&number), form).await?;
        } else {
            self.day.expected.lock().unwrap().retain(|known| *known != number);
        }
        Some(())
    }

    /// Whatever is next at this officer's counter.
    async fn serve(&mut self) -> Option<()> {
        let page = self.officer.try_to_open("/tickets").await?;
        if page.has_form("/tickets/counter/open") {
            let form = page.form("/tickets/counter/open").set("counter", &self.counter.to_string());
            self.send("open", None, form).await?;
        } else if page.has_form("/tickets/start") {
            self.send("start", at_counter(&page).as_ref(), page.form("/tickets/start")).await?;
        } else if page.has_form("/tickets/finish") {
            let number = at_counter(&page)?;
            match self.examine(&number).await? {
                Examined::Goes => {}
                Examined::Done => {
                    self.day.examined.lock().unwrap().push(number.clone());
                    let form = page.form_without("/tickets/finish", "then");
                    self.send("finish", Some(&number), form).await?;
                }
            }
        } else if let Answer::Refused(_) = self.send("call", None, page.form("/tickets/call-next")).await? {
            self.pause().await?;
        }
        Some(())
    }

    /// The next piece of the capture, or the interview.
    async fn examine(&mut self, number: &ApplicationNumber) -> Option<Examined> {
        let path = format!("{}/capture", application(number));
        let page = self.officer.try_to_open(&path).await?;
        let piece = |piece: &str| {
            let mut forms = html::forms(&page.text).into_iter();
            forms.find(|form| form.action.ends_with("/capture") && form.value("piece") == Some(piece))
        };
        let thumb = || page.form_with("/capture", "position", "1").set("quality", "72");
        let (step, form) = if piece("complete").is_none() {
            let page = self.officer.try_to_open(&application(number)).await?;
            if page.body().contains("Menunggu ajudikasi") {
                return Some(Examined::Done);
            }
            let page = self.officer.try_to_open(&format!("{}/interview", application(number))).await?;
            (
                "interview",
                Some(
                    page.form("/interview").set("outcome", "passed").set("notes", "Wisata, jawaban sesuai."),
                ),
            )
        } else if !page.text.contains("<figure class=\"portrait\"") {
            ("portrait", piece("portrait"))
        } else if !page.text.contains("class=\"finger set\" id=\"finger-1\"") {
            ("finger", Some(thumb()))
        } else if let Some(form) = piece("fingers") {
            ("fingers", Some(form))
        } else if !page.text.contains("class=\"signed\"") {
            ("signature", piece("signature"))
        } else {
            ("complete", piece("complete"))
        };
        self.send(step, Some(number), form.unwrap()).await?;
        Some(Examined::Goes)
    }

    /// The next step of a book that headquarters has approved.
    async fn make_book(&mut self) -> Option<()> {
        let number = self.chance.pick(&self.day.approved.lock().unwrap()).cloned();
        let Some(number) = number else { return self.pause().await };
        let page = self.officer.try_to_open(&format!("{}/book", application(&number))).await?;
        let book = self.day.book(&number);
        let step = |step: &str| {
            let mut forms = html::forms(&page.text).into_iter();
            forms.find(|form| form.action.ends_with("/book") && form.value("step") == Some(step))
        };
        let (step, form) = if let Some(form) = step("allocate") {
            ("allocate", form.set("book", &book))
        } else if let Some(form) = step("print") {
            ("print", form.set("book", &book))
        } else if let Some(form) = step("check") {
            ("check", form.set("defect", "none"))
        } else if page.has_form("/ready") {
            ("ready", page.form("/ready").set("shelf", "A-12"))
        } else if page.has_form("/hand-over") {
            let form = page.form("/hand-over").set("book", &book).set("collector", "applicant");
            ("hand-over", form.set("papers", "seen"))
        } else {
            // The decision is still on its way, or the book is gone.
            return self.pause().await;
        };
        let answer = self.send(step, Some(&number), form).await?;
        if (step, &answer) == ("hand-over", &Answer::Done) {
            self.day.approved.lock().unwrap().retain(|known| *known != number);
        }
        Some(())
    }

    async fn pause(&self) -> Option<()> {
        tokio::time::sleep(PAUSE).await;
        Some(())
    }
}

enum Examined {
    /// Another piece was sent.
    Goes,
    /// Nothing is left but to finish the ticket.
    Done,
}

/// Whoever stands at the officer's counter.
fn at_counter(page: &Page) -> Option<ApplicationNumber> {
    let desk = page.text.split_once("id=\"desk\"")?.1.split_once("id=\"lists\"")?.0;
    let number = desk.split_once("href=\"/applications/")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    ApplicationNumber::parse(&digits).ok()
}

/// Headquarters: approves whoever was examined and whose pictures have come, until the registry is gone.
pub async fn approve(
    staff: Officer,
    by: (String, String),
    day: Arc<Day>,
    ledger: Ledger,
    mut chance: Chance,
) {
    let Some(home) = staff.try_to_open("/staff/decisions").await else { return };
    let csrf = home.form("/language").value("csrf").unwrap().to_owned();
    while !day.is_over() {
        let number = chance.pick(&day.examined.lock().unwrap()).cloned();
        let Some(number) = number else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Some(page) = staff.try_to_open(&format!("/staff/applications/{number}")).await else { return };
        if !page.has_form("/decide") || !page.text.contains("/pictures/") {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let form = page.form_with("/decide", "decision", "approve");
        let sent = Sent {
            by: by.clone(),
            step: "approve",
            number: Some(number.clone()),
            form,
            file: None,
            answer: Answer::Lost,
        };
        match ledger.send(&staff, &csrf, sent, &day).await {
            Answer::Done => {
                day.examined.lock().unwrap().retain(|known| *known != number);
                day.approved.lock().unwrap().push(number);
            }
            Answer::Refused(_) => tokio::time::sleep(PAUSE).await,
            Answer::Lost => return,
        }
    }
}

/// Sends everything again that got no answer, as people do, and some that did: the answer must be the first one.
/// Returns how many had no answer.
pub async fn send_again(office: &Node, ledger: &Ledger, chance: &mut Chance) -> usize {
    const ONCE_IN: u64 = 12;
    let mut without = 0;
    let mut sessions = Vec::new();
    for (login, _) in CREW {
        let officer = crew::signed_in(office, login).await;
        sessions.push((login, csrf_of(&officer).await, officer));
    }
    for (at, sent) in ledger.all().into_iter().enumerate() {
        let has_none = match sent.answer {
            Answer::Lost => true,
            Answer::Done => false,
            Answer::Refused(status) => status.is_server_error(),
        };
        without += usize::from(has_none);
        // Where no finger was left nothing was written, so nothing is remembered.
        let is_remembered = sent.answer == Answer::Done && sent.step != "fingers";
        if has_none || (is_remembered && chance.once_in(ONCE_IN)) {
            let (_, csrf, officer) = sessions.iter().find(|(login, ..)| *login == sent.by.0).unwrap();
            let answer = sent.send(officer, csrf).await;
            assert_ne!(answer, Answer::Lost, "the office is gone, and nobody killed it");
            ledger.answered_again(at, answer);
        }
    }
    without
}
