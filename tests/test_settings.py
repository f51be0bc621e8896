"""Settings: one name each in four places, checked before anything is started."""

from dataclasses import asdict, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from replayer.core.modes import Mode
from replayer.errors import UsageError, unknown
from replayer.settings import TYPES, Settings, authorization
from replayer.settings.written import plain_origin


def load(folder: Path, *, project: str = "", environment: dict[str, str] | None = None, **given: Any) -> Settings:
    """The settings of a project with that `[tool.replayer]` table."""
    if project:
        (folder / "pyproject.toml").write_text(f"[tool.replayer]\n{project}", "utf-8")
    return Settings.load(given, folder=folder, environment=environment or {})


def test_settings_have_these_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings(
        cassette="",
        root=".",
        upstream="",
        origin="",
        record_mode="none",
        epoch="",
        port=0,
        body_limit=8 * 1024 * 1024,
        timeout=80.0,
        lenient=False,
        on_miss="",
        allow_live=False,
        rules="",
    )


@pytest.mark.parametrize("place", ["project", "environment", "python"])
def test_a_session_can_be_gone_on_with_by_one_name_everywhere(tmp_path: Path, place: str) -> None:
    settings = {
        "project": load(tmp_path, project='on_miss = "sandbox"'),
        "environment": load(tmp_path, project="", environment={"REPLAYER_ON_MISS": "sandbox"}),
        "python": load(tmp_path, project="", on_miss="sandbox"),
    }
    assert settings[place].on_miss == "sandbox"


def test_a_state_that_was_never_recorded_is_answered_in_one_way_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"answered by lenient or by on_miss, not by both\. Leave one out\."):
        load(tmp_path, on_miss="sandbox", lenient=True)
    with pytest.raises(
        UsageError, match=r"With strict nothing is answered but what was recorded, with on_miss more\. Leave one out\."
    ):
        load(tmp_path, on_miss="sandbox", strict=True)


def test_another_answer_to_a_miss_gets_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, on_miss="sandbx")
    assert str(error.value) == "'sandbx' is not a way to answer a miss. Did you mean 'sandbox'?"


def test_every_setting_has_a_type_that_is_checked() -> None:
    assert set(TYPES) == {field.name for field in fields(Settings)}


def test_what_comes_later_wins(tmp_path: Path) -> None:
    project, environment = "port = 1\ntimeout = 1\nlenient = true", {"REPLAYER_PORT": "2", "REPLAYER_TIMEOUT": "2.5"}
    settings = load(tmp_path, project=project, environment=environment, port=3)
    assert (settings.port, settings.timeout, settings.lenient) == (3, 2.5, True)


def test_none_and_an_empty_variable_mean_not_given(tmp_path: Path) -> None:
    settings = load(tmp_path, project="port = 7", environment={"REPLAYER_PORT": "", "OTHER_PORT": "1"}, port=None)
    assert settings.port == 7


def test_the_nearest_project_upwards_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.replayer]\nport = 7", "utf-8")
    assert load(inner).port == 7
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'a'", "utf-8")
    assert load(inner).port == 0


def test_a_path_is_text_too(tmp_path: Path) -> None:
    assert load(tmp_path, cassette=Path("a") / "b.yaml").cassette == str(Path("a") / "b.yaml")


@pytest.mark.parametrize("text", ["1", "true", "YES", "On"])
def test_these_words_switch_on(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, environment={"REPLAYER_LENIENT": text}).lenient is True


