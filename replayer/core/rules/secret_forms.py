"""Forms of keys that tell what they are: every API's traffic may hold them, so all sets of rules know them.

A form has bounds on both sides: inside a longer run of its own letters, as base64 is one, it is no secret.
"""

from replayer.core.rules.ruleset import Secret

CROSSED_OUT = r"(?!(?:x{8,}|X{8,})(?![0-9A-Za-z]))"  # `sk_test_xxxxxxxx` stands in everybody's manual
# What manuals have in a link where a password would be.
SAMPLE = r"(?i:pass|passwd|password|pwd|secret|token)|<[^<>@\s]*>|\$?\{[^{}@\s]*\}|\[[^@\s\]]*\]"
# Small words and numbers between dashes are prose, a slug or a branch: `sk-inny-jeans-for-2026`. Chance is not.
PROSE = r"(?!(?:[a-z]{1,16}[0-9]{0,4}|[0-9]{1,10})(?:[._~/-](?:[a-z]{1,16}[0-9]{0,4}|[0-9]{1,10}))+(?![\w+/=.~-]))"
WORDS, DASHED, DOTTED = "0-9A-Za-z_", "0-9A-Za-z_-", "0-9A-Za-z_.-"


def _form(name: str, begins: str, behind: str, *signs: str, within: str = DASHED) -> Secret:
    """A key that begins like that, with so much behind it; `within` are the letters that may not stand before it."""
    form = rf"(?<![{within}])(?P<keep>{begins}){PROSE}{behind}(?![0-9A-Za-z])"
    return Secret(name, form, signs or (begins.replace("\\", ""),))


