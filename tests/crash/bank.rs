//! Applicants and their bank at the registry's interface: they book, pay and give up as fast as it answers, and more of
//! them than there are places.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{Days, NaiveDate, Utc};
use data_encoding::BASE64;
use loket::domain::application::Application;
use loket::domain::booking::Slot;
use loket::domain::fact::Fact;
use loket::domain::number::ApplicationNumber;
use loket::domain::office::OfficeCode;
use loket::domain::person::Nik;
use loket::registry::actions::{Registry, quotas};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::chance::Chance;
use super::hands::Day;
use super::ledger::Tally;
use crate::registry::request_json;
use crate::story::steps::picture;

/// Places in each interval of a day.
const QUOTA: u32 = 5;
const HOURS: [(&str, &str); 4] = [("08", "09"), ("09", "10"), ("10", "11"), ("13", "14")];
/// The first day that is booked: later than anything the demo has booked.
const FIRST_DAY: Days = Days::new(4);

/// A request to the interface.
#[derive(Debug, Clone)]
struct Request {
    path: String,
    body: Value,
    answer: Option<(StatusCode, Value)>,
}

impl Request {
    fn is_done(&self) -> bool {
        self.answer.as_ref().is_some_and(|(status, _)| status.is_success())
    }
}

/// One of the lists.
type List = fn(&mut Asked) -> &mut BTreeMap<String, Request>;

/// Everything that was asked, and what was answered.
#[derive(Debug, Default)]
struct Asked {
    bookings: BTreeMap<String, Request>,
    payments: BTreeMap<String, Request>,
    cancels: BTreeMap<String, Request>,
}

/// The interface as applicants and bank see it.
#[derive(Debug, Clone)]
pub struct Bank {
    client: Client,
    key: String,
    day: NaiveDate,
    asked: Arc<Mutex<Asked>>,
    persons: Arc<AtomicU32>,
}

impl Bank {
    /// Books on days after this one.
    pub fn new(key: &str, today: NaiveDate) -> Self {
        Self {
            client: Client::new(),
            key: key.to_owned(),
            day: today + FIRST_DAY,
            asked: Arc::default(),
            persons: Arc::default(),
        }
    }

    /// Offers a new day; what was asked about earlier ones stays asked.
    pub async fn offer_a_day(&mut self, url: &str) {
        self.day = self.day + Days::new(1);
        let slots: Vec<Value> = HOURS
            .iter()
            .map(|(from, until)| {
                let slot = json!({"day": self.day, "from": format!("{from}:00:00"), "until": format!("{until}:00:00")});
                json!({"slot": slot, "product": "electronic", "channel": "m-paspor", "quota": QUOTA})
            })
            .collect();
        let offer = self.post(url, "offices/karimun/slots", &json!({ "slots": slots })).await;
        assert_eq!(offer.map(|(status, _)| status), Some(StatusCode::NO_CONTENT));
    }

    /// Books, pays and gives up until the day is over or the registry is gone.
    pub async fn keep_busy(self, url: String, day: Arc<Day>, mut chance: Chance) {
        while !day.is_over() {
            let person = self.persons.fetch_add(1, Ordering::SeqCst);
            let Some(number) = self.book(&url, person, &day, &mut chance).await else { return };
            let Some((number, bill)) = number else { continue };
            if chance.once_in(5) {
                let body = json!({"reason": "sakit", "once": format!("cancel-{person}")});
                let path = format!("bookings/{number}/cancel");
                if self.ask(&url, |asked| &mut asked.cancels, &number, (path, body), &day).await.is_none() {
                    return;
                }
            } else {
                let ntpn = format!("{person:016}");
                let body = json!({
                    "code": bill["code"], "ntpn": ntpn, "amount_idr": bill["amount_idr"],
                    "paid_at": Utc::now(), "channel": "Bank Contoh",
                });
                if self
                    .ask(&url, |asked| &mut asked.payments, &ntpn, ("payments".to_owned(), body), &day)
                    .await
                    .is_none()
                {
                    return;
                }
            }
        }
    }