@pytest.mark.parametrize("text", ["0", "false", "No", "OFF"])
def test_these_words_switch_off(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, project="lenient = true", environment={"REPLAYER_LENIENT": text}).lenient is False


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"REPLAYER_PROT": "1"}, "'prot' is not a setting (in environment). Did you mean 'root'?"),
        ({"REPLAYER_RECORD_MOD": "all"}, "'record_mod' is not a setting (in environment). Did you mean 'record_mode'?"),
        ({"REPLAYER_PORT": "x"}, "The setting port (in environment) must be a whole number, not 'x'."),
        ({"REPLAYER_TIMEOUT": "soon"}, "The setting timeout (in environment) must be a number, not 'soon'."),
        ({"REPLAYER_LENIENT": "perhaps"}, "The setting lenient (in environment) must be true or false, not 'perhaps'."),
        ({"REPLAYER_RECORD_MODE": "al"}, "'al' is not a record mode. Did you mean 'all'?"),
        ({"REPLAYER_EPOCH": "9999-12-31"}, "The epoch '9999-12-31' is too far away. Use one between 1974 and 2286."),
        ({"REPLAYER_PORT": "70000"}, "Port 70000 does not exist. Use one from 1 to 65535, or 0 for any."),
        ({"REPLAYER_PORT": "-1"}, "Port -1 does not exist. Use one from 1 to 65535, or 0 for any."),
        (
            {"REPLAYER_PORT": "9" * 5_000},
            f"The setting port (in environment) must be a whole number, not '{'9' * 5_000}'.",
        ),
        ({"REPLAYER_TIMEOUT": "0"}, "The body limit and the timeout must be more than nothing."),
        ({"REPLAYER_TIMEOUT": "nan"}, "The body limit and the timeout must be more than nothing."),
        (
            {"REPLAYER_IDLE_TIMEOUT": "-1"},
            "The timeouts of streams, of requests and of idle connections must be more than nothing.",
        ),
        ({"REPLAYER_BODY_LIMIT": "0"}, "The body limit and the timeout must be more than nothing."),
        (
            {"REPLAYER_EPOCH": "yesterday"},
            "The epoch 'yesterday' is no time. Use one like 2026-01-01 or 2026-01-01T00:00:00Z.",
        ),
    ],
)
def test_a_wrong_setting_says_what_where_and_what_was_meant(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, environment=environment)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("port = 'x'", "The setting port (in [tool.replayer]) must be a whole number, not 'x'."),
        ("port = true", "The setting port (in [tool.replayer]) must be a whole number, not True."),
        ("port = 1.5", "The setting port (in [tool.replayer]) must be a whole number, not 1.5."),
        ("lenient = 1", "The setting lenient (in [tool.replayer]) must be true or false, not 1."),
        ("cassette = 1", "The setting cassette (in [tool.replayer]) must be text, not 1."),
        ("timeout = false", "The setting timeout (in [tool.replayer]) must be a number, not False."),
    ],
)
def test_a_value_of_the_wrong_type_in_a_project_is_refused(tmp_path: Path, project: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, project=project)
    assert str(error.value) == said


def test_a_wrong_name_in_python_needs_no_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^'recordmode' is not a setting. Did you mean 'record_mode'\?$"):
        load(tmp_path, recordmode="all")


def test_a_name_that_is_like_none_gets_all_of_them() -> None:
    assert str(unknown("zzz", "matcher", ["query", "path"])) == "'zzz' is not a matcher. There are: query, path."


def test_a_project_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, project="port = [")
    assert str(error.value).startswith(f"{tmp_path / 'pyproject.toml'} cannot be read: ")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01", 1_767_225_600),
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600),
        ("", None),
    ],
)
def test_an_epoch_without_a_zone_is_utc(tmp_path: Path, text: str, seconds: int | None) -> None:
    assert load(tmp_path, epoch=text).epoch_seconds == seconds


def test_a_mode_is_known_by_its_name(tmp_path: Path) -> None:
    assert load(tmp_path, record_mode="new_episodes").mode is Mode.NEW_EPISODES


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.stripe.com", "https://api.stripe.com"),
        ("https://api.stripe.com/", "https://api.stripe.com"),
        ("HTTPS://API.Stripe.Com:8443", "https://api.stripe.com:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80"),
        ("http://[::1]:4000/", "http://[::1]:4000"),
    ],
)
def test_an_origin_is_brought_into_its_plain_form(tmp_path: Path, url: str, expected: str) -> None:
    assert plain_origin(url, "upstream") == expected
    settings = load(tmp_path, upstream=url, origin=url)
    assert (settings.upstream, settings.origin) == (expected, expected)


