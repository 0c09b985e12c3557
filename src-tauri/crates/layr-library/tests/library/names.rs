//! Finding and moving by name.

use layr_library::{MAX_NAME_BYTES, NameError, PathError, VersionNumber};

use crate::kit::{Kit, NOW_S, assert_consistent, path};

fn filled() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    for name in ["/docs/a", "/docs/deep/b", "/c", "/line\nbreak"] {
        kit.put(name, &[10]);
    }
    kit
}

#[test]
fn names_are_found_with_and_without_slash_and_by_id() {
    let kit = filled();
    let row = kit.library.resolve("docs/a").unwrap();
    assert_eq!(row, kit.library.resolve("/docs/a").unwrap());
    assert_eq!(row, kit.library.resolve(&row.file.to_string()).unwrap());
    assert_eq!(kit.library.resolve("docs/").unwrap().kind.as_str(), "directory");
    assert_eq!(kit.library.resolve("line\nbreak").unwrap().size_bytes, 4096);
    for name in ["nothing", "docs/a/below", "0000000000000000", "a//b", "../c"] {
        assert!(matches!(kit.library.resolve(name), Err(NameError::NotFound { .. })), "{name}");
    }
    // Whoever names something like an id takes nobody's place by that: neither while it is there nor when it has gone.
    let (id, tricky) = (row.file.to_string(), format!("/{}", row.file));
    kit.put(&tricky, &[11]);
    assert_eq!(kit.library.resolve(&id).unwrap(), row);
    kit.library.remove(row.file, NOW_S).unwrap();
    assert!(matches!(kit.library.resolve(&id), Err(NameError::NotFound { .. })));
    assert_eq!(kit.library.resolve(&tricky).unwrap().path, path(&tricky));
}

#[test]
fn what_is_in_the_trash_is_not_found_by_name_or_id() {
    let kit = filled();
    let file = kit.library.resolve("/docs/a").unwrap().file;
    kit.library.remove(&path("/docs"), NOW_S).unwrap();
    assert!(matches!(kit.library.resolve(&file.to_string()), Err(NameError::NotFound { .. })));
    assert!(kit.library.info(file, None).unwrap().is_trashed);
}

#[test]
fn moving_takes_everything_along() {
    let kit = filled();
    kit.put("/docs/a", &[11]);
    let file = kit.library.resolve("/docs/a").unwrap().file;
    assert_eq!(kit.library.rename(&path("/docs"), &path("/new/papers")).unwrap(), path("/new/papers"));
    assert_eq!(
        kit.names(),
        [
            "/c",
            "/line\nbreak",
            "/new",
            "/new/papers",
            "/new/papers/a",
            "/new/papers/deep",
            "/new/papers/deep/b"
        ]
    );
    assert_eq!(kit.library.resolve("/new/papers/a").unwrap().file, file);
    assert_eq!(kit.library.info(file, Some(VersionNumber(1))).unwrap().versions, 2);
    // Into an existing directory.
    assert_eq!(kit.library.rename(&path("/c"), &path("/new")).unwrap(), path("/new/c"));
    // Onto itself.
    assert_eq!(kit.library.rename(&path("/new/c"), &path("/new/c")).unwrap(), path("/new/c"));
    assert_eq!(kit.library.rename(&path("/new/c"), &path("/new")).unwrap(), path("/new/c"));
    assert_consistent(&kit.file());
}

#[test]
fn moves_that_cannot_be_are_refused_and_change_nothing() {
    let kit = filled();
    let before = kit.names();
    let mv = |from: &str, to: &str| kit.library.rename(&path(from), &path(to)).unwrap_err();
    assert!(matches!(mv("/docs", "/docs/deep/x"), NameError::IntoItself { .. }));
    assert!(matches!(mv("/docs", "/docs/deep"), NameError::IntoItself { .. }));
    assert!(matches!(mv("/docs", "/c"), NameError::Occupied { is_directory: false, .. }));
    assert!(matches!(mv("/docs/a", "/c"), NameError::Occupied { .. }));
    assert!(matches!(mv("/c", "/docs/a/x"), NameError::NotADirectory { path: at } if at == path("/docs/a")));
    assert!(matches!(mv("/nothing", "/x"), NameError::NotFound { .. }));
    assert!(matches!(mv("/", "/x"), NameError::Root));
    assert_eq!(kit.names(), before);
}

#[test]
fn another_name_leaves_everything_where_it_is() {
    let kit = filled();
    let file = kit.library.resolve("/docs/a").unwrap().file;
    let here = |name: &str| kit.library.rename_here(file, name);
    assert_eq!(here("b").unwrap(), path("/docs/b"));
    assert_eq!(here("b").unwrap(), path("/docs/b"));
    // No directory takes it in.
    assert!(matches!(here("deep"), Err(NameError::Occupied { is_directory: true, .. })));
    for name in ["", ".", "..", "deep/a", "/a", &"n".repeat(MAX_NAME_BYTES + 1)] {
        assert!(matches!(here(name), Err(NameError::Path(_))), "{name}");
    }
    // Where it is now, not where somebody saw it.
    kit.library.rename(&path("/docs"), &path("/papers")).unwrap();
    assert_eq!(here("a").unwrap(), path("/papers/a"));
    assert_eq!(kit.names(), ["/c", "/line\nbreak", "/papers", "/papers/a", "/papers/deep", "/papers/deep/b"]);
    kit.library.remove(file, NOW_S).unwrap();
    assert!(matches!(here("x"), Err(NameError::NotFound { .. })));
    let top = kit.library.resolve("/").unwrap().file;
    assert!(matches!(kit.library.rename_here(top, "x"), Err(NameError::Root)));
    assert_consistent(&kit.file());
}

#[test]
fn a_move_never_makes_a_path_that_is_too_long() {
    let kit = Kit::new();
    let name = "n".repeat(MAX_NAME_BYTES);
    let long = format!("/{name}").repeat(100);
    kit.put(&format!("/x{long}"), &[]);
    kit.put(&format!("/y{long}"), &[]);
    let refused = kit.library.rename(&path("/x"), &path(&format!("/y{}", &long[..30 * 256])));
    assert!(matches!(refused, Err(NameError::Path(PathError::TooLong { .. }))), "{refused:?}");
    assert_consistent(&kit.file());
}
