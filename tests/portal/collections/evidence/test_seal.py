"""A dossier that was touched after it was sealed does not pass."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.collections.evidence.seal import (
    DossierUnreadable,
    seal_archive,
    seal_of,
    verify_archive,
)
from portal.commands.dossier import dossier

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FILES = {
    "01-index.pdf": b"%PDF index",
    "02-facture.xml": "<Facture n°1/>".encode(),
    "messages/03.eml": b"From: a@b.example\n\nBonjour",
}
ABOUT = {"claim": "F-00001"}


def a_dossier(files=FILES, about=ABOUT):
    return seal_archive(files, about, made_at=AT)


def rewritten(archive, *, leave_out=(), replace=None, add=None):
    """The same ZIP with some entries changed, as somebody with a ZIP tool would."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if name not in leave_out:
                new.writestr(name, (replace or {}).get(name, old.read(name)))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def faults_of(archive):
    return verify_archive(BytesIO(archive)).faults


def test_a_dossier_nobody_touched_is_whole():
    verdict = verify_archive(BytesIO(a_dossier()))

    assert verdict.whole
    assert (verdict.files, verdict.seal) == (3, seal_of(FILES, ABOUT))


def test_the_same_files_give_the_same_bytes():
    assert a_dossier() == a_dossier()


@pytest.mark.parametrize("name", FILES)
def test_one_byte_changed_in_any_file_is_seen(name):
    content = FILES[name]
    changed = content[:-1] + bytes([content[-1] ^ 1])

    assert faults_of(rewritten(a_dossier(), replace={name: changed})) == (f"changed: {name}",)


@given(position=st.integers(min_value=0), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_one_bit_changed_anywhere_in_the_archive_is_seen(position, bit):
    archive = bytearray(a_dossier())
    archive[position % len(archive)] ^= 1 << bit
    try:
        verdict = verify_archive(BytesIO(bytes(archive)))
    except DossierUnreadable:
        return
    assert not verdict.whole


def test_something_added_after_the_archive_is_seen():
    assert faults_of(a_dossier() + b"\n") != ()


def test_a_dossier_packed_again_says_so_and_that_its_files_are_as_sealed():
    (fault,) = faults_of(rewritten(a_dossier()))

    assert fault.startswith("rewritten: the files are as sealed")


def test_a_file_taken_out_is_missed():
    assert faults_of(rewritten(a_dossier(), leave_out=["02-facture.xml"])) == (
        "missing: 02-facture.xml",
    )


def test_a_file_slipped_in_is_seen():
    assert faults_of(rewritten(a_dossier(), add={"99-autre.pdf": b"x"})) == ("added: 99-autre.pdf",)


def test_a_manifest_rewritten_for_a_changed_file_breaks_the_chain():
    archive = a_dossier()
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    manifest["files"][1]["sha256"] = "0" * 64

    faults = faults_of(rewritten(archive, replace={"manifest.json": json.dumps(manifest)}))

    assert "chain broken at 02-facture.xml" in faults


def test_a_dossier_remade_whole_has_another_seal(tmp_path: Path):
    path = tmp_path / "dossier.zip"
    path.write_bytes(a_dossier({**FILES, "02-facture.xml": b"other"}))

    answer = CliRunner().invoke(dossier, ["verify", str(path), "--seal", seal_of(FILES, ABOUT)])

    assert answer.exit_code == 1
    assert "not the one given" in answer.output


def test_the_facts_about_the_claim_are_sealed_too():
    archive = a_dossier()
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    manifest["about"]["claim"] = "F-00002"

    assert faults_of(rewritten(archive, replace={"manifest.json": json.dumps(manifest)})) != ()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_dossier_is_said_not_to_be_one(content):
    with pytest.raises(DossierUnreadable):
        verify_archive(BytesIO(content))


def test_an_archive_that_unpacks_beyond_the_limit_is_not_unpacked():
    with pytest.raises(DossierUnreadable, match="once unpacked"):
        verify_archive(BytesIO(a_dossier()), all_bytes_max=20)


def test_two_files_of_one_name_are_refused():
    made = BytesIO(a_dossier())
    with zipfile.ZipFile(made, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("01-index.pdf", b"other")

    with pytest.raises(DossierUnreadable, match="same name"):
        verify_archive(made)


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a\\b", "manifest.json", ""])
def test_a_path_that_leaves_the_dossier_is_never_sealed(path):
    with pytest.raises(DossierUnreadable):
        a_dossier({path: b"x"})


def test_the_command_tells_whole_from_touched(tmp_path: Path):
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(a_dossier())
    bad.write_bytes(rewritten(a_dossier(), replace={"01-index.pdf": b"%PDF indeX"}))

    whole = CliRunner().invoke(dossier, ["verify", str(good)])
    touched = CliRunner().invoke(dossier, ["verify", str(bad), "--json"])

    assert (whole.exit_code, touched.exit_code) == (0, 1)
    assert "3 files, all whole" in whole.output
    assert json.loads(touched.output)["faults"] == ["changed: 01-index.pdf"]
