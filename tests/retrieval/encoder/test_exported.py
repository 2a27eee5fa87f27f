"""A compiled model is carried to a machine that cannot compile it, as one file that is checked."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from zipfile import ZIP_STORED, ZipFile

import pytest

from retrieval.encoder.compiled import OUTCOME
from retrieval.encoder.exported import MANIFEST, Exported, Identity, Member, find_imported, import_encoder
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.errors import ModelDamaged, ModelUnavailable, WenbaoError

TEXTS = ["志愿者在送菜", "", "Who called?"]


@pytest.fixture(scope="session")
def exported_file(tiny, tiny_cache, tmp_path_factory):
    """The small model as one file."""
    file = tmp_path_factory.mktemp("exported") / "encoder.zip"
    SentenceEncoder(str(tiny), tiny_cache).export(file)
    return file


def members_of(file):
    with ZipFile(file) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def written(file, members):
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def with_manifest(members, **changed):
    return members | {MANIFEST: json.dumps(json.loads(members[MANIFEST]) | changed).encode()}


def refusal(file, cache, kind=ModelDamaged):
    """Return what is said of a file that is not imported; nothing is left in the cache."""
    with pytest.raises(kind) as caught:
        import_encoder(file, cache)
    assert [path.name for path in cache.glob("*") if path.suffix != ".lock"] == []
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


# There and back


def test_an_imported_model_has_the_vectors_and_the_fingerprint_that_it_had(tiny, tiny_cache, exported_file, tmp_path):
    ours = SentenceEncoder(str(tiny), tiny_cache)
    exported = import_encoder(exported_file, tmp_path)
    theirs = SentenceEncoder("model", tmp_path)
    assert exported == find_imported(tmp_path, "model", "int8")
    assert (theirs.fingerprint, theirs.compiled_folder.name) == (ours.fingerprint, ours.compiled_folder.name)
    assert exported.fingerprint == ours.fingerprint
    assert theirs.encode_queries(TEXTS).vectors.tobytes() == ours.encode_queries(TEXTS).vectors.tobytes()
    assert theirs.encode_passages(TEXTS).vectors.tobytes() == ours.encode_passages(TEXTS).vectors.tobytes()


def test_a_machine_without_the_packages_serves_what_was_imported_and_says_what_else_would_need_them(
    tiny, exported_file, tmp_path
):
    code = f"""if True:
        import json, sys
        from pathlib import Path
        hidden = dict.fromkeys(["torch", "sentence_transformers", "transformers", "onnx", "safetensors", "scipy"])
        sys.modules.update(hidden)
        from retrieval.encoder.exported import import_encoder
        from retrieval.encoder.sentence_encoder import SentenceEncoder
        from retrieval.errors import ModelUnavailable
        cache, said = Path({str(tmp_path)!r}), []
        import_encoder(Path({str(exported_file)!r}), cache)
        rows = len(SentenceEncoder("model", cache).encode_passages({TEXTS!r}).vectors)
        others = [{{}}, {{"runtime": "fp32"}}, {{"model": {str(tiny)!r}, "runtime": "torch"}}]
        for other in others:
            try:
                SentenceEncoder(cache=cache, **other).load()
            except ModelUnavailable as error:
                said.append(str(error))
        sys.stdout.write(json.dumps([rows, said, [name for name in hidden if sys.modules[name]]]))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    elsewhere = "or `wenbao encoder export FILE` where they are, and `wenbao encoder import FILE` here"
    needed = "which needs packages that are not installed here: pip install torch sentence-transformers onnx"
    default = f"multilingual-e5-small must be compiled first, {needed}; {elsewhere}"
    torch = f"{tiny} is to be run by torch, {needed}; {elsewhere}"
    assert json.loads(done.stdout) == [3, [default, default, torch], []]


