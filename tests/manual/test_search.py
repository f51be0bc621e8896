"""The search: what explains a word stands before what uses it, and that before what mentions it."""

import pytest

from replayer.errors import UsageError
from replayer.manual import TOPICS, ManualPage, page, pages, search, suggestions

ONE = ManualPage(
    "one", "# One\n\nWhat one answers, a spoon for one. And more.\n\n## Of `forks`\n\nA fork is `--fork`.\n"
)
TWO = ManualPage(
    "two",
    "# Two\n\nWhat two answers.\n\n| word | meaning |\n| --- | --- |\n| `spoon` | to eat soup |\n| `knife` | to cut |\n"
    "\n```sh\nspoon # not a heading\n\nknife\n```\n\n"
    "See [one](one.md) and [the other](one.md#of-forks), ![a fork](x.svg).\n",
)
BOTH = (ONE, TWO)


def places(words: str) -> list[tuple[str, str]]:
    return [(hit.page, hit.title) for hit in search(words, BOTH)]


def test_a_page_is_parted_into_sections_and_blocks() -> None:
    assert [(each.title, len(each.blocks)) for each in ONE.sections] == [("One", 1), ("Of forks", 1)]
    assert [block.partition("\n")[0] for block in TWO.sections[0].blocks] == [
        "What two answers.",
        "| word | meaning |",
        "```sh",
        "See one and the other (one), (picture: a fork).",
    ]


def test_the_first_sentence_is_the_first() -> None:
    assert ONE.first == "What one answers, a spoon for one."


def test_a_row_that_explains_stands_before_prose_that_mentions() -> None:
    assert places("spoon") == [("two", "Two"), ("one", "One")]


def test_of_a_table_only_the_rows_that_answer_are_shown() -> None:
    (table, code) = search("knife", BOTH)[0].blocks
    assert table == "| word | meaning |\n| --- | --- |\n| `knife` | to cut |"
    assert code.startswith("```sh")


def test_a_heading_is_shown_with_what_stands_under_it() -> None:
    (hit,) = search("forks", BOTH)
    assert (hit.title, hit.blocks) == ("Of forks", ("A fork is `--fork`.",))


def test_all_words_must_be_there() -> None:
    assert places("spoon soup") == [("two", "Two")]
    assert places("spoon fork") == [("two", "Two")]  # of the picture
    assert places("spoon zebra") == []
    assert search("", BOTH) == []


OTHERS = {
    "pagination": "paging", "re-record": "modes", "refresh": "modes", "PII": "safety", "redact": "rules",
    "binary": "cassette", "upload": "cassette", "unittest": "python", "parallel": "pytest", "security": "safety",
    "performance": "speed", "migrate": "moving", "docker": "containers", "contributing": "developing",
    "self-signed": "https", "mTLS": "https", "preflight": "browsers", "Playwright": "browsers", "Podman": "containers",
}  # fmt: skip


@pytest.mark.parametrize("word", OTHERS)
def test_other_words_for_what_a_page_is_about_lead_to_it(word: str) -> None:
    assert search(word, pages())[0].page == OTHERS[word]
    assert "also:" not in page(OTHERS[word]).shown


def test_an_option_is_not_the_beginning_of_another() -> None:
    first, *_ = search("--time", pages())
    assert any(block.count("\n") == 2 and "`--time HOW`" in block for block in first.blocks)


def test_a_part_of_a_word_is_found_too() -> None:
    assert places("spoo") == [("two", "Two"), ("one", "One")]


def test_capitals_mean_little() -> None:
    assert places("Spoon") == places("SPOON") == places("spoon")
    assert search("REPLAYER_BODY_LIMIT", pages())[0].page == "settings"  # the variable, not the code of a refusal
    assert search("replayer_body_limit", pages())[0].page == "misses"


def test_what_is_nearly_a_name_is_proposed() -> None:
    assert suggestions("spon", BOTH) == ["spoon"]
    assert suggestions("--forck", BOTH) == ["--fork", "forks"]
    assert suggestions("xyzzyx", BOTH) == []


def test_a_page_that_is_none_is_refused_with_the_nearest() -> None:
    assert page("causes").name == "causes"
    with pytest.raises(UsageError, match="Did you mean 'causes'"):
        page("cuases")
    assert [each.name for each in pages()] == list(TOPICS)
