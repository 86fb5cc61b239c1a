//! The API over real HTTP: who may call, what it answers, what it says when it refuses.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::exchange::serve;
use super::{on_both, request_json};

/// A channel.
struct Channel {
    client: Client,
    url: String,
    key: String,
}

impl Channel {
    async fn get(&self, path: &str) -> (u16, Value) {
        let asked = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.key);
        read(asked.send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let asked = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.key).json(body);
        read(asked.send().await.unwrap()).await
    }
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    if status >= 400 {
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
    }
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

on_both! {
    async fn a_channel_books_pays_and_gets_the_proof(it) {
        let server = serve(&it).await;
        let channel = Channel { client: Client::new(), url: server.url(), key: it.channel_key.clone() };
        let slots = json!({"slots": [{
            "slot": {"day": "2026-11-23", "from": "08:00:00", "until": "09:00:00"},
            "product": "electronic", "channel": "m-paspor", "quota": 1,
        }]});
        assert_eq!(channel.post("/api/v1/offices/karimun/slots", &slots).await.0, 204);
        let (status, booked) = channel.post("/api/v1/bookings", &request_json("Siti")).await;
        assert_eq!(status, 201, "{booked}");
        let number = booked["number"].as_str().unwrap();
        assert_eq!(booked["bill"]["amount_idr"], 950_000);
        assert_eq!(channel.get("/api/v1/offices/karimun/slots").await.1["slots"][0]["taken"], 1);
        let (status, full) = channel.post("/api/v1/bookings", &request_json("Budi")).await;
        assert_eq!((status, &full["type"]), (409, &json!("urn:loket:problem:no-room")));
        let address = format!("/api/v1/bookings/{number}");
        assert_eq!(channel.get(&address).await.1["status"], "awaiting-payment");
        assert_eq!(channel.get(&format!("{address}/proof")).await.0, 409);
        let payment = json!({
            "code": booked["bill"]["code"], "ntpn": "00000000000000AB", "amount_idr": 950_000,
            "paid_at": "2026-11-21T02:10:00Z", "channel": "BNI",
        });
        for _ in 0..2 {
            let (status, paid) = channel.post("/api/v1/payments", &payment).await;
            assert_eq!((status, &paid["state"], &paid["number"]), (200, &json!("counted"), &json!(number)));
        }
        assert_eq!(channel.get(&address).await.1["payment"], "paid");
        let proof = channel.get(&format!("{address}/proof")).await.1;
        let text = proof["proof"].as_str().unwrap();
        let proof = loket::proof::verify(text, &it.registry.store.node_key().public()).unwrap();
        assert_eq!(proof.number.as_str(), number);
        let (status, cancelled) = channel.post(&format!("{address}/cancel"), &json!({"reason": "sakit"})).await;
        assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")));
        server.stop().await;
    }

    async fn a_stranger_and_a_malformed_request_are_refused_with_reasons(it) {
        let server = serve(&it).await;
        let channel = Channel { client: Client::new(), url: server.url(), key: it.channel_key.clone() };
        let stranger = Channel { key: "guess".to_owned(), client: Client::new(), url: server.url() };
        assert_eq!(stranger.post("/api/v1/bookings", &request_json("Siti")).await.0, 401);
        let bare = Client::new().get(format!("{}/api/v1/bookings/1", server.url())).send().await.unwrap();
        assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(channel.post("/api/v1/bookings", &json!({"applicant": 1})).await.0, 400);
        let mut wrong = request_json("");
        let (status, said) = channel.post("/api/v1/bookings", &wrong).await;
        assert_eq!((status, &said["errors"][0]["field"]), (422, &json!("applicant.name")));
        wrong["applicant"]["nik"] = json!("123");
        assert_eq!(channel.post("/api/v1/bookings", &wrong).await.0, 400);
        assert_eq!(channel.get("/api/v1/bookings/1000000000000000").await.0, 404);
        assert_eq!(channel.get("/api/v1/offices/nowhere/slots").await.0, 404);
        let health = Client::new().get(format!("{}/healthz", server.url())).send().await.unwrap();
        assert_eq!(health.status(), StatusCode::OK);
        server.stop().await;
    }
}
