"""Keys whose form tells what they are: each set of rules knows them, and finds nothing where they were scrubbed."""

import pytest

from replayer.core.rules.registry import RULES, Rules
from replayer.core.secrets import scan, scrub

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
FORMS = [
    ("API key", "sk-proj-abcdefghijklmnopqrstuvwx"),
    ("GitHub token", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ("GitHub token", "ghs_0123456789abcdefghij"),
    ("GitHub token", "github_pat_11ABCDEFG0abcdefghij"),
    ("GitLab token", "glpat-0123456789abcdefghij"),
    ("GitLab token", "glrt-0123456789abcdefghij"),
    ("Slack token", "xoxb-123456789012-abcdefghij"),
    ("webhook link", "https://hooks.slack.com/services/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"),
    ("webhook link", f"https://discord.com/api/webhooks/123456789012345678/{'q8Zk3Lm0' * 8}"),
    ("AWS access key", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS access key", "ASIAIOSFODNN7EXAMPLE"),
    ("Google API key", "AIzaSyA0123456789abcdefghijklmnopqrstuv"),
    ("SendGrid key", "SG.0123456789abcdefghij.0123456789abcdefghij"),
    ("npm token", "npm_0123456789abcdefghij0123456789abcdef"),
    ("webhook secret", "whsec_0123456789"),
    ("JSON web token", JWT),
    ("bearer token", "Bearer 0123456789abcdef"),
    ("bearer token", "Basic 0123456789abcdef"),
    ("bearer token", "token 0123456789abcdef"),
    ("password in a link", "postgres://ada:hunter22@db.test"),
    ("private key", f"-----BEGIN RSA PRIVATE KEY-----{'MIIEvQIB' * 5}"),
    ("API key", "sk_test_0123456789abcdef"),
    ("API key", "rk_live_0123456789abcdef"),
    ("publishable key", "pk_test_0123456789abcdef"),
]
R, HEX = (
    "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6EhG5s" * 3,
    "0a9b8c7d6e5f4a3b" * 4,
)  # put together here: no scanner takes these for real
FORMS += [
    ("Heroku token", f"HRKU-{R[:60]}"),
    ("Doppler token", f"dp.pt.{R[:43]}"),
    ("Dropbox token", f"sl.{R}{R}"),
    ("Pulumi token", f"pul-{HEX[:40]}"),
    ("Terraform token", f"{R[:14]}.atlasv1.{R[:60]}"),
    ("Contentful token", f"CFPAT-{R[:43]}"),
    ("EasyPost key", f"EZTK{R[:54]}"),
    ("Frame.io token", f"fio-u-{R[:64]}"),
    ("Brevo key", f"xkeysib-{HEX[:64]}-{R[:16]}"),
    ("1Password token", f"ops_eyJ{R}{R}"),
    ("Tailscale key", f"tskey-auth-{R[:16]}-{R[:32]}"),
    ("Alibaba access key", f"LTAI{R[:20]}"),
    ("Tencent access key", f"AKID{R[:32]}"),
    ("Yandex key", f"AQVN{R[:35]}"),
    ("Paddle key", f"pdl_sdbx_apikey_{R[:26].lower()}_{R[:22]}_{R[:3]}"),
    ("Dynatrace token", f"dt0c01.{R[:24].upper()}.{R[:64].upper()}"),
    ("Cloudflare key", f"v1.0-{HEX[:24]}-{HEX}{HEX}"),
    ("password of a log-in", f"login me password {R[:20]}"),
    ("password of a log-in", f"curl -s -u 'me:{R[:20]}'"),
    ("Slack token", f"xapp-1-{R[:20]}"),
    ("API key", f"sk-ant-api03-{R[:40]}-AA"),
    ("Google token", f"ya29.{R[:40]}"),
    ("Google token", f"GOCSPX-{R[:28]}"),
    ("Google token", f"1//0{R[:50]}"),
    ("PyPI token", f"pypi-AgEI{R[:50]}"),
    ("RubyGems key", f"rubygems_{HEX[:48]}"),
    ("Docker token", f"dckr_pat_{R[:27]}"),
    ("Square token", f"sq0atp-{R[:22]}"),
    ("Square token", f"EAAA{R[:60]}"),
    ("Facebook token", f"EAAB{R[:80]}"),
    ("Hugging Face token", f"hf_{R[:34]}"),
    ("Shopify token", f"shpat_{HEX[:32]}"),
    ("Twilio key", f"SK{HEX[:32]}"),
    ("Mailgun key", f"key-{HEX[:32]}"),
    ("Mailchimp key", f"{HEX[:32]}-us12"),
    ("DigitalOcean token", f"dop_v1_{HEX[:64]}"),
    ("New Relic key", f"NRAK-{R[:27]}"),
    ("Grafana token", f"glsa_{R[:32]}_{HEX[:8]}"),
    ("Linear key", f"lin_api_{R[:40]}"),
    ("Notion token", f"ntn_{R[:46]}"),
    ("HubSpot token", f"pat-na1-{HEX[:8]}-{HEX[:4]}-{HEX[:4]}-{HEX[:4]}-{HEX[:12]}"),
    ("Databricks token", f"dapi{HEX[:32]}"),
    ("Figma token", f"figd_{R[:40]}"),
    ("Atlassian token", f"ATATT3x{R[:60]}"),
    ("Vault token", f"hvs.{R[:24]}"),
    ("Supabase key", f"sbp_{HEX[:40]}"),
    ("Replicate token", f"r8_{R[:37]}"),
    ("PlanetScale token", f"pscale_tkn_{R[:40]}"),
    ("Sentry token", f"sntrys_{R[:60]}"),
    ("Postman key", f"PMAK-{HEX[:24]}-{HEX[:34]}"),
    ("PostHog key", f"phx_{R[:40]}"),
    ("Groq key", f"gsk_{R[:52]}"),
    ("xAI key", f"xai-{R[:80]}"),
    ("Perplexity key", f"pplx-{R[:48]}"),
    ("Tavily key", f"tvly-{R[:32]}"),
    ("Resend key", f"re_{R[:8]}_{R[:24]}"),
    ("Fly token", f"fm2_{R[:60]}"),
    ("NuGet key", f"oy2{HEX[:43]}"),
    ("Mapbox token", f"sk.eyJ{R[:30]}.{R[:22]}"),
    ("age key", f"AGE-SECRET-KEY-1{R[:58].upper()}"),
    ("Telegram token", f"110201543:AA{R[:33]}"),
    ("Telegram token", f"bot110201543:AA{R[:33]}"),
    ("webhook link", f"/services/T0AB12CD3/B0AB12CD3/{R[:24]}"),
    ("webhook link", f"/api/webhooks/123456789012345678/{R[:68]}"),
    ("webhook link", f"https://x.webhook.office.com/webhookb2/1@2/IncomingWebhook/{HEX[:32]}/3"),
    ("webhook link", f"https://hooks.zapier.com/hooks/catch/123456/{R[:24]}"),
    ("webhook link", "https://hooks.zapier.com/hooks/catch/1234567/b2k9x0qa/"),
]
EACH = pytest.mark.parametrize("rules", RULES.values(), ids=lambda rules: rules.name)


@EACH
@pytest.mark.parametrize(("name", "key"), FORMS)
def test_every_set_of_rules_knows_it(name: str, key: str, rules: Rules) -> None:
    text = f"It is {key}, you know"
    assert [finding.what for finding in scan(text, rules, is_real=lambda _: False)] == [name]
    left = scrub(text, rules, frozenset())
    assert "********" in left
    assert len(left) == len(text)
    assert list(scan(left, rules, is_real=lambda _: False)) == []


@EACH
@pytest.mark.parametrize(
    "text",
    [
        "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "rk_live_XXXXXXXXXXXX.",
        "http://user:password@example.com/",
        "https://user:pass@host/",
        "https://<user>:<token>@github.com/x.git",
        "postgres://u:${DB_PASSWORD}@db/x",
    ],
)
def test_what_manuals_write_for_a_key_is_none_and_stays(text: str, rules: Rules) -> None:
    assert list(scan(text, rules, is_real=lambda _: False)) == []
    assert scrub(text, rules, frozenset()) == text


@EACH
@pytest.mark.parametrize(
    "text", ["sk_test_xxxxxxxxxx9xxxx", "https://user:password1@host/", "https://user:<hunter2@host/"]
)
def test_what_only_begins_like_that_may_be_one(text: str, rules: Rules) -> None:
    assert len(list(scan(text, rules, is_real=lambda _: False))) == 1


@EACH
@pytest.mark.parametrize("between", ["\n      ", "\n\n      ", "\r\n"])
def test_a_private_key_is_found_in_the_lines_below_its_head(between: str, rules: Rules) -> None:
    text = f"a: 1\nb: |\n  -----BEGIN PRIVATE KEY-----{between}{'MIIEvQIB' * 8}{between}{'MIIEvQIB' * 8}\n"
    assert [str(finding) for finding in scan(text, rules, is_real=lambda _: False)] == ["line 3: private key"]
    head = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\nMIIEvQIB\n"
    assert list(scan(head, rules, is_real=lambda _: False)) == []


@EACH
def test_each_of_them_has_a_sign_and_each_sign_a_key(rules: Rules) -> None:
    for secret in rules.secrets:
        assert secret.signs
        assert any(secret.pattern.search(key) and any(sign in key for sign in secret.signs) for _, key in FORMS)


@EACH
@pytest.mark.parametrize(("name", "key"), FORMS)
def test_inside_a_longer_run_of_its_own_letters_it_is_no_secret_but_data(name: str, key: str, rules: Rules) -> None:
    """As in base64: `...qrf-sk-sqIsy...`."""
    if name in ("webhook link", "bearer token", "password in a link", "private key"):
        return  # these stand in a link or behind a word, which ends what stands before
    assert [one.what for one in scan(f"q8Zk3Lm0{key}", rules, is_real=lambda _: False) if one.what == name] == []
    assert scrub(f"q8Zk3Lm0{key}", rules, frozenset()) == f"q8Zk3Lm0{key}"


@EACH
@pytest.mark.parametrize("behind", ["", ".", ",", '"', " ", "&x=1", "</b>", "\\n"])
def test_a_secret_ends_where_its_letters_do(behind: str, rules: Rules) -> None:
    for _, key in FORMS:
        assert "****" in scrub(f"it is {key}{behind}", rules, frozenset()), key


@EACH
@pytest.mark.parametrize(
    "text",
    [
        "sk-inny-jeans-for-everybody-1234567890-abc",
        "https://shop.test/xoxo-hugs-and-kisses-2024-11-30",
        "figd_is_good_for_you_2024",
        "token bucket-algorithm-v2-explained-2024",
        "Basic information/about.1234567890/things",
        "pypi-mirror-for-everybody-2026",
        "glpat-is-the-prefix-of-2021",
        "https://x.io/disk-usage/task-management-system-overview-2024",
        "data:image/png;base64,iVBORw0KGgo" + "AKIAIOSFODNN7EXAMPLQ" + "q8Zk3Lm0Rt7Vw2Yx",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "http://host:8080/a@b",
    ],
)
def test_words_and_data_that_only_begin_like_a_key_stay(text: str, rules: Rules) -> None:
    assert scrub(text, rules, frozenset()) == text


@EACH
def test_text_of_base64url_keeps_all_of_its_letters(rules: Rules) -> None:
    text = "Zm9vYmFyLXFyZi1zay1z" + "Qrf-sk-sqIsyQ8Zk3Lm0Rt7Vw2Yx9Bn4Cd6E"
    assert scrub(text, rules, frozenset()) == text