def test_the_sandbox_is_an_upstream_and_no_origin(tmp_path: Path) -> None:
    assert load(tmp_path, upstream="sandbox").upstream == "sandbox"
    with pytest.raises(UsageError, match="The origin 'sandbox' is no address"):
        load(tmp_path, origin="sandbox")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "api.stripe.com",
            "The upstream 'api.stripe.com' is no address. Use one like https://api.stripe.com, or 'sandbox'.",
        ),
        ("ftp://a", "The upstream 'ftp://a' is no address. Use one like https://api.stripe.com, or 'sandbox'."),
        (
            "https://*.a.io",
            "The upstream 'https://*.a.io' is no address. Use one like https://api.stripe.com, or 'sandbox'.",
        ),
        ("https://", "The upstream 'https://' is no address. Use one like https://api.stripe.com, or 'sandbox'."),
        ("http://a:99999", "The upstream 'http://a:99999' is no address. Use one like https://api.stripe.com."),
        ("http://[::1", "The upstream 'http://[::1' is no address. Use one like https://api.stripe.com."),
        ("https://a/v1", "The upstream 'https://a/v1' has a path. Give only its origin: https://a."),
        ("https://a?b=c", "The upstream 'https://a?b=c' has a path. Give only its origin: https://a."),
        ("https://a#b", "The upstream 'https://a#b' has a path. Give only its origin: https://a."),
    ],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, upstream=url)
    assert str(error.value) == said


@pytest.mark.parametrize("url", ["https://sk_test_x@a", "https://user:secret-word@a", "https://:secret-word@a"])
def test_an_origin_with_credentials_is_refused_without_telling_them(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, upstream=url)
    assert str(error.value) == "The upstream must hold no credentials: each request brings its own."


# -- rules: a name or a table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("project", "environment", "given", "name", "table"),
    [
        ("", "", None, "", {}),
        ("rules = 'generic'", "", None, "generic", {}),
        ("rules = 'generic'", "invoice", None, "invoice", {}),
        ("", "", "generic", "generic", {}),
        ("rules.times = ['seen']", "", None, "", {"times": ["seen"]}),
        ("rules.base = 'generic'", "", None, "generic", {}),
        ("rules.base = 'generic'\nrules.times = ['seen']", "", "invoice", "invoice", {"times": ["seen"]}),
        ("rules.times = ['seen']", "generic", None, "generic", {"times": ["seen"]}),
        ("rules.times = ['seen']", "", {"base": "generic"}, "generic", {"times": ["seen"]}),
        (
            "rules.times = ['seen']",
            "",
            {"times": ["told"], "born": ["told"]},
            "",
            {"times": ["told"], "born": ["told"]},
        ),
        ("rules = 'generic'", "", {"times": ["told"]}, "generic", {"times": ["told"]}),
        ("rules.times = ['seen']", "", "", "", {"times": ["seen"]}),
    ],
)
def test_a_name_chooses_rules_and_a_table_extends_them_wherever_they_stand(
    tmp_path: Path, project: str, environment: str, given: Any, name: str, table: dict[str, Any]
) -> None:
    settings = load(tmp_path, project=project, environment={"REPLAYER_RULES": environment}, rules=given)
    assert settings.rules_name == name
    assert {key: value for key, value in settings.rules_table.items() if key != "base"} == table


