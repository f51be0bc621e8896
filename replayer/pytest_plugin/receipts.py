"""`--replayer-receipt`: what came of the run, in one file, whoever ran its tests. Workers of pytest-xdist hand over
what they have; who began them writes it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replayer.errors import UnsafeError, UsageError
from replayer.pytest_plugin import collecting, options
from replayer.pytest_plugin.attendance import ATTENDANCE, Attendance

if TYPE_CHECKING:
    from replayer.core.suite import ReceiptFile
    from replayer.proxy.receipts import FiledReceipt

Files = dict[str, list["ReceiptFile"]]
HANDED = pytest.StashKey[Files]()  # what workers have handed over, by file


def wanted(config: pytest.Config) -> str:
    """The file that the receipt of the run goes to; empty where none is wanted."""
    from replayer.settings import Chosen, places

    given = (("ini file", options.in_ini_file(config)), ("command line", options.on_command_line(config)))
    try:
        return str(Chosen.of(*places.standing(config.rootpath), *given).values.get("receipt", ""))
    except UsageError:  # which each test has said by now
        return ""


def files(config: pytest.Config) -> Files:
    """The receipts of this process, by the files that they go to."""
    attendance, file = config.stash[ATTENDANCE], wanted(config)
    if not file and not attendance.filed:
        return {}
    import replayer
    from replayer.core.suite import ReceiptFile
    from replayer.proxy.receipts import aged

    by_file: dict[str, list[FiledReceipt]] = {}
    if file:
        by_file[str(Path(file).absolute())] = []
    for filed, tests in attendance.filed:
        by_file.setdefault(str(filed.file), []).append(_told(filed, sorted(tests), attendance, config))
    present = tuple(_present(config)) if file else ()
    return {name: [ReceiptFile(replayer.__version__, tuple(aged(filed)), present)] for name, filed in by_file.items()}


def _told(filed: "FiledReceipt", tests: list[str], attendance: Attendance, config: pytest.Config) -> "FiledReceipt":
    """A receipt with the tests that used its session, and the command that runs these again."""
    from replayer.proxy.receipts import named

    times = tuple((test, attendance.times.get(test, 0)) for test in tests)
    command = ("pytest", *_words(tests)) if tests else ()
    home = attendance.shard.home(filed.cassette) if attendance.shard else filed.cassette
    name = named(home, config.rootpath) or filed.receipt.cassette
    return filed.of(cassette=name, tests=times, command=command)


def _words(tests: list[str]) -> list[str]:
    """Those tests as pytest is given them: one by its name, of several all that stand in their files."""
    return tests if len(tests) == 1 else sorted({test.partition("::")[0] for test in tests})


def _present(config: pytest.Config) -> list[str]:
    from replayer.proxy.receipts import JOURNAL, named

    paths = (path for path in collecting.present(config) if path.suffix != JOURNAL)
    return [name for path in paths if (name := named(path, config.rootpath))]


def handed_over(config: pytest.Config) -> dict[str, list[dict[str, Any]]]:
    """All of it, for whoever writes it."""
    return {name: [each.document for each in several] for name, several in files(config).items()}


def take_over(config: pytest.Config, handed: Mapping[str, list[dict[str, Any]]]) -> None:
    """What a worker of pytest-xdist handed over."""
    if not handed:
        return
    from replayer.core.suite import ReceiptFile

    kept = config.stash.setdefault(HANDED, {})
    for name, documents in handed.items():
        kept.setdefault(name, []).extend(ReceiptFile.read(each, name) for each in documents)


def write(config: pytest.Config) -> str:
    """Write all receipts of the run; what was in the way, or nothing."""
    found = files(config)
    for name, several in config.stash.get(HANDED, {}).items():
        found.setdefault(name, []).extend(several)
    for name, several in found.items():
        from replayer.proxy.receipts import write as written

        try:
            written(Path(name), several)
        except UnsafeError as error:
            return str(error)
        except OSError as error:
            return f"The receipt {name} cannot be written: {error.strerror}. Choose another --replayer-receipt."
    return ""
