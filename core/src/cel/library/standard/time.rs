//! `getFullYear()` and the other accessors of timestamps and durations.

use super::timestamp::{Civil, civil, day_of_week, day_of_year, zone_offset};
use crate::cel::library::{Function, Implementation, Overload};
use crate::cel::value::{Arena, Error, Result, Timestamp, Val};

pub(super) fn functions() -> Vec<Function> {
    let both = |name, id, with_zone, body: Implementation| {
        Function::new(
            name,
            vec![
                Overload::new(id, "timestamp.() -> int", body),
                Overload::new(with_zone, "timestamp.(string) -> int", body),
            ],
        )
    };
    let all = |name, id, with_zone, body: Implementation, of_duration, duration: Implementation| {
        let mut function = both(name, id, with_zone, body);
        function.overloads.push(Overload::new(of_duration, "duration.() -> int", duration));
        function
    };
    vec![
        both("getFullYear", "timestamp_to_year", "timestamp_to_year_with_tz", |a, v| {
            field(a, v, |at, _| at.year)
        }),
        both("getMonth", "timestamp_to_month", "timestamp_to_month_with_tz", |a, v| {
            field(a, v, |at, _| at.month - 1)
        }),
        both("getDayOfYear", "timestamp_to_day_of_year", "timestamp_to_day_of_year_with_tz", |a, v| {
            field(a, v, |at, _| day_of_year(at))
        }),
        both("getDayOfMonth", "timestamp_to_day_of_month", "timestamp_to_day_of_month_with_tz", |a, v| {
            field(a, v, |at, _| at.day - 1)
        }),
        both(
            "getDate",
            "timestamp_to_day_of_month_1_based",
            "timestamp_to_day_of_month_1_based_with_tz",
            |a, v| field(a, v, |at, _| at.day),
        ),
        both("getDayOfWeek", "timestamp_to_day_of_week", "timestamp_to_day_of_week_with_tz", |a, v| {
            field(a, v, |_, local| day_of_week(local.seconds))
        }),
        all(
            "getHours",
            "timestamp_to_hours",
            "timestamp_to_hours_with_tz",
            |a, v| field(a, v, |at, _| at.hour),
            "duration_to_hours",
            |_, v| whole(v, 3_600_000_000_000),
        ),
        all(
            "getMinutes",
            "timestamp_to_minutes",
            "timestamp_to_minutes_with_tz",
            |a, v| field(a, v, |at, _| at.minute),
            "duration_to_minutes",
            |_, v| whole(v, 60_000_000_000),
        ),
        all(
            "getSeconds",
            "timestamp_to_seconds",
            "timestamp_to_seconds_tz",
            |a, v| field(a, v, |at, _| at.second),
            "duration_to_seconds",
            |_, v| whole(v, 1_000_000_000),
        ),
        all(
            "getMilliseconds",
            "timestamp_to_milliseconds",
            "timestamp_to_milliseconds_with_tz",
            |a, v| field(a, v, |_, local| i64::from(local.nanos / 1_000_000)),
            "duration_to_milliseconds",
            // These, Go counts in integers.
            |_, v| match v {
                [Val::Duration(duration)] => Ok(Val::Int(duration.0 / 1_000_000)),
                _ => Err(Error::NoSuchOverload),
            },
        ),
    ]
}

/// The specification's `getMilliseconds` of durations, which is only what goes beyond whole seconds. Not in Kubernetes,
/// as cel-go counts all milliseconds.
pub(super) fn portions() -> Vec<Function> {
    let body: Implementation = |_, args| match args {
        [Val::Duration(duration)] => Ok(Val::Int(duration.0 % 1_000_000_000 / 1_000_000)),
        _ => Err(Error::NoSuchOverload),
    };
    let overload = Overload::new("duration_to_milliseconds", "duration.() -> int", body);
    vec![Function::new("getMilliseconds", vec![overload])]
}

/// A field of a timestamp, in UTC or in the zone of the second argument.
fn field<'a>(arena: &'a Arena, args: &[Val<'a>], read: fn(&Civil, &Timestamp) -> i64) -> Result<'a> {
    let (time, offset) = match *args {
        [Val::Timestamp(time)] => (time, 0),
        [Val::Timestamp(time), Val::String(zone)] => {
            let offset = zone_offset(zone, time.seconds);
            (time, offset.map_err(|message| Error::message(arena, format_args!("{message}")))?)
        }
        _ => return Err(Error::NoSuchOverload),
    };
    let local = Timestamp { seconds: time.seconds + offset, ..time };
    Ok(Val::Int(read(&civil(local.seconds), &local)))
}

fn whole<'a>(args: &[Val<'a>], unit: i64) -> Result<'a> {
    match args {
        // Go computes in doubles, which may round up.
        [Val::Duration(duration)] => {
            let (whole, rest) = (duration.0 / unit, duration.0 % unit);
            Ok(Val::Int((whole as f64 + rest as f64 / unit as f64) as i64))
        }
        _ => Err(Error::NoSuchOverload),
    }
}
