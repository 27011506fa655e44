//! `fix` repairs the tree, keeps everything else as it was, and says what it leaves to a person.

use super::repo::{commit, git, repository};
use super::support::{Scratch, finish, sample, token};
use std::fs;

fn env_text() -> String {
    format!("# Settings\nNAME=shop\nDB_PASSWORD={}\n", sample("generic-password", "{:alnum:14}", 1))
}

/// Every file of the tree and the index.
fn everything(scratch: &Scratch) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![scratch.path("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.display().to_string(), fs::read(path).expect("it is a file")));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn an_environment_file_leaves_the_index_and_nothing_else_changes() {
    let scratch = repository();
    scratch.write(".env", env_text());
    scratch.write("sub/changed.txt", "one\n");
    scratch.write("deleted.txt", "one\n");
    commit(&scratch, "second");
    scratch.write("sub/changed.txt", "two\n");
    scratch.write("sub/added.txt", "new\n");
    scratch.write("intended.txt", "new\n");
    git(&scratch, &["add", "sub"]);
    git(&scratch, &["add", "-N", "intended.txt"]);
    git(&scratch, &["rm", "-q", "--cached", "deleted.txt"]);
    git(&scratch, &["update-index", "--skip-worktree", "README"]);
    scratch.write("sub/changed.txt", "three\n");
    let staged = |scratch: &Scratch| {
        let all = git(scratch, &["ls-files", "-s", "-t"]);
        all.lines().filter(|line| !line.ends_with(".env")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (before, tree) = (staged(&scratch), everything(&scratch));

    let planned = scratch.run(&["fix", "--dry-run"]).expect_status(1);
    assert!(
        planned.stdout.contains("Take out of the index") && planned.stdout.contains("   /.env\n"),
        "{}",
        planned.stdout
    );
    assert_eq!(everything(&scratch), tree, "a dry run changes nothing");

    scratch.run(&["fix"]).expect_status(0);
    assert_eq!(staged(&scratch), before);
    assert_eq!(git(&scratch, &["ls-files", ".env"]), "");
    assert_eq!(fs::read_to_string(scratch.path(".env")).expect("it stays"), env_text());
    assert_eq!(fs::read_to_string(scratch.path(".gitignore")).expect("written"), "/.env\n");
    assert_eq!(fs::read_to_string(scratch.path(".env.example")).expect("written"), "# Settings\nNAME=\nDB_PASSWORD=\n");
    git(&scratch, &["fsck", "--strict"]);
    assert_eq!(git(&scratch, &["diff", "--name-only"]), "intended.txt\nsub/changed.txt\n");
    let after = everything(&scratch);
    let again = scratch.run(&["fix"]).expect_status(0);
    assert!(again.stdout.starts_with("nothing to repair"), "{}", again.stdout);
    // Git itself may have looked at the index in between, which refreshes it.
    let files =
        |all: Vec<(String, Vec<u8>)>| all.into_iter().filter(|(name, _)| !name.ends_with("index")).collect::<Vec<_>>();
    assert_eq!(files(everything(&scratch)), files(after));
    scratch.write(".gitignore", "/.env\n*.log\n");
    git(&scratch, &["add", ".gitignore", ".env.example"]);
    git(&scratch, &["commit", "-q", "-m", "third"]);
    assert_eq!(git(&scratch, &["show", "HEAD:sub/changed.txt"]), "two\n");
}

#[test]
fn an_index_that_cannot_be_written_as_it_was_is_left_alone() {
    for (prepare, said) in [
        (&["locked"][..], "another git is at work here"),
        (&["merge"], "a merge with conflicts"),
        (&["update-index", "--split-index"], "the index is split"),
        (&["sparse"], "the index is sparse"),
    ] {
        let scratch = repository();
        scratch.write(".env", env_text());
        scratch.write("both.txt", "one\n");
        scratch.write("folder/deep/a.txt", "one\n");
        commit(&scratch, "second");
        match prepare {
            ["locked"] => drop(scratch.write(".git/index.lock", "")),
            ["merge"] => {
                git(&scratch, &["checkout", "-q", "-b", "other"]);
                scratch.write("both.txt", "two\n");
                commit(&scratch, "other");
                git(&scratch, &["checkout", "-q", "main"]);
                scratch.write("both.txt", "three\n");
                commit(&scratch, "main");
                finish(scratch.program("git", &scratch.path("")).args(["merge", "-q", "other"]), b"");
            }
            ["sparse"] => {
                git(&scratch, &["sparse-checkout", "init", "--cone", "--sparse-index"]);
            }
            other => drop(git(&scratch, other)),
        }
        let before = everything(&scratch);
        let ran = scratch.run(&["fix"]).expect_status(2);
        assert!(ran.stderr.contains(said), "{prepare:?}: {}", ran.stderr);
        assert_eq!(everything(&scratch), before, "{prepare:?}");
    }
}

#[test]
fn every_form_of_index_is_read_by_git_afterwards() {
    for form in [
        &["update-index", "--index-version", "4"][..],
        &["config", "index.skipHash", "true"],
        &["config", "core.untrackedCache", "true"],
    ] {
        let scratch = repository();
        scratch.write(".env", env_text());
        for n in 0..20 {
            scratch.write(format!("a/b{n}/c.txt"), format!("{n}\n"));
        }
        git(&scratch, form);
        commit(&scratch, "second");
        scratch.run(&["fix"]).expect_status(0);
        assert_eq!(git(&scratch, &["diff", "--cached", "--name-status"]), "D\t.env\n", "{form:?}");
        git(&scratch, &["commit", "-q", "-m", "third"]);
        assert_eq!(git(&scratch, &["ls-tree", "-r", "--name-only", "HEAD"]).lines().count(), 21);
        git(&scratch, &["fsck"]);
    }
}

#[test]
fn the_line_goes_where_it_holds() {
    let scratch = repository();
    scratch.write(".gitignore", "*.log\n*.env\n");
    scratch.write("app/.gitignore", "# ours\r\n!*.env\r\nout/");
    scratch.write("app/deep/prod.env", env_text());
    scratch.write("b [x]/.env", env_text());
    git(&scratch, &["add", "-f", "-A"]);
    git(&scratch, &["commit", "-q", "-m", "second"]);
    let ran = scratch.run(&["fix"]).expect_status(0);
    assert!(ran.stdout.contains("/deep/prod.env (below line 2, which takes it back)"), "{}", ran.stdout);
    assert_eq!(
        fs::read_to_string(scratch.path("app/.gitignore")).expect("it is there"),
        "# ours\r\n!*.env\r\nout/\r\n/deep/prod.env\r\n"
    );
    // `*.env` covers this one, so no line is needed.
    assert_eq!(fs::read_to_string(scratch.path(".gitignore")).expect("it is there"), "*.log\n*.env\n");
    assert_eq!(git(&scratch, &["check-ignore", "app/deep/prod.env", "b [x]/.env"]).lines().count(), 2);
}

#[test]
fn a_template_gets_the_keys_it_lacks() {
    let scratch = repository();
    let token = token(1);
    scratch.write(".env", format!("A=1\n# {token}\nB=two\n#OLD={token}\nGITHUB_TOKEN={token}\n"));
    scratch.write(".env.sample", "# ours\nA=default\n");
    scratch.write("sub/.env", format!("# {token}\n# host\n#OLD={token}\nA={token}\n"));
    scratch.run(&["fix"]).expect_status(0);
    let read = |name: &str| fs::read_to_string(scratch.path(name)).unwrap_or_default();
    assert_eq!(read(".env.sample"), "# ours\nA=default\nB=\nGITHUB_TOKEN=\n");
    assert_eq!(read("sub/.env.example"), "# host\n# OLD=\nA=\n");
    assert_eq!(read(".env.example"), "");
}

#[test]
fn a_key_file_leaves_the_index() {
    let scratch = repository();
    let key = sample("pem-pkcs8-private-key", "{@pem:PRIVATE KEY}", 3);
    scratch.write("deploy/server.pem", format!("{key}\n"));
    commit(&scratch, "second");
    let ran = scratch.run(&["fix"]).expect_status(0);
    assert!(ran.stdout.contains("   deploy/server.pem\n"), "{}", ran.stdout);
    assert_eq!(git(&scratch, &["ls-files", "deploy"]), "", "{}", ran.stdout);
    assert!(!scratch.path("deploy/server.pem.example").exists());
}

/// A file with `@` for the token, what it becomes, and a program that says whether it is valid.
const CODE: &[(&str, &str, &str, &[&str])] = &[
    (
        "a.py",
        "# it's\nimport re\n\nTOKEN = '@'  # of prod\n",
        "# it's\nimport os\nimport re\n\nTOKEN = os.environ[\"TOKEN\"]  # of prod\n",
        &["python3", "-m", "py_compile"],
    ),
    (
        "b.py",
        "import os\nf(token=\"@\", x=[1])\n",
        "import os\nf(token=os.environ[\"TOKEN\"], x=[1])\n",
        &["python3", "-m", "py_compile"],
    ),
    (
        "a.js",
        "const api = { token: `@`, a: \"it's\" };\r\n",
        "const api = { token: process.env.TOKEN, a: \"it's\" };\r\n",
        &["node", "--check"],
    ),
    ("a.ts", "export const token: string = '@';\n", "export const token: string = process.env.TOKEN!;\n", &[]),
    ("a.rb", "token = '@'\n", "token = ENV.fetch(\"TOKEN\")\n", &["ruby", "-c"]),
    (
        "a.go",
        "package main\n\nimport \"fmt\"\n\nvar token = \"@\"\n\nfunc main() { fmt.Println(len(token)) }\n",
        "package main\n\nimport \"os\"\n\nimport \"fmt\"\n\nvar token = os.Getenv(\"TOKEN\")\n\nfunc main() { fmt.Println(len(token)) }\n",
        &["gofmt", "-e"],
    ),
    (
        "a.rs",
        "fn main() {\n    let token = \"@\";\n    let b: String = \"@\".to_string();\n    println!(\"{}\", token.len() + b.len());\n}\n",
        "fn main() {\n    let token: &str = &std::env::var(\"TOKEN\").expect(\"TOKEN is set\");\n    let b: String = std::env::var(\"TOKEN\").expect(\"TOKEN is set\");\n    println!(\"{}\", token.len() + b.len());\n}\n",
        &["rustc", "--emit=metadata", "--out-dir", "/tmp"],
    ),
    ("a.php", "<?php\n$token = '@';\n", "<?php\n$token = getenv('TOKEN');\n", &["php", "-l"]),
    ("A.java", "class A { String token = \"@\"; }\n", "class A { String token = System.getenv(\"TOKEN\"); }\n", &[]),
    (
        "a.cs",
        "class A { static string token = \"@\"; }\n",
        "class A { static string token = System.Environment.GetEnvironmentVariable(\"TOKEN\"); }\n",
        &[],
    ),
    ("a.sh", "export TOKEN=@\nB=\"@\"\n", "export TOKEN=\"${TOKEN}\"\nB=\"${TOKEN}\"\n", &["bash", "-n"]),
    (
        "docker-compose.yml",
        "services:\n  a:\n    environment:\n      TOKEN: @\n      B: \"@\"\n",
        "services:\n  a:\n    environment:\n      TOKEN: ${TOKEN}\n      B: \"${TOKEN}\"\n",
        &[],
    ),
];

#[test]
fn a_literal_becomes_a_variable_where_that_is_valid() {
    for (name, before, after, check) in CODE {
        let scratch = repository();
        let token = token(7);
        let path = scratch.write(name, before.replace('@', &token));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("the file is ours");
        }
        let planned = scratch.run(&["fix", "--write", "--dry-run"]).expect_status(1);
        assert!(fs::read_to_string(&path).expect("it is there").contains(&token));
        let waiting = scratch.run(&["fix"]).expect_status(1);
        assert!(fs::read_to_string(&path).expect("it is there").contains(&token), "not without --write");
        let ran = scratch.run(&["fix", "--write"]);
        assert_eq!(&fs::read_to_string(&path).expect("it is there"), after, "{name}: {}", ran.stdout);
        assert_eq!(ran.status, 0, "{name}: {}", ran.stdout);
        for text in [&planned.stdout, &waiting.stdout, &ran.stdout] {
            assert!(!text.contains(&token[4..]), "{text}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o750, "{name}");
        }
        assert!(everything(&scratch).iter().all(|(file, bytes)| {
            file.contains("/.git/") || memchr::memmem::find(bytes, token.as_bytes()).is_none()
        }));
        scratch.run(&["fix", "--write"]).expect_status(0);
        let runs = |program: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
                && finish(scratch.program(program, &scratch.path("")).arg("--version"), b"").status == 0
        };
        if let [program, args @ ..] = check
            && runs(program)
        {
            let checked = finish(scratch.program(program, &scratch.path("")).args(args.iter()).arg(&path), b"");
            assert_eq!(checked.status, 0, "{name}: {}", checked.stderr);
        }
    }
}

#[test]
fn what_is_no_mechanical_step_is_left_to_a_person() {
    for (name, text, why) in [
        ("a.py", "x = 'Bearer @'\n", "no whole string literal"),
        ("a.py", "x = f'@'\n", "with a prefix"),
        ("a.py", "# token = '@'\n", "no whole string literal"),
        ("a.go", "package a\n\nconst token = \"@\"\n", "a constant"),
        ("a.rs", "const TOKEN: &str = \"@\";\n", "borrowed for ever"),
        ("a.jsx", "const a = <Pay token=\"@\" />;\n", "attribute of a tag"),
        ("a.sh", "cat <<'E'\ntoken='@'\nE\n", "here-document"),
        ("a.yaml", "token: @\n", "no such step is known"),
    ] {
        let scratch = repository();
        let text = text.replace('@', &token(8));
        scratch.write(name, &text);
        let ran = scratch.run(&["fix", "--write"]).expect_status(1);
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{name}: {said}");
        assert_eq!(fs::read_to_string(scratch.path(name)).expect("it is there"), text);
    }
}

#[test]
fn a_file_that_is_a_link_is_left_alone() {
    let scratch = repository();
    scratch.write(".env", env_text());
    git(&scratch, &["add", "-A"]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../elsewhere", scratch.path(".gitignore")).expect("the name is free");
    let ran = scratch.run(&["fix"]).expect_status(i32::from(cfg!(unix)));
    assert!(!scratch.outside().join("elsewhere").exists(), "{}", ran.stdout);
    assert_eq!(git(&scratch, &["ls-files", ".env"]), "");
}