# The keys of single vendors: what each begins with, and what is behind that. Signs stand where the beginning is none.
VENDORS = (
    _form("API key", r"sk-(?:[a-z]+[0-9]*-){0,3}", r"[0-9A-Za-z_-]{20,}", "sk-"),
    _form("GitHub token", r"gh[oprsu]_", r"[0-9A-Za-z]{16,}", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", within=WORDS),
    _form("GitHub token", r"github_pat_", r"[0-9A-Za-z_]{16,}", within=WORDS),
    _form(
        "GitLab token", r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas|imt)-", r"[0-9A-Za-z_.-]{16,}",
        "glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-", "glagent-", "gloas-", "glimt-",
    ),
    _form("Slack token", r"xox[a-z]-", r"[0-9A-Za-z-]{10,}", "xox"),
    _form("Slack token", r"xapp-", r"[0-9]-[0-9A-Za-z-]{16,}"),
    _form("AWS access key", r"A(?:KI|SI)A", r"[0-9A-Z]{16}", "AKIA", "ASIA", within="0-9A-Za-z+/_"),
    _form("Google API key", r"AIza", r"[0-9A-Za-z_-]{35}(?![_-])"),
    _form("Google token", r"ya29\.", r"[0-9A-Za-z_-]{20,}"),
    _form("Google token", r"GOCSPX-", r"[0-9A-Za-z_-]{20,}"),
    _form("Google token", r"1//0", r"[0-9A-Za-z_-]{40,}", within="0-9A-Za-z_/-"),
    _form("SendGrid key", r"SG\.", r"[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}", within=DOTTED),
    _form("npm token", r"npm_", r"[0-9A-Za-z]{36}", within=WORDS),
    _form("PyPI token", r"pypi-", r"[0-9A-Za-z_-]{16,}"),
    _form("RubyGems key", r"rubygems_", r"[0-9a-f]{32,}", within=WORDS),
    _form("Docker token", r"dckr_(?:pat|oat)_", r"[0-9A-Za-z_-]{20,}", "dckr_"),
    _form("Square token", r"sq0[a-z]{3}-", r"[0-9A-Za-z_-]{20,}", "sq0"),
    _form("Square token", r"EAAA", r"[0-9A-Za-z_-]{56,}"),
    _form("Facebook token", r"EAA[B-Z]", r"[0-9A-Za-z]{60,}", "EAA"),
    _form("Hugging Face token", r"hf_", r"[0-9A-Za-z]{20,}", within=WORDS),
    _form("Shopify token", r"shp(?:at|ca|pa|ss|ua)_", r"[0-9A-Fa-f]{20,}", "shp", within=WORDS),
    _form("Twilio key", r"SK", r"[0-9a-f]{32}", within=WORDS),
    _form("Mailgun key", r"key-", r"[0-9a-f]{32}"),
    _form("Mailchimp key", r"", r"[0-9a-f]{32}-us[0-9]{1,2}", "-us"),
    _form("DigitalOcean token", r"do[opr]_v1_", r"[0-9a-f]{40,}", "doo_v1_", "dop_v1_", "dor_v1_", within=WORDS),
    _form("New Relic key", r"NR(?:AK|II|JS)-", r"[0-9A-Za-z]{16,}", "NRAK-", "NRII-", "NRJS-"),
    _form("Grafana token", r"gl(?:sa|c)_", r"[0-9A-Za-z_+/]{30,}={0,2}", "glsa_", "glc_", within=WORDS),
    _form("Linear key", r"lin_(?:api|oauth)_", r"[0-9A-Za-z]{20,}", "lin_", within=WORDS),
    _form("Notion token", r"ntn_", r"[0-9A-Za-z]{40,}", within=WORDS),
    _form("HubSpot token", r"pat-[a-z]{2,3}[0-9]-", r"[0-9a-f-]{36}", "pat-"),
    _form("Databricks token", r"dapi", r"[0-9a-f]{32}(?:-[0-9])?"),
    _form("Figma token", r"fig(?:d|or|our)_", r"[0-9A-Za-z_-]{20,}", "figd_", "figor_", "figour_"),
    _form("Atlassian token", r"AT(?:ATT|BB|CTT)3?", r"x?[0-9A-Za-z_=-]{24,}", "ATATT", "ATBB", "ATCTT"),
    _form("Vault token", r"hv[bsr]\.", r"[0-9A-Za-z_-]{20,}", "hvs.", "hvb.", "hvr.", within=DOTTED),
    _form("Supabase key", r"sb(?:p|_secret)_", r"[0-9A-Za-z_]{20,}", "sbp_", "sb_secret_", within=WORDS),
    _form("Replicate token", r"r8_", r"[0-9A-Za-z]{30,}", within=WORDS),
    _form("PlanetScale token", r"pscale_(?:tkn|pw|oauth)_", r"[0-9A-Za-z_.=-]{20,}", "pscale_"),
    _form("Sentry token", r"sntry[su]_", r"[0-9A-Za-z_+/=-]{30,}", "sntry"),
    _form("Postman key", r"PMAK-", r"[0-9a-f]{16,}-[0-9a-f]{16,}"),
    _form("PostHog key", r"phx_", r"[0-9A-Za-z_]{30,}", within=WORDS),
    _form("Groq key", r"gsk_", r"[0-9A-Za-z]{30,}", within=WORDS),
    _form("xAI key", r"xai-", r"[0-9A-Za-z_-]{30,}"),
    _form("Perplexity key", r"pplx-", r"[0-9A-Za-z]{30,}"),
    _form("Tavily key", r"tvly-", r"[0-9A-Za-z-]{20,}"),
    _form("Resend key", r"re_", r"[0-9A-Za-z]{8}_[0-9A-Za-z]{16,}", within=WORDS),
    _form("Fly token", r"fm[12]_", r"[0-9A-Za-z+/=_-]{40,}", "fm1_", "fm2_"),
    _form("NuGet key", r"oy2", r"[0-9a-z]{43}", within=WORDS),
    _form("Mapbox token", r"sk\.eyJ", r"[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}", within=DOTTED),
    _form("Heroku token", r"HRKU-", r"[0-9A-Za-z_-]{30,}"),
    _form(
        "Doppler token", r"dp\.(?:pt|st|ct|scim|audit)\.", r"(?:[a-z0-9_-]{2,35}\.)?[0-9A-Za-z]{40,}",
        "dp.", within=DOTTED,
    ),
    _form("Dropbox token", r"sl\.", r"[0-9A-Za-z_=-]{120,}", within=DOTTED),
    _form("Pulumi token", r"pul-", r"[0-9a-f]{40}"),
    _form(
        "Terraform token", r"(?=[0-9A-Za-z]{14}\.atlasv1\.)", r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{40,}",
        ".atlasv1.",
    ),
    _form("Contentful token", r"CFPAT-", r"[0-9A-Za-z_-]{40,}"),
    _form("EasyPost key", r"EZ[AT]K", r"[0-9A-Za-z]{54}", "EZAK", "EZTK"),
    _form("Frame.io token", r"fio-u-", r"[0-9A-Za-z_-]{40,}"),
    _form("Brevo key", r"xkeysib-", r"[0-9a-f]{64}-[0-9A-Za-z]{16}"),
    _form("1Password token", r"ops_eyJ", r"[0-9A-Za-z+/=]{100,}", within=WORDS),
    _form("Tailscale key", r"tskey-[a-z]{2,12}-", r"[0-9A-Za-z]{8,}-[0-9A-Za-z]{16,}", "tskey-"),
    _form("Alibaba access key", r"LTAI", r"[0-9A-Za-z]{12,26}"),
    _form("Tencent access key", r"AKID", r"[0-9A-Za-z]{28,32}"),
    _form("Yandex key", r"AQVN", r"[0-9A-Za-z_-]{35,38}"),
    _form(
        "Paddle key", r"pdl_(?:sdbx|live)_apikey_", r"[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3}", "pdl_", within=WORDS
    ),
    _form("Dynatrace token", r"dt0[a-z]\d\d\.", r"[0-9A-Z]{24}\.[0-9A-Z]{64}", "dt0", within=DOTTED),
    _form("Cloudflare key", r"v1\.0-", r"[0-9a-f]{24}-[0-9a-f]{100,}", within=DOTTED),
    _form("age key", r"AGE-SECRET-KEY-1", r"[0-9A-Z]{40,}"),
    _form("webhook secret", r"whsec_", r"[0-9A-Za-z+/=]{8,}", within=WORDS),
    # /bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage
    _form("Telegram token", r"(?:bot)?[0-9]{8,10}:", r"AA[0-9A-Za-z_-]{30,}", ":AA"),
)  # fmt: skip

