//! The picture in the README is drawn from a real run of the hook, and compared with one.

use super::repo::{git, repository};
use super::support::{sample, token};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/images/block.svg");
/// Of a character, in pixels.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const MARGIN: f64 = 18.0;

/// What `git commit` prints: a token and an environment file are staged.
fn printed() -> String {
    let scratch = repository();
    scratch.write("config/deploy.yml", format!("# deployment\ntoken: {}\n", token(1)));
    scratch.write(".env", sample("generic-password", "SHOP_NAME=lamps\nDB_PASSWORD={:alnum:14}\n", 1));
    git(&scratch, &["add", "-A"]);
    let ran = scratch.run(&["--color", "always", "hook", "run", "pre-commit"]).expect_status(1);
    format!("$ git commit -m \"Deploy from CI\"\n{}", ran.stderr)
}

#[test]
#[ignore = "writes the picture; docs/images/make.sh"]
fn make_the_picture() {
    fs::write(PICTURE, svg(&printed())).expect("the folder is there");
}

#[test]
fn the_picture_is_what_the_program_prints() {
    let picture = fs::read_to_string(PICTURE).expect("docs/images/make.sh draws it");
    let now = svg(&printed());
    assert_eq!(steady(&picture), steady(&now), "the picture is stale: run docs/images/make.sh");
    assert!(picture.contains("SECURITY BREACH"));
    assert!(!picture.contains(&token(1)[4..12]), "no picture shows a secret");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("it is there");
    assert!(readme.contains("(docs/images/block.svg)"));
}

/// Without the line that says how long it took and with how many rules.
fn steady(svg: &str) -> String {
    svg.lines().filter(|line| !(line.contains(">read ") && line.contains(" rules"))).collect::<Vec<_>>().join("\n")
}

#[derive(Clone, Copy, PartialEq)]
struct Style {
    bold: bool,
    dim: bool,
    color: Option<u8>,
}

const PLAIN: Style = Style { bold: false, dim: false, color: None };

fn svg(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let columns = lines.iter().map(|line| runs(line).iter().map(|run| run.1.chars().count()).sum()).max().unwrap_or(80);
    let (width, height) = (columns as f64 * WIDTH + 2.0 * MARGIN, lines.len() as f64 * HEIGHT + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
         <title>The message that blocks a commit</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#14171c\"/>\n"
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + (number as f64 + 0.75) * HEIGHT;
        let mut column = 0;
        for (style, text) in runs(line) {
            let length = text.chars().count();
            let blanks = length - text.trim_start().chars().count();
            let shown = text.trim_start();
            if !shown.is_empty() {
                let (x, wide) = (MARGIN + (column + blanks) as f64 * WIDTH, shown.chars().count() as f64 * WIDTH);
                let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
                let _ = writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{wide:.1}\" xml:space=\"preserve\" fill=\"{}\"{weight}>{}</text>",
                    fill(style),
                    shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
                );
            }
            column += length;
        }
    }
    out.push_str("</svg>\n");
    out
}

const fn fill(style: Style) -> &'static str {
    match style.color {
        Some(1) => "#ff6b68",
        Some(2) => "#7fd88f",
        Some(3) => "#f2c66d",
        Some(4) => "#7aa8ff",
        Some(6) => "#6fd3e0",
        _ if style.dim => "#8a929e",
        _ => "#e3e6ea",
    }
}

/// A line in parts of one style each.
fn runs(line: &str) -> Vec<(Style, String)> {
    let (mut runs, mut style): (Vec<(Style, String)>, Style) = (Vec::new(), PLAIN);
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        push(&mut runs, style, before);
        let (codes, behind) = after.split_once('m').expect("nothing but colours is written");
        for code in codes.split(';') {
            style = match code.parse().unwrap_or(0) {
                0_u8 => PLAIN,
                1 => Style { bold: true, ..style },
                2 => Style { dim: true, ..style },
                code @ 30..=37 => Style { color: Some(code - 30), ..style },
                code @ 90..=97 => Style { color: Some(code - 90), ..style },
                code => panic!("no colour is known for {code}"),
            };
        }
        rest = behind;
    }
    push(&mut runs, style, rest);
    runs
}

fn push(runs: &mut Vec<(Style, String)>, style: Style, text: &str) {
    match runs.last_mut() {
        Some((last, known)) if *last == style => known.push_str(text),
        _ if text.is_empty() => {}
        _ => runs.push((style, text.to_owned())),
    }
}
