"""Whatever bytes a folder is given: each row is a dispatch or a reason, each file is done or refused."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.systems.files.settings import FilesSettings
from tests.support.folder import Drop

HEAD = "编号,时间,标题\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
CONTENTS = st.one_of(
    st.binary(max_size=400),
    TEXTS.map(lambda text: (HEAD + text).encode()),
    st.lists(TEXTS, max_size=6).map(
        lambda lines: (HEAD + "\n".join(f"1,2026-03-02,{line}" for line in lines)).encode()
    ),
    st.lists(TEXTS, max_size=6).map(lambda lines: (HEAD + "\n".join(lines)).encode("gb18030", "replace")),
    st.lists(st.sampled_from(['{"编号":"1","时间":"2026-03-02","标题":"x"}', "{", "[1]", '{"编号":[]}', "null"])).map(
        lambda lines: "\n".join(lines).encode()
    ),
)


@given(
    name=st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.xlsx", "a.csv.gz", "a.txt"]),
    content=CONTENTS,
    pack=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_is_done_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes, pack: bool
) -> None:
    drop = made(tmp_path_factory.mktemp("drop"))
    drop.deliver(name, gzip.compress(content) if pack else content)
    records = drop.all()
    assert drop.names("in") == drop.names("work") == []
    done, refused = drop.names("done"), drop.names("refused")
    assert sorted(done + refused) == [name, f"{name}.receipt.json"]
    receipt = drop.receipt(name, "done" if done else "refused")
    assert len(records) == receipt["rows"] + (receipt["fault"] is not None)


def made(root: Path, **changes: Any) -> Drop:
    fields = {"number": "编号", "issued_at": "时间", "title": "标题"}
    return Drop(root, FilesSettings.model_validate({"source": "drop", "folder": "x", "fields": fields, **changes}))
