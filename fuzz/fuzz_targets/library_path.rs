//! Names from people and from manifests: no path leads out of its directory, whatever the text.
#![no_main]

use layr_library::{FileId, LibraryPath, RelativePath};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let directory = LibraryPath::parse("/a/b").expect("a path");
    if let Ok(relative) = RelativePath::parse(text) {
        assert_eq!(relative.as_str(), text);
        if let Ok(joined) = directory.join(&relative) {
            assert!(joined.is_within(&directory) && joined != directory);
        }
    }
    if let Ok(file) = text.parse::<FileId>() {
        assert_eq!(file.to_string().parse(), Ok(file));
    }
    if let Ok(path) = LibraryPath::parse(text) {
        assert_eq!(LibraryPath::parse(path.as_str()), Ok(path.clone()));
        assert!(path.components().all(|part| part != "." && part != ".." && !part.is_empty()));
    }
});