KNOWN_SECRETS = (
    *VENDORS,
    Secret(
        "webhook link",
        r"(?P<keep>(?:\bhooks\.slack\.com/[a-z]+|(?<![^\s\"'])/services)/(?:[TB][0-9A-Z]+/)*)"
        rf"{CROSSED_OUT}[0-9A-Za-z]{{16,}}(?:/[0-9A-Za-z]+)*",
        ("hooks.slack.com/", "/services/"),
    ),
    Secret(
        "webhook link",
        r"(?P<keep>(?:\bdiscord(?:app)?\.com|(?<![^\s\"']))/api/(?:v\d+/)?webhooks/\d+/)[0-9A-Za-z_-]{32,}",
        ("/webhooks/",),
    ),
    Secret(
        "webhook link",
        rf"(?P<keep>/hooks/catch/\d+/){CROSSED_OUT}(?=[^/\s]*[0-9])[0-9a-z]{{6,19}}(?![0-9A-Za-z])",
        ("/hooks/catch/",),
    ),
    # .../IncomingWebhook/<channel>/<key>; /hooks/<key> is where others take such a post.
    Secret(
        "webhook link",
        rf"(?P<keep>/IncomingWebhook/|(?:(?<![^\s\"'])|://[^\s/\"']{{1,255}})/hooks/(?:catch/)?(?:\d+/)*)"
        rf"{CROSSED_OUT}(?=[^/\s]*[0-9])[0-9A-Za-z]{{20,}}",
        ("/IncomingWebhook/", "/hooks/"),
    ),
    Secret(
        "JSON web token",
        rf"(?<![{DASHED}])(?P<keep>eyJ)[0-9A-Za-z_-]{{8,}}\.[0-9A-Za-z_-]{{8,}}\.[0-9A-Za-z_-]*(?![{DASHED}])",
        ("eyJ",),
    ),
    Secret(
        "bearer token",
        # Words between dashes are prose: "token authentication-is-great-2024".
        rf"(?P<keep>\b(?:Bearer|Basic|token) )(?=[^ ]*\d){PROSE}[0-9A-Za-z+/=._~-]{{16,}}",
        ("Bearer ", "Basic ", "token "),
    ),
    Secret(
        "password in a link",
        rf"(?P<keep>://[^/\s:@]{{1,64}}:)(?!(?:{SAMPLE})@)[^/\s:@*]{{3,}}(?=@)",
        ("://",),
    ),
    Secret(
        "private key",
        r"(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----)[0-9A-Za-z+/=\s\\:,-]{32,}",
        ("PRIVATE KEY-----",),
    ),
    Secret(
        "password of a log-in",  # machine api.example.com login me password ...; curl -u me:...
        r"(?P<keep>\blogin[ \t]{1,9}\S{1,64}[ \t\r\n]{1,9}password[ \t]{1,9}"
        r"|\bcurl\b[^\r\n|]{0,400}?[ \t](?:-u|--user)[ \t=]{1,3}[\"']?[\w.@-]{1,64}:)(?=[^\s\"']*[0-9])[^\s\"'*]{8,}",
        ("password", "curl"),
    ),
)
