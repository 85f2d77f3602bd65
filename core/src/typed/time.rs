//! Times as Go's `time` package reads and writes them in the two layouts of Kubernetes.

/// A layout of Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    text: &'static str,
    micro: bool,
}

/// metav1.Time
pub(super) const RFC3339: Layout = Layout { text: "2006-01-02T15:04:05Z07:00", micro: false };
/// metav1.MicroTime
pub(super) const RFC3339_MICRO: Layout = Layout { text: "2006-01-02T15:04:05.000000Z07:00", micro: true };

/// A moment in seconds since the year 1, and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    seconds: i64,
    nanos: u32,
}

const DAY: i64 = 86_400;

/// What is left of a text while it is read.
struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
    layout: Layout,
}

/// Reads a time; the error is Go's. Source: Go `time.Parse`.
pub(super) fn parse(text: &str, layout: Layout) -> Result<Moment, String> {
    let mut reader = Reader { whole: text, rest: text, layout };
    let year = reader.year()?;
    reader.literal("-")?;
    let month = reader.number("01", true, 1..=12, "month")?;
    reader.literal("-")?;
    let day = reader.number("02", true, 0..=99, "day")?;
    reader.literal("T")?;
    let hour = reader.number("15", false, 0..=23, "hour")?;
    reader.literal(":")?;
    let minute = reader.number("04", true, 0..=59, "minute")?;
    reader.literal(":")?;
    let second = reader.number("05", true, 0..=59, "second")?;
    let nanos = reader.fraction()?;
    let offset = reader.zone()?;
    if !reader.rest.is_empty() {
        let extra = quoted(reader.rest);
        return Err(format!("parsing time {}: extra text: {extra}", quoted(text)));
    }
    if day < 1 || day > days_in(month, year) {
        return Err(format!("parsing time {}: day out of range", quoted(text)));
    }
    let days = days_before(year, month) + day - 1;
    let seconds = days * DAY + hour * 3_600 + minute * 60 + second - offset;
    Ok(Moment { seconds, nanos })
}

impl<'t> Reader<'t> {
    fn fail(&self, element: &str, value: &str) -> String {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quoted(self.whole),
            quoted(self.layout.text),
            quoted(value),
            quoted(element)
        )
    }

    fn out_of_range(&self, what: &str) -> String {
        format!("parsing time {}: {what} out of range", quoted(self.whole))
    }

    fn year(&mut self) -> Result<i64, String> {
        let hold = self.rest;
        let digits = hold.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(year) = digits.and_then(|digits| digits.parse().ok()) else {
            return Err(self.fail("2006", hold));
        };
        self.rest = hold.get(4..).unwrap_or_default();
        Ok(year)
    }

    fn literal(&mut self, wanted: &str) -> Result<(), String> {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.fail(wanted, self.rest)),
        }
    }

    fn number(
        &mut self,
        element: &str,
        fixed: bool,
        range: std::ops::RangeInclusive<i64>,
        what: &str,
    ) -> Result<i64, String> {
        let hold = self.rest;
        let (value, rest) = number(hold, fixed).ok_or_else(|| self.fail(element, hold))?;
        self.rest = rest;
        if range.contains(&value) { Ok(value) } else { Err(self.out_of_range(what)) }
    }

    /// A fraction of a second: as long as the layout says, or any where it says nothing.
    fn fraction(&mut self) -> Result<u32, String> {
        let hold = self.rest;
        let digits = hold.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        let marked = hold.starts_with(['.', ',']);
        if !self.layout.micro {
            if !marked || digits == 0 {
                return Ok(0);
            }
            self.rest = hold.get(1 + digits..).unwrap_or_default();
            return Ok(nanos(hold.get(1..1 + digits.min(9)).unwrap_or_default()));
        }
        if !marked || digits < 6 {
            return Err(self.fail(".000000", hold));
        }
        self.rest = hold.get(7..).unwrap_or_default();
        Ok(nanos(hold.get(1..7).unwrap_or_default()))
    }

    /// `Z` or an offset, in seconds east.
    fn zone(&mut self) -> Result<i64, String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let hold = self.rest;
        let zone = hold.get(..6).filter(|zone| zone.get(3..4) == Some(":"));
        let Some(zone) = zone else { return Err(self.fail("Z07:00", hold)) };
        let part = |from: usize| zone.get(from..from + 2).and_then(|part| number(part, true));
        let hours = part(1).map(|(hours, _)| hours);
        let minutes = hours.and_then(|_| part(4)).map(|(minutes, _)| minutes);
        // Ranges are looked at first, the later one last.
        if minutes.is_some_and(|minutes| minutes > 60) {
            return Err(self.out_of_range("time zone offset minute"));
        }
        if hours.is_some_and(|hours| hours > 24) {
            return Err(self.out_of_range("time zone offset hour"));
        }
        let (Some(hours), Some(minutes)) = (hours, minutes) else { return Err(self.fail("Z07:00", hold)) };
        let sign = zone.get(..1).unwrap_or_default();
        self.rest = hold.get(6..).unwrap_or_default();
        let offset = hours * 3_600 + minutes * 60;
        match sign {
            "+" => Ok(offset),
            "-" => Ok(-offset),
            _ => Err(self.fail("Z07:00", hold)),
        }
    }
}

