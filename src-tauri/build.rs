//! Build script of the desktop package: permissions, resources, and the page that goes into the binary.

use std::path::Path;

use tauri_build::{AppManifest, Attributes};

#[macro_use]
#[path = "src/ipc/registry.rs"]
mod registry;

macro_rules! names {
    ($($(#[$doc:meta])* $module:ident::$name:ident($($request:ty)?) -> $answer:ty,)*) => {
        &[$(stringify!($name)),*]
    };
}

/// Every command of the page. Naming them here is what makes them subject to permissions.
const COMMANDS: &[&str] = registry!(names);

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/src/ipc/registry.rs");
    println!("cargo:rerun-if-changed=ui/isolation");
    // Present in a release of the sources, made by the build of the page elsewhere.
    if !Path::new("ui/dist/index.html").exists() {
        println!(
            "cargo:error=the page is not built yet: run `cargo xtask build`, or `npm ci && npm run build` in ui/"
        );
        return;
    }
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
    }
}
