"""In which character set a file is written."""

import pytest

from connectors.systems.files.charset import charset_of

TEXT = "编号,标题\n1,停水\n2,停电了，来电\n"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"id,title\n1,no water\n", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_character_set_is_found(content: bytes, charset: str) -> None:
    assert charset_of(content.splitlines(keepends=True)) == charset


def test_one_broken_character_does_not_turn_a_file_into_another_script() -> None:
    lines = [*TEXT.encode().splitlines(keepends=True), b"3,\xe5\xe5\n"]
    assert charset_of(lines) == "utf-8"
