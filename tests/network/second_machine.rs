use layr_suites::{Devnet, sample};

use crate::PROGRAM;

#[test]
fn a_manifest_and_the_words_bring_a_file_to_a_second_machine() {
    let net = Devnet::start(PROGRAM, 4);
    let owner = &net.owner.layr;
    let file = net.dir().join("letter.txt");
    std::fs::write(&file, sample::noise(5, 3 << 20)).unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);
    let sealed = net.dir().join("sealed.layr");
    owner.ok(&["export", "/letter.txt", "--private", "-o", sealed.to_str().unwrap()]);
    let bearer = net.dir().join("bearer.layr");
    owner.ok(&["export", "/letter.txt", "-o", bearer.to_str().unwrap()]);

    let mut second = net.new_home("second", Some(&net.phrase()));
    second.start(&["--listen", "/ip4/127.0.0.1/tcp/0"]);
    second.layr.ok(&["import", sealed.to_str().unwrap()]);
    let back = net.dir().join("back");
    second.layr.ok(&["get", "/letter.txt", "-o", back.to_str().unwrap()]);
    sample::assert_same(&file, &back);

    // Somebody else: the sealed one stays shut, the bearer one opens, without an import too.
    let mut friend = net.new_home("friend", None);
    friend.start(&["--listen", "/ip4/127.0.0.1/tcp/0"]);
    friend.layr.fails(8, &["import", sealed.to_str().unwrap()]);
    let got = net.dir().join("got");
    friend.layr.ok(&["get", bearer.to_str().unwrap(), "-o", got.to_str().unwrap()]);
    sample::assert_same(&file, &got);
    friend.layr.ok(&["import", bearer.to_str().unwrap()]);
    assert_eq!(friend.layr.ok(&["ls"])["files"][0]["name"], "/letter.txt");
}
