#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kordon_generators::target::cel_parse(bytes));
