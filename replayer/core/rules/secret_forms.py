"""Forms of keys that tell what they are: every API's traffic may hold them, so all sets of rules know them."""

import re

from replayer.core.rules.ruleset import Secret

CROSSED_OUT = r"(?!(?:x{8,}|X{8,})(?![0-9A-Za-z]))"  # `sk_test_xxxxxxxx` stands in everybody's manual
# What manuals have in a link where a password would be.
SAMPLE = r"(?i:pass|passwd|password|pwd|secret|token)|<[^<>@\s]*>|\$?\{[^{}@\s]*\}|\[[^@\s\]]*\]"

KNOWN_SECRETS = (
    Secret("API key", re.compile(r"(?P<keep>\bsk-(?:[a-z]+[0-9]*-){0,3})[0-9A-Za-z_-]{20,}"), ("sk-",)),
    Secret(
        "GitHub token", re.compile(r"(?P<keep>\bgh[oprsu]_)[0-9A-Za-z]{16,}"), ("gho_", "ghp_", "ghr_", "ghs_", "ghu_")
    ),
    Secret("GitHub token", re.compile(r"(?P<keep>\bgithub_pat_)[0-9A-Za-z_]{16,}"), ("github_pat_",)),
    Secret(
        "GitLab token",
        re.compile(r"(?P<keep>\bgl(?:pat|ptt|dt|rt)-)[0-9A-Za-z_.-]{16,}"),
        ("glpat-", "glptt-", "gldt-", "glrt-"),
    ),
    Secret("Slack token", re.compile(r"(?P<keep>\bxox[a-z]-)[0-9A-Za-z-]{10,}"), ("xox",)),
    Secret(
        "webhook link",
        re.compile(
            rf"(?P<keep>\bhooks\.slack\.com/[a-z]+/(?:[TB][0-9A-Z]+/)*){CROSSED_OUT}[0-9A-Za-z]{{16,}}(?:/[0-9A-Za-z]+)*"
        ),
        ("hooks.slack.com/",),
    ),
    Secret(
        "webhook link",
        re.compile(r"(?P<keep>\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/)[0-9A-Za-z_-]{32,}"),
        ("discord.com/api/", "discordapp.com/api/"),
    ),
    Secret("AWS access key", re.compile(r"(?P<keep>\bA(?:KI|SI)A)[0-9A-Z]{16}\b"), ("AKIA", "ASIA")),
    Secret("Google API key", re.compile(r"(?P<keep>\bAIza)[0-9A-Za-z_-]{35}"), ("AIza",)),
    Secret("SendGrid key", re.compile(r"(?P<keep>\bSG\.)[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"), ("SG.",)),
    Secret("npm token", re.compile(r"(?P<keep>\bnpm_)[0-9A-Za-z]{36}\b"), ("npm_",)),
    Secret("webhook secret", re.compile(r"(?P<keep>\bwhsec_)[0-9A-Za-z+/=]{8,}"), ("whsec_",)),
    Secret(
        "JSON web token", re.compile(r"(?P<keep>\beyJ)[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*"), ("eyJ",)
    ),
    Secret(
        "bearer token",
        re.compile(r"(?P<keep>\b(?:Bearer|Basic|token) )(?=[^ ]*\d)[0-9A-Za-z+/=._~-]{16,}"),
        ("Bearer ", "Basic ", "token "),
    ),
    Secret(
        "password in a link",
        re.compile(rf"(?P<keep>://[^/\s:@]{{1,64}}:)(?!(?:{SAMPLE})@)[^/\s:@*]{{3,}}(?=@)"),
        ("://",),
    ),
    Secret(
        "private key",
        re.compile(r"(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----)[0-9A-Za-z+/=\s\\:,-]{32,}"),
        ("PRIVATE KEY-----",),
    ),
)
