"""Where a county pack lies: a name among the packs that come with the program, or any folder."""

from pathlib import Path
from typing import Final

from deploy.console import t
from deploy.county.faults import CountyError, Fault, FaultKind, listed, suggestion

COUNTIES: Final = Path(__file__).parent.parent / "counties"


def known_packs() -> list[str]:
    """Names of the packs that come with the program."""
    return sorted(path.parent.name for path in COUNTIES.glob("*/county.yaml"))


def folder_of(name_or_folder: str) -> Path:
    """The pack's folder. Raises CountyError where there is none."""
    folder = Path(name_or_folder)
    if "/" not in name_or_folder and (COUNTIES / name_or_folder / "county.yaml").is_file():
        return COUNTIES / name_or_folder
    if folder.is_dir():
        return folder
    known = known_packs()
    would_do = suggestion(name_or_folder, known, t("一个目录，或 ", "a folder, or one of ") + listed(known))
    raise CountyError(
        [
            Fault(
                name_or_folder,
                0,
                "",
                t("没有这个县区配置", "there is no such county pack"),
                would_do,
                FaultKind.NO_PACK,
            )
        ]
    )
