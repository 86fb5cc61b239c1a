//! Programs that run beside a test and end with it.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::wait_for;

/// A running program; killed when dropped. What it says is kept in a file.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; its output goes to `log`.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let out = File::create(&log).unwrap();
        let both = out.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(both).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child, log }
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until it has said a line that contains `words`, and returns that line.
    pub fn wait_until_it_says(&mut self, words: &str) -> String {
        let find = |text: &str| text.lines().find(|line| line.contains(words)).map(str::to_owned);
        wait_for(&format!("a program to say {words:?}"), || {
            if let Some(status) = self.child.try_wait().unwrap() {
                let said = self.said();
                return Some(find(&said).unwrap_or_else(|| panic!("it ended ({status}) and said:\n{said}")));
            }
            find(&self.said())
        })
    }

    /// What it said last, for whoever reads why a test failed.
    #[expect(clippy::print_stderr, reason = "it belongs beside the test's own panic")]
    fn tell_the_end(&self) {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let from = lines.len().saturating_sub(LINES_SHOWN);
        eprintln!("-- {} said last:\n{}", self.log.display(), lines[from..].join("\n"));
    }

    /// Its number at the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success(), "the program had already ended:\n{}", self.said());
        wait_for("a program to stop", || self.child.try_wait().unwrap())
    }

    /// Lets it do nothing more, nor hear anything (SIGSTOP); it can still be killed.
    pub fn freeze(&self) {
        let asked = Command::new("kill").args(["-STOP", &self.id().to_string()]).status().unwrap();
        assert!(asked.success(), "the program had already ended:\n{}", self.said());
    }

    /// Kills it without a word (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// So many last lines are shown of a program whose test fails.
const LINES_SHOWN: usize = 40;

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell_the_end();
        }
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