def test_the_same_model_makes_the_same_file_also_where_it_was_imported(exported_file, tmp_path):
    import_encoder(exported_file, tmp_path / "cache")
    SentenceEncoder("model", tmp_path / "cache").export(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == exported_file.read_bytes()


def test_others_may_read_what_one_user_imported(exported_file, tmp_path):
    folder = tmp_path / import_encoder(exported_file, tmp_path).folder_name
    assert {oct(path.stat().st_mode & 0o444) for path in (folder, *folder.iterdir())} == {oct(0o444)}
    assert folder.stat().st_mode & 0o555 == 0o555


def test_what_is_there_already_is_left_and_what_is_damaged_there_is_replaced(exported_file, tmp_path):
    folder = tmp_path / import_encoder(exported_file, tmp_path).folder_name
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    before = folder.stat().st_ino
    import_encoder(exported_file, tmp_path)
    assert folder.stat().st_ino == before
    (folder / "weights.bin").write_bytes(b"")
    import_encoder(exported_file, tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_there_wins_over_an_import_of_its_name(tiny, exported_file, tmp_path):
    import_encoder(exported_file, tmp_path)
    assert SentenceEncoder(str(tiny), tmp_path).identity.model == str(tiny)


# What is not exported


def test_a_model_that_torch_runs_is_not_exported(tiny, tiny_cache, tmp_path):
    with pytest.raises(ModelUnavailable) as caught:
        SentenceEncoder(str(tiny), tiny_cache, runtime="torch").export(tmp_path / "encoder.zip")
    assert str(caught.value) == (
        "encoder.runtime is torch, and only a compiled model can be exported: set it to int8 or fp32"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_cannot_be_written_is_one_line(tiny, tiny_cache, tmp_path):
    file = tmp_path / "none" / "encoder.zip"
    with pytest.raises(ModelUnavailable) as caught:
        SentenceEncoder(str(tiny), tiny_cache).export(file)
    reason = "No such file or directory"
    assert str(caught.value) == (
        f"{file} cannot be written ({reason}): name a file in a folder that has room and may be written"
    )


# What is not imported


def test_a_file_that_is_no_export_is_refused(tmp_path):
    cases = {
        "text.zip": b"not a zip file",
        "empty.zip": b"",
        "other.zip": written(tmp_path / "a", {"notes.txt": b"hello"}).read_bytes(),
        "foreign.zip": written(tmp_path / "b", {MANIFEST: b'{"format": "another", "version": 1}'}).read_bytes(),
        "list.zip": written(tmp_path / "c", {MANIFEST: b"[]"}).read_bytes(),
        "broken.zip": written(tmp_path / "d", {MANIFEST: b'{"format'}).read_bytes(),
        "endless.zip": written(tmp_path / "e", {MANIFEST: b" " * (2**20 + 1)}).read_bytes(),
    }
    for name, content in cases.items():
        file = tmp_path / name
        file.write_bytes(content)
        assert refusal(file, tmp_path / "cache") == (
            f"{file} is no exported encoder: make one with `wenbao encoder export FILE`"
        )


@pytest.mark.parametrize("changed", [{"version": 2}, {"recipe": 4}, {"layout": 3}, {"version": None}])
def test_a_file_of_another_version_is_refused(changed, exported_file, tmp_path):
    file = written(tmp_path / "encoder.zip", with_manifest(members_of(exported_file), **changed))
    said = refusal(file, tmp_path / "cache")
    assert said.startswith(f"{file} was exported by another version of Wenbao (version ")
    assert said.endswith("here 1, 3.2): install the same version on both machines, and export it again")


def test_members_that_are_missing_altered_cut_short_or_too_many_are_refused(exported_file, tmp_path):
    whole = members_of(exported_file)
    damaged = [{name: content for name, content in whole.items() if name != left} for left in whole if left != MANIFEST]
    damaged += [whole | {name: whole[name][:-1] + b"~"} for name in whole if name != MANIFEST]
    damaged += [whole | {name: whole[name][:-1]} for name in whole if name != MANIFEST]
    damaged += [whole | {name: whole[name] * 3} for name in whole if name != MANIFEST]
    damaged += [whole | {"more.txt": b"x"}]
    for number, members in enumerate(damaged):
        file = written(tmp_path / f"{number}.zip", members)
        assert refusal(file, tmp_path / "cache").startswith(f"{file} is damaged (")


@pytest.mark.parametrize(
    "name", ["../escaped", "/tmp/escaped", "a/../../escaped", "..", ".", ".hidden", "sub/file", "a\\b", "", "a\nb"]
)
def test_a_file_that_would_be_written_outside_of_its_folder_is_refused(name, exported_file, tmp_path):
    members = members_of(exported_file)
    manifest = json.loads(members[MANIFEST])
    files = manifest["files"] | {name: {"size": 1, "sha256": "0" * 64}}
    file = written(tmp_path / "encoder.zip", with_manifest(members, files=files) | {name or "x": b"x"})
    assert refusal(file, tmp_path / "cache") == (
        f"{file} is damaged ({MANIFEST} contradicts itself): "
        "copy it again, or make it anew with `wenbao encoder export FILE`"
    )


def test_names_that_would_lead_the_folder_elsewhere_do_not(exported_file, tmp_path):
    members, manifest = members_of(exported_file), json.loads(members_of(exported_file)[MANIFEST])
    source = tuple(manifest["identity"]["source"])
    files = {name: Member(**member) for name, member in manifest["files"].items()}
    for number, model in enumerate(["../../escaped", "/tmp/escaped", "..", "a/b/..", "a\x00b"]):
        made = Exported(Identity(model, source), "int8", files)
        file = written(tmp_path / f"{number}.zip", members | {MANIFEST: made.as_json()})
        import_encoder(file, tmp_path / "cache")
        assert (tmp_path / "cache" / made.folder_name / OUTCOME).is_file()
    runtime = with_manifest(members, runtime="../../int8")
    assert "contradicts itself" in refusal(written(tmp_path / "runtime.zip", runtime), tmp_path / "other")
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{n}.zip" for n in range(5)), "runtime.zip", "cache"}


def test_whatever_happens_to_its_bytes_is_told_in_one_line_or_harmless(exported_file, tmp_path):
    dice, whole = random.Random(7), exported_file.read_bytes()
    file, cache = tmp_path / "encoder.zip", tmp_path / "cache"
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(dice.randint(0, 4)):
            near = dice.choice([len(content), 400, 4000])  # the end of the file is its table of contents
            content[-1 - dice.randrange(min(near, len(content)))] = dice.randrange(256)
        if dice.random() < 0.3:
            del content[dice.randrange(len(content)) :]
        file.write_bytes(content)
        try:
            import_encoder(file, cache)
        except WenbaoError as error:
            assert len(str(error).splitlines()) == 1
    assert [path.name for path in cache.glob(".*")] == []


def test_a_cache_that_cannot_be_written_is_one_line(exported_file, tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    with pytest.raises(ModelUnavailable) as caught:
        import_encoder(exported_file, tmp_path / "cache")
    assert str(caught.value) == (
        f"the model cannot be put into {tmp_path / 'cache'} (File exists): free 1 GB there, or set encoder.cache"
    )


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    assert refusal(tmp_path / "none.zip", tmp_path / "cache", ModelUnavailable) == (
        f"{tmp_path / 'none.zip'} cannot be read: No such file or directory"
    )
