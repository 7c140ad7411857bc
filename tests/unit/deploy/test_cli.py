"""`paidan` lists everything, imports only what it runs, and answers a mistake without a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import cli

COMMANDS = (
    "up", "demo", "broker", "topics", "county", "calendar", "routes", "connectors", "streams", "case", "sla", "top",
    "notices", "dead", "books", "chaos", "bench",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _as_a_new_process(monkeypatch, tmp_path):
    monkeypatch.setenv("PAIDAN_HOME", str(tmp_path))
    monkeypatch.delenv("PAIDAN_KAFKA", raising=False)
    monkeypatch.delenv("PAIDAN_LANG", raising=False)


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        cli.main(list(words))
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.mark.parametrize(("language", "word"), [("zh", "对账"), ("en", "the books")])
def test_help_lists_every_command_in_the_operators_language(capsys, language, word):
    code, out, _ = run(capsys, "--lang", language, "--help")
    assert code == 0
    assert [entry.name for entry in cli.COMMANDS if f" {entry.name} " in out] == [*COMMANDS]
    assert word in out


def test_help_imports_no_command():
    script = (
        "import sys\nfrom deploy.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('deploy.commands')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--lang", "fr"], 2, "zh | en"),
        (["nosuch"], 2, "nosuch"),
        (["broker", "nosuch"], 2, "nosuch"),
        (["broker", "start", "--port", "70000"], 2, "--port"),
        (["topics", "diff", "--departments", "gas"], 2, "paidan broker start"),
        (["topics", "list", "--county", "nowhere"], 2, "nowhere"),
        (["broker", "logs"], 1, "从未启动"),
        (["broker", "logs", "--lang", "en"], 1, "never started"),
    ],
)
def test_a_mistake_is_answered_with_an_exit_code_and_what_would_do(capsys, words, code, said):
    ended, out, err = run(capsys, *words)
    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_command_that_is_not_there_yet_is_said_to_be_so(capsys, monkeypatch):
    monkeypatch.setattr(cli, "COMMANDS", (cli.Entry("soon", "即将", "soon"),))
    code, _, err = run(capsys, "soon")
    assert (code, err) == (2, "此版本尚无命令 soon\n")


def test_a_fault_inside_a_command_module_is_not_taken_for_its_absence(monkeypatch, tmp_path):
    import deploy.commands

    (tmp_path / "broken.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.setattr(deploy.commands, "__path__", [*deploy.commands.__path__, str(tmp_path)])
    monkeypatch.setattr(cli, "COMMANDS", (cli.Entry("broken", "坏", "broken"),))
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        cli.main(["broken"])


@pytest.mark.parametrize("how", ["", "--json"])
def test_a_reader_that_goes_away_gets_no_traceback(how):
    command = Path(sys.executable).with_name("paidan")
    line = f"{command} topics list {how} --departments {','.join(f'd{n}' for n in range(1500))} | head -c 9"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stdout
    assert done.stderr == ""