    /// Number and bill of a new booking; nothing inside when there was no room, nothing at all when nobody answers.
    async fn book(
        &self,
        url: &str,
        person: u32,
        day: &Day,
        chance: &mut Chance,
    ) -> Option<Option<(String, Value)>> {
        let mut body = request_json(&format!("Pemohon {person}"));
        let (from, until) = *chance.pick(&HOURS).unwrap();
        let nik = nik(person);
        body["applicant"]["nik"] = json!(nik);
        body["slot"] =
            json!({"day": self.day, "from": format!("{from}:00:00"), "until": format!("{until}:00:00")});
        body["once"] = json!(format!("booking-{person}"));
        if chance.once_in(3) {
            body["documents"][0]["picture"] = json!(BASE64.encode(&picture(320, 240)));
        }
        let asked = ("bookings".to_owned(), body);
        let answer = self.ask(url, |asked| &mut asked.bookings, &nik, asked, day).await?;
        let (status, made) = answer;
        Some(status.is_success().then(|| (made["number"].as_str().unwrap().to_owned(), made["bill"].clone())))
    }

    /// Asks, and writes down that it asked before it does.
    async fn ask(
        &self,
        url: &str,
        list: impl Fn(&mut Asked) -> &mut BTreeMap<String, Request>,
        name: &str,
        (path, body): (String, Value),
        day: &Day,
    ) -> Option<(StatusCode, Value)> {
        let request = Request { path: path.clone(), body: body.clone(), answer: None };
        list(&mut self.asked.lock().unwrap()).insert(name.to_owned(), request);
        let answer = self.post(url, &path, &body).await.filter(|_| day.is_heard());
        list(&mut self.asked.lock().unwrap()).get_mut(name).unwrap().answer.clone_from(&answer);
        answer
    }

