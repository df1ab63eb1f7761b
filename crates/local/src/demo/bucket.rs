//! The bucket beside the night: S3 replicates it, for a while a right is missing, S3 gives objects up, and the
//! operator mends it as the notice says. `replication` is played at every tick, and whenever S3 notifies.

use super::{Night, OUT, time};
use jiff::Timestamp;
use serde_json::{Value, json};

const BUCKET: &str = "kaigo-files";
/// Somebody takes a right from the role of the replication, and gives it back.
const DENIED: [&str; 2] = ["2025-11-05T18:20:00Z", "2025-11-05T19:20:00Z"];
/// What is written meanwhile.
const WRITTEN: [(&str, &str); 2] = [
    ("2025-11-05T18:25:00Z", "documents/record-1.pdf"),
    ("2025-11-05T18:25:00Z", "documents/record-2.pdf"),
];

impl Night {
    /// Everything of the bucket up to a tick, and the tick itself.
    pub(super) async fn bucket(&mut self, tick: Timestamp) -> Result<(), String> {
        self.change();
        let bodies = self.account().notifications();
        if !bodies.is_empty() {
            let message = |(n, body): (usize, Value)| json!({"messageId": format!("m{n}"), "eventSource": "aws:sqs", "body": body.to_string()});
            let all: Vec<Value> = bodies.into_iter().enumerate().map(message).collect();
            self.story.notified(tick, all.len());
            self.judge(tick, &json!({"Records": all})).await?;
        }
        let input = json!({"kind": "replication", "scheduled_time": tick.to_string()});
        self.judge(tick, &input).await
    }

    async fn judge(&mut self, now: Timestamp, input: &Value) -> Result<(), String> {
        let before = self.told();
        let answer = self.replication.invoke(now, input).await;
        answer.map_err(|error| format!("{error}; its log is in {OUT}/"))?;
        let new = self.told().split_off(before.len());
        self.story.judged(now, &new);
        Ok(())
    }

    fn told(&self) -> Vec<String> {
        let account = self.account();
        let home = account.topic(&self.home);
        let mails = account.outbox.get(&home).into_iter().flatten();
        mails.map(|mail| mail.subject.clone()).collect()
    }

    /// What people do to it, up to now.
    fn change(&mut self) {
        let mut account = self.account();
        let now = account.now;
        let [from, to] = DENIED.map(time);
        let is_denied = (from..to).contains(&now);
        let was_denied = account.pairs[BUCKET].fails.is_some();
        let pair = account.pairs.get_mut(BUCKET).expect("the demo's bucket");
        pair.fails = is_denied.then(|| "DstPutObjectNotPermitted".to_owned());
        let due = |at: &str| (time(at)..time(at) + super::TICK).contains(&now);
        for (_, key) in WRITTEN.iter().filter(|(at, _)| due(at)) {
            let written = account.put_object(&self.home, BUCKET, key, b"a record".to_vec(), false);
            written.expect("the bucket is there");
        }
        if was_denied && !is_denied {
            account.create_job(&self.home, BUCKET, "by hand").expect("started");
            drop(account);
            self.story.mended(now);
        }
    }
}
