//! Pages of the library for a window.

use layr_node::api::{ListedFile, PageRequest, PageSort, PageState};
use layr_node::error::ErrorCode;

use crate::scene::{Scene, noise};

fn names(rows: &[ListedFile]) -> Vec<String> {
    rows.iter().map(|row| row.name.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_window_reads_the_library_and_the_trash_in_pages() {
    let scene = Scene::new(500, 5).await;
    for index in 0..520 {
        scene.write(&format!("tree/{}/{index:03} Übung", index % 2), &noise(index as u64, 100 + index));
    }
    scene.put(&[&scene.path("tree")]).await.unwrap();
    let plain = scene.owner.ls(Some("/tree"), true, false).await.unwrap().files;
    let files: Vec<_> = plain.iter().filter(|row| row.kind == "file").cloned().collect();
    let search = PageRequest { search: Some("ÜBUNG".to_owned()), limit: 500, ..PageRequest::default() };
    let first = scene.owner.ls_page(search.clone()).await.unwrap();
    let second = scene.owner.ls_page(PageRequest { offset: 500, ..search.clone() }).await.unwrap();
    assert_eq!((first.total, first.rows.len(), second.total, second.rows.len()), (520, 500, 520, 20));
    assert_eq!(names(&[first.rows, second.rows].concat()), names(&files));
    for (state, total) in [(PageState::Safe, 520), (PageState::AtRisk, 0)] {
        let request = PageRequest { state: Some(state), limit: 1, ..PageRequest::default() };
        assert_eq!(scene.owner.ls_page(request).await.unwrap().total, total, "{state:?}");
    }
    let within = PageRequest {
        dir: Some("/tree/1".to_owned()),
        sort: PageSort::Size,
        descending: true,
        limit: 2,
        ..PageRequest::default()
    };
    let page = scene.owner.ls_page(within).await.unwrap();
    assert_eq!(
        (page.total, names(&page.rows)),
        (260, vec!["/tree/1/519 Übung".to_owned(), "/tree/1/517 Übung".to_owned()])
    );
    assert!(page.rows[0].health.is_some());
    let root = scene.owner.ls_page(PageRequest { limit: 10, ..PageRequest::default() }).await.unwrap();
    assert_eq!((root.total, names(&root.rows)), (1, vec!["/tree".to_owned()]));
    scene.owner.rm(vec!["/tree/0".to_owned()]).await.unwrap();
    let trash = PageRequest { trash: true, limit: 10, ..PageRequest::default() };
    let page = scene.owner.ls_page(trash).await.unwrap();
    assert_eq!((page.total, names(&page.rows)), (1, vec!["/tree/0".to_owned()]));
    assert!(page.rows[0].deleted.is_some());
    let long = "x".repeat(5000);
    for wrong in [
        PageRequest { limit: 501, ..PageRequest::default() },
        PageRequest { search: Some(long), limit: 1, ..PageRequest::default() },
    ] {
        assert_eq!(scene.owner.ls_page(wrong).await.unwrap_err().code, ErrorCode::InvalidRequest);
    }
    let nowhere = PageRequest { dir: Some("/nowhere".to_owned()), limit: 1, ..PageRequest::default() };
    assert_eq!(scene.owner.ls_page(nowhere).await.unwrap_err().code, ErrorCode::NotFound);
}