def test_settings_with_a_table_of_rules_can_be_given_on(tmp_path: Path) -> None:
    settings = load(tmp_path, rules=MappingProxyType({"base": "generic", "tokens": [{"field": "ticket"}]}))
    again = Settings.load(asdict(settings), folder=tmp_path, environment={})
    assert again == settings


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("rules = 5", "The setting rules (in [tool.replayer]) must be text or a table, not 5."),
        ("rules = 'genric'", "'genric' is not a set of rules. Did you mean 'generic'?"),
        ("rules.base = 'stripe'", "'stripe' is not a set of rules. There are: invoice, generic."),
        ("rules.base = 1", "rules.base must be the name of a set of rules, not 1."),
        ("rules.tims = ['x']", "'tims' is not a key of rules. Did you mean 'times'?"),
        ("rules.times = 'x'", "rules.times must be a list of names, not 'x'."),
        ("[[tool.replayer.rules.tokens]]\nfield = 1", "rules.tokens[0].field must be a text, not 1."),
    ],
)
def test_wrong_rules_are_refused_at_the_start(tmp_path: Path, project: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, project=project)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("given", "fields"),
    [("", ()), ("email", ("email",)), ("a[b], c ,", ("a[b]", "c")), (["a", "b[c]"], ("a", "b[c]"))],
)
def test_volatile_fields_are_a_list_or_one_text(given: object, fields: tuple[str, ...], tmp_path: Path) -> None:
    assert load(tmp_path, volatile=given).volatile_fields == fields
    if isinstance(given, str):
        assert load(tmp_path, environment={"REPLAYER_VOLATILE": given}).volatile_fields == fields


def test_a_field_that_is_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="volatile must hold names of fields"):
        load(tmp_path, volatile=["a", 1])


def test_a_wrong_way_to_show_times_gets_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'frosen' is not a way to show times\. Did you mean 'frozen'"):
        load(tmp_path, time="frosen")


# -- the authorization ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ("sk_test_1", "Bearer sk_test_1"),
        (" sk_test_1\n", "Bearer sk_test_1"),
        ("Bearer sk_test_1", "Bearer sk_test_1"),
        ("Basic c2tfdGVzdF8xOg==", "Basic c2tfdGVzdF8xOg=="),
        ("", ""),
    ],
)
def test_a_bare_key_is_one_for_bearer(given: str, header: str) -> None:
    assert authorization({"REPLAYER_AUTHORIZATION": given}) == header
    assert authorization({}) == ""


def test_a_key_that_no_header_can_hold_is_refused_without_being_told() -> None:
    with pytest.raises(UsageError) as error:
        authorization({"REPLAYER_AUTHORIZATION": "sk_test\r\nX: 1"})
    assert "sk_test" not in str(error.value)


def test_the_key_is_no_setting_and_in_no_other_place(tmp_path: Path) -> None:
    assert load(tmp_path, environment={"REPLAYER_AUTHORIZATION": "sk_test_1"}) == Settings()
    said = r"^The authorization may be given only in the environment, as REPLAYER_AUTHORIZATION\.$"
    with pytest.raises(UsageError, match=said):
        load(tmp_path, authorization="sk_test_1")
    with pytest.raises(UsageError, match=said):
        load(tmp_path, project="authorization = 'sk_test_1'")


def test_an_absolute_cassette_below_the_root_is_named_by_its_place_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    for root in (tmp_path, tmp_path / "link"):
        for path in (root / "a" / "b.yaml", tmp_path / "a" / "b.yaml"):
            assert Settings.load({"cassette": str(path), "root": str(root)}, folder=tmp_path).cassette == "a/b.yaml"
    with pytest.raises(UsageError, match=r"'/etc/passwd' is not below the root .*--root"):
        Settings.load({"cassette": "/etc/passwd", "root": str(tmp_path)}, folder=tmp_path)


def test_settings_are_laid_over_others_and_checked(tmp_path: Path) -> None:
    base = load(tmp_path, upstream="sandbox", rules={"base": "generic", "times": ["at"]})
    laid = base.over({"cassette": tmp_path / "a.yaml", "root": tmp_path, "timeout": 3, "rules": {"base": "invoice"}})
    assert (laid.cassette, laid.upstream, laid.timeout) == ("a.yaml", "sandbox", 3.0)
    assert laid.rules == {"base": "invoice", "times": ["at"]}
    assert base.cassette == ""
    with pytest.raises(UsageError, match=r"'lenyent' is not a setting\. Did you mean 'lenient'\?"):
        base.over({"lenyent": True})
    with pytest.raises(UsageError, match=r"The setting strict must be true or false, not 1\."):
        base.over({"strict": 1})
    with pytest.raises(UsageError, match="Leave one out"):
        base.over({"strict": True, "on_miss": "sandbox"})
