//! `network.toml`, which people hand to each other, and `config.toml`.
#![no_main]

use layr_node::home::HomeConfig;
use layr_node::network_file::NetworkFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(file) = NetworkFile::parse(text) {
        let written = file.to_toml().expect("what was read can be written");
        assert_eq!(NetworkFile::parse(&written), Ok(file));
    }
    let _ = toml::from_str::<HomeConfig>(text);
});