    async fn post(&self, url: &str, path: &str, body: &Value) -> Option<(StatusCode, Value)> {
        let address = format!("{url}/api/v1/{path}");
        let answer = self.client.post(address).bearer_auth(&self.key).json(body).send().await.ok()?;
        let status = answer.status();
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// Asks everything again that got no answer or a fault, and some that did: the answer must be the first one.
    /// Returns how many had none.
    pub async fn ask_again(&self, url: &str, chance: &mut Chance) -> usize {
        const ONCE_IN: u64 = 12;
        let mut without = 0;
        let lists: [List; 3] =
            [|asked| &mut asked.bookings, |asked| &mut asked.payments, |asked| &mut asked.cancels];
        for list in lists {
            let all: Vec<_> = list(&mut self.asked.lock().unwrap()).clone().into_iter().collect();
            for (name, request) in all {
                let unanswered = request.answer.as_ref().is_none_or(|(status, _)| status.is_server_error());
                without += usize::from(unanswered);
                let is_tried = unanswered || (request.is_done() && chance.once_in(ONCE_IN));
                if !is_tried {
                    continue;
                }
                let again = self.post(url, &request.path, &request.body).await.expect("the registry runs");
                if let Some((_, first)) = request.answer.as_ref().filter(|_| request.is_done()) {
                    assert!(again.0.is_success(), "FINDING: acknowledged, and now {again:?}: {request:?}");
                    assert_eq!(first["number"], again.1["number"], "FINDING: another answer: {request:?}");
                }
                list(&mut self.asked.lock().unwrap()).get_mut(&name).unwrap().answer = Some(again);
            }
        }
        without
    }

    /// Who has been told so far that they are booked, and of them who has been told that it is paid, by NIK.
    pub fn told(&self) -> BTreeMap<String, bool> {
        let asked = self.asked.lock().unwrap();
        let paid = |made: &Value| {
            asked
                .payments
                .values()
                .any(|payment| payment.is_done() && payment.body["code"] == made["bill"]["code"])
        };
        let done = asked.bookings.iter().filter(|(_, request)| request.is_done());
        done.map(|(nik, request)| (nik.clone(), paid(&request.answer.as_ref().unwrap().1))).collect()
    }

    /// Everybody who was told stands in the registry once, and paid once if that was told; no place is given twice.
    pub async fn keeps(registry: &Registry, told: &BTreeMap<String, bool>) {
        for (nik, is_paid) in told {
            let found = registry.store.by_nik(&Nik::parse(nik).unwrap()).await.unwrap();
            assert_eq!(found.len(), 1, "FINDING: booked before the backup and not in it: {nik}");
            let application = registry.store.application(found[0].key).await.unwrap();
            assert_eq!(count(&application, |fact| matches!(fact, Fact::Booked(_))), 1, "FINDING: {nik}");
            let times = count(&application, |fact| matches!(fact, Fact::Paid(_)));
            assert!(times <= 1 && (times == 1 || !is_paid), "FINDING: {nik} has paid {times} times");
        }
        places(registry).await;
    }

    /// Every acknowledged booking, payment and cancellation stands in the registry once; no place is given twice.
    pub async fn verdict(&self, registry: &Registry) -> Tally {
        let Asked { bookings, payments, cancels } = {
            let asked = self.asked.lock().unwrap();
            let Asked { bookings, payments, cancels } = &*asked;
            Asked { bookings: bookings.clone(), payments: payments.clone(), cancels: cancels.clone() }
        };
        let mut tally = Tally::default();
        for (nik, request) in &bookings {
            let found = registry.store.by_nik(&Nik::parse(nik).unwrap()).await.unwrap();
            assert!(found.len() <= 1, "FINDING: booked twice: {request:?}");
            if !request.is_done() {
                continue;
            }
            let Some(line) = found.first() else {
                panic!("FINDING: an acknowledged booking is lost: {request:?}")
            };
            let (_, made) = request.answer.as_ref().unwrap();
            let number = line.number.as_ref().map(ApplicationNumber::as_str);
            assert_eq!(number, made["number"].as_str(), "FINDING: it has another number: {request:?}");
            let application = registry.store.application(line.key).await.unwrap();
            assert_eq!(
                count(&application, |fact| matches!(fact, Fact::Booked(_))),
                1,
                "FINDING: {request:?}"
            );
            assert_eq!(
                count(&application, |fact| matches!(fact, Fact::Billed(_))),
                1,
                "FINDING: {request:?}"
            );
            let number = number.unwrap();
            let paid = payments.values().find(|payment| payment.body["code"] == made["bill"]["code"]);
            let times = count(&application, |fact| matches!(fact, Fact::Paid(_)));
            tally += acknowledged("payment", paid, times);
            let times = count(&application, |fact| matches!(fact, Fact::BookingCancelled(_)));
            tally += acknowledged("cancellation", cancels.get(number), times);
            tally.found += 1;
        }
        places(registry).await;
        tally
    }
}

/// What was acknowledged happened once; what was not, at most once; what was not asked, never.
fn acknowledged(what: &str, request: Option<&Request>, times: usize) -> Tally {
    let done = request.is_some_and(Request::is_done);
    let allowed = usize::from(request.is_some());
    assert!(times <= allowed, "FINDING: {what} {times} times: {request:?}");
    assert!(times == 1 || !done, "FINDING: an acknowledged {what} is lost: {request:?}");
    Tally { found: usize::from(done), ..Tally::default() }
}

fn count(application: &Application, is_such: impl Fn(&Fact) -> bool) -> usize {
    application.entries().filter(|entry| is_such(&entry.fact)).count()
}

/// No interval holds more than its quota, and each counts exactly those who stand in it.
async fn places(registry: &Registry) {
    let office = OfficeCode::parse("karimun").unwrap();
    for quota in quotas::offered(registry, &office, None).await.unwrap() {
        assert!(quota.taken <= quota.quota, "FINDING: overbooked: {quota:?}");
        let Slot { day, .. } = quota.slot;
        let lines = registry.store.day(&office, day).await.unwrap();
        let there = lines.iter().filter(|line| {
            let same = line
                .service
                .is_some_and(|service| (service.product, service.channel) == (quota.product, quota.channel));
            same && line.slot == Some(quota.slot) && !["cancelled", "expired"].contains(&line.status.as_str())
        });
        assert_eq!(there.count(), quota.taken as usize, "FINDING: miscounted: {quota:?}");
    }
}

/// A number of a woman of Karimun born on 12 March 1990, the same for the same person.
fn nik(person: u32) -> String {
    format!("210204520390{:04}", person + 1)
}