/// One or two digits, two where the width is fixed.
fn number(text: &str, fixed: bool) -> Option<(i64, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || fixed && digits == 1 {
        return None;
    }
    let (number, rest) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, rest))
}

fn nanos(digits: &str) -> u32 {
    let value: u32 = digits.parse().unwrap_or(0);
    value * 10_u32.pow(9 - digits.len().min(9) as u32)
}

impl Moment {
    /// The time in UTC; `None` for Go's zero time, which is null in JSON.
    pub(super) fn text(self, layout: Layout) -> Option<String> {
        if self.seconds == 0 && self.nanos == 0 {
            return None;
        }
        let (year, month, day) = date(self.seconds.div_euclid(DAY));
        let second = self.seconds.rem_euclid(DAY);
        let fraction = if layout.micro { format!(".{:06}", self.nanos / 1_000) } else { String::new() };
        let sign = if year < 0 { "-" } else { "" };
        Some(format!(
            "{sign}{:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
            year.abs(),
            second / 3_600,
            second / 60 % 60,
            second % 60
        ))
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days between the first of the year 1 and the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let past = year - 1;
    let years = past * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    years + (1..month).map(|month| days_in(month, year)).sum::<i64>()
}

/// Year, month and day of a day counted from the first of the year 1.
fn date(days: i64) -> (i64, i64, i64) {
    let mut year = 1 + days.div_euclid(366);
    while days_before(year + 1, 1) <= days {
        year += 1;
    }
    let mut rest = days - days_before(year, 1);
    let mut month = 1;
    while rest >= days_in(month, year) {
        rest -= days_in(month, year);
        month += 1;
    }
    (year, month, rest + 1)
}

/// As the `time` package quotes: bytes that are not ASCII or printable in hexadecimal.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            ' '..='~' | '\u{7f}' => quoted.push(character),
            _ => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    quoted.push_str(&format!("\\x{byte:02x}"));
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Go 1.26.
    #[test]
    fn times_are_read_and_written_as_in_go() {
        for (text, canonical) in [
            ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
            ("2024-01-01T00:30:00.999+01:00", "2023-12-31T23:30:00Z"),
            (
                "2024-1-01T00:00:00Z",
                "parsing time \"2024-1-01T00:00:00Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"1-01T00:00:00Z\" as \"01\"",
            ),
            ("2023-02-29T00:00:00Z", "parsing time \"2023-02-29T00:00:00Z\": day out of range"),
            ("2023-13-29T00:00:00Z", "parsing time \"2023-13-29T00:00:00Z\": month out of range"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            (
                "yesterday",
                "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
            ),
            ("", "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""),
            (
                "2023-01-01T00:00:00Zé",
                "parsing time \"2023-01-01T00:00:00Z\\xc3\\xa9\": extra text: \"\\xc3\\xa9\"",
            ),
        ] {
            let read = parse(text, RFC3339);
            let got = read.map_or_else(|error| error, |moment| moment.text(RFC3339).unwrap_or_default());
            assert_eq!(got, canonical);
        }
        assert_eq!(parse("0001-01-01T00:00:00Z", RFC3339).unwrap().text(RFC3339), None);
        let micro = parse("2024-01-01T00:00:00.1234567Z", RFC3339_MICRO);
        assert!(micro.unwrap_err().contains("cannot parse \"7Z\" as \"Z07:00\""));
        let micro = parse("2024-01-01T00:00:00.000001Z", RFC3339_MICRO).unwrap();
        assert_eq!(micro.text(RFC3339_MICRO).as_deref(), Some("2024-01-01T00:00:00.000001Z"));
    }
}
