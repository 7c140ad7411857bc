"""What an operator installs: exactly our four packages under names that nobody else may bring, data files included."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"connectors", "deploy", "schemas", "streams"}
DATA = ("deploy/broker/kafka.jars.lock", "schemas/asyncapi.yaml")

OWNERS = """
import json
from importlib.metadata import packages_distributions
print(json.dumps(packages_distributions()))
"""

RUN = """
import sys
sys.path.append(sys.argv[1])
from importlib.resources import files
import deploy
assert deploy.__file__.startswith(sys.prefix), deploy.__file__
assert files("deploy").joinpath("broker/kafka.jars.lock").read_text()
from deploy.cli import main
main(["topics", "list", "--departments", "gas", "--json"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel, tmp_path):
    """The Python of a fresh environment with the wheel and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install(python, wheel)
    return python


def install(python, wheel):
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check", wheel]
    subprocess.run(pip, check=True)


def owners(python):
    """Which distributions bring each of our four names in that environment."""
    done = subprocess.run([python, "-I", "-c", OWNERS], capture_output=True, check=True)
    return {name: found for name, found in json.loads(done.stdout).items() if name in PACKAGES}


def tracked(*kinds):
    """The files of our packages that git knows and whose name ends in one of `kinds`."""
    listed = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("no git checkout here")
    return {name for name in listed.stdout.splitlines() if name.endswith(kinds) and (ROOT / name).exists()}


def test_the_wheel_holds_the_four_packages_whole_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES
    assert tracked(".py", ".yaml", ".yml", ".json", ".lock", ".md") <= names
    assert set(DATA) <= names
    assert not [name for name in names if name.endswith((".pyc", ".orig", ".rej"))]


def test_it_installs_beside_nothing_and_runs_from_there(installed, tmp_path):
    assert owners(installed) == {name: ["paidan"] for name in PACKAGES}
    assert (installed.parent / "paidan").exists()
    libraries = sysconfig.get_path("purelib")
    done = subprocess.run(
        [installed, "-I", "-W", "ignore", "-c", RUN, libraries],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [topic["name"] for topic in json.loads(done.stdout)["topics"]][-1] == "dept.gas.reports"


def test_another_distribution_that_brings_one_of_our_names_is_seen(installed, tmp_path):
    project = tmp_path / "thief"
    (project / "schemas").mkdir(parents=True)
    (project / "schemas" / "__init__.py").write_text("")
    (project / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[project]\nname = 'thief'\nversion = '1'\n"
        "[tool.hatch.build.targets.wheel]\npackages = ['schemas']\n"
    )
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=project, check=True)
    (wheel,) = project.glob("dist/*.whl")
    install(installed, wheel)
    assert sorted(owners(installed)["schemas"]) == ["paidan", "thief"]
