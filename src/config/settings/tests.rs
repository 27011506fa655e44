//! Tests of the module above.

use super::*;
use proptest::prelude::*;

fn sourced<T: fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Sourced<T>> {
    let origin = prop_oneof![
        Just(Origin::Flag("--flag")),
        (1u64..5).prop_map(|line| Origin::File { path: "plainsight.toml".into(), line }),
    ];
    (value, origin).prop_map(|(value, origin)| Sourced { value, origin })
}

fn words() -> impl Strategy<Value = Vec<Sourced<String>>> {
    prop::collection::vec(sourced("[a-c]"), 0..4)
}

prop_compose! {
    fn layers()(
        file in prop::option::of("[a-c]"),
        folders in words(),
        disable in words(),
        only in words(),
        exclude in words(),
        fail_on in prop::option::of(sourced(prop::sample::select(FailOn::ALL.to_vec()))),
        min_severity in prop::option::of(sourced(prop::sample::select(vec![Severity::Low, Severity::High]))),
        max_size in prop::option::of(sourced(1u64..9)),
        allow in prop::collection::vec("[a-c]", 0..3),
    ) -> Layer {
        let folder = |word: Sourced<String>| Sourced { value: word.value.into(), origin: word.origin };
        let entry = |origin| Entry {
            origin, reason: "x".into(), expires: None, owner: None, id: None, rule: None, paths: None, value_sha256: None, whole_file: true,
        };
        Layer {
            file: file.map(PathBuf::from),
            rule_folders: folders.into_iter().map(folder).collect(),
            disable, only, fail_on, min_severity, exclude, max_size,
            allow: allow.into_iter().map(entry).collect(),
        }
    }
}

proptest! {
    #[test]
    fn merged_with_nothing_is_itself(layer in layers()) {
        prop_assert_eq!(layer.clone().under(Layer::default()), layer.clone());
        prop_assert_eq!(Layer::default().under(layer.clone()), layer);
    }

    #[test]
    fn which_two_of_three_are_merged_first_does_not_matter(a in layers(), b in layers(), c in layers()) {
        let left = a.clone().under(b.clone()).under(c.clone());
        prop_assert_eq!(left, a.under(b.under(c)));
    }

    #[test]
    fn the_upper_wins_and_no_item_is_lost(lower in layers(), upper in layers()) {
        let merged = lower.clone().under(upper.clone());
        prop_assert_eq!(&merged.fail_on, if upper.fail_on.is_some() { &upper.fail_on } else { &lower.fail_on });
        prop_assert_eq!(&merged.max_size, if upper.max_size.is_some() { &upper.max_size } else { &lower.max_size });
        prop_assert_eq!(merged.disable.len(), lower.disable.len() + upper.disable.len());
        prop_assert_eq!(merged.allow.len(), lower.allow.len() + upper.allow.len());
    }

    #[test]
    fn a_layer_twice_means_what_it_means_once(layer in layers()) {
        let globs_and_allowances = |mut settings: Settings| {
            settings.exclude.clear();
            settings.allow.clear();
            settings
        };
        let (once, twice) = (Settings::merge([layer.clone()]), Settings::merge([layer.clone(), layer]));
        prop_assert_eq!(globs_and_allowances(once), globs_and_allowances(twice));
    }
}

#[test]
fn nothing_said_is_the_default() {
    let settings = Settings::merge([]);
    assert_eq!(settings, Settings::merge([Layer::default(), Layer::default()]));
    assert_eq!((settings.gate(), settings.max_size.value), (Gate::default(), DEFAULT_MAX_SIZE));
    assert!(settings.keeps("anything") && settings.exclude_globs().is_ok_and(|globs| globs.is_empty()));
}

#[test]
fn rules_are_kept_by_id() {
    let ids = |ids: &[&str]| ids.iter().map(|id| Sourced::flag((*id).to_owned(), "--only")).collect::<Vec<_>>();
    for (only, disable, kept) in [
        (&[][..], &[][..], true),
        (&["a"], &[], true),
        (&["b"], &[], false),
        (&["a"], &["a"], false),
        (&[], &["b"], true),
    ] {
        let layer = Layer { only: ids(only), disable: ids(disable), ..Layer::default() };
        assert_eq!(Settings::merge([layer]).keeps("a"), kept, "{only:?} {disable:?}");
    }
}

#[test]
fn an_unknown_rule_is_an_error_that_names_the_nearest() {
    let origin = Origin::File { path: "r/plainsight.toml".into(), line: 3 };
    let layer = Layer { disable: vec![Sourced { value: "aws-acess-key".into(), origin }], ..Layer::default() };
    let known = ["aws-access-key", "stripe-key"];
    let error = Settings::merge([layer]).check_rule_ids(&known).map_err(|error| error.to_string());
    assert_eq!(
        error,
        Err("plainsight.toml:3: there is no rule `aws-acess-key`; did you mean `aws-access-key`?".to_owned())
    );
}

#[test]
fn an_allowance_for_an_unknown_rule_is_a_note() -> crate::config::Result<()> {
    let text = b"[[allow]]\nreason = \"x\"\nrule = \"stripe-keys\"\nwhole_file = true\n";
    let settings = Settings::merge([crate::config::parse(text, Path::new("plainsight.toml"))?]);
    let notes = settings.check_rule_ids(&["stripe-key"])?;
    assert_eq!(
        notes,
        [
            "plainsight.toml:1: this [[allow]] is for a rule `stripe-keys` that does not exist; did you mean `stripe-key`?"
        ]
    );
    Ok(())
}

#[test]
fn words_are_read_as_they_are_shown() {
    for value in FailOn::ALL {
        assert_eq!(value.as_str().parse(), Ok(value));
    }
    assert!("Likely".parse::<FailOn>().is_err());
    assert!(severity("critical") == Ok(Severity::Critical) && severity("").is_err());
}
