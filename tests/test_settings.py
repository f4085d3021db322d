"""The environment, read once."""

from __future__ import annotations

import pytest

from harness.settings import read


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("gpu.local", "http://gpu.local:11434"),
        ("https://gpu.local", "https://gpu.local:443"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
        ("[::1]", "http://[::1]:11434"),
        ("[::]:8080", "http://[::1]:8080"),
        ("http://gpu.local/ollama", "http://gpu.local:80/ollama"),
    ],
)
def test_the_servers_address_is_read_as_its_own_tools_read_it(host: str, url: str) -> None:
    """Host, host and port, or URL; an address to listen on is not one to talk to."""
    assert read({"OLLAMA_HOST": host}).ollama_host == url


def test_settings_do_not_show_their_secrets() -> None:
    """A record that lands in a message by mistake shows no key."""
    settings = read({"ANTHROPIC_API_KEY": "sk-secret", "PIP_INDEX_URL": "https://user:secret@index"})
    assert settings.anthropic_key == "sk-secret"
    assert "secret" not in repr(settings)


def test_only_an_installers_variables_are_handed_on() -> None:
    """Builds may get an index and a proxy, nothing else."""
    settings = read({"PIP_INDEX_URL": "x", "HTTPS_PROXY": "y", "AWS_SECRET": "z", "ANTHROPIC_API_KEY": "k"})
    assert dict(settings.index) == {"PIP_INDEX_URL": "x", "HTTPS_PROXY": "y"}
