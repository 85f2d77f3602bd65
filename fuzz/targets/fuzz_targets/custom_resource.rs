#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kordon_generators::target::custom_resource(bytes));
