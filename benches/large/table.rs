//! The table of figures: each beside its yardstick, and how many times as fast it is.

/// Figures so far.
#[derive(Default)]
pub struct Table(Vec<[String; 5]>);

impl Table {
    /// Adds how long something takes, and what the same takes that it is measured against.
    pub fn time(&mut self, what: &str, seconds: f64, yardstick: &str, other: f64) {
        let ratio = other / seconds;
        self.add(what, duration(seconds), yardstick, duration(other), ratio);
    }

    /// Adds how many of something are done in a second, and of what it is measured against.
    pub fn rate(&mut self, what: &str, rate: f64, yardstick: &str, other: f64) {
        let per_second = |rate: f64| format!("{rate:.0}/s");
        let ratio = rate / other;
        self.add(what, per_second(rate), yardstick, per_second(other), ratio);
    }

    fn add(&mut self, what: &str, value: String, yardstick: &str, other: String, ratio: f64) {
        let row = [
            what.to_owned(),
            value,
            yardstick.to_owned(),
            other,
            format!("{ratio:.2}"),
        ];
        eprintln!("{}", row.join(" | "));
        self.0.push(row);
    }

    /// Prints the table as Markdown.
    pub fn print(&self) {
        println!("| what | figure | yardstick | its figure | times as fast |");
        println!("|---|---|---|---|---|");
        for row in &self.0 {
            println!("| {} |", row.join(" | "));
        }
    }
}

fn duration(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.2} s")
    }
}
