"""Settings: defaults, addresses that follow each other, all complaints at once, no secret in print."""

from pathlib import Path

import pytest

from repaint.config import Settings
from repaint.errors import ConfigError

SECRETS = {"DISCORD_TOKEN": "discord-secret", "SEGMIND_API_KEY": "segmind-secret"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)  # so that no .env of a developer's is read


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in {**SECRETS, **variables}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_two_secrets_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.discord_api_url == "https://discord.com/api/v10"
    assert settings.segmind_api_url == "https://api.segmind.com"
    assert settings.segmind_upload_url == "https://workflows-api.segmind.com"
    assert settings.segmind_history_url == "https://api.spotprod.segmind.com"


def test_uploads_and_history_follow_the_api_and_never_go_to_the_real_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load(monkeypatch, SEGMIND_API_URL="http://127.0.0.1:9000/", SEGMIND_UPLOAD_URL="")
    assert settings.segmind_api_url == "http://127.0.0.1:9000"
    assert settings.segmind_upload_url == "http://127.0.0.1:9000"
    assert settings.segmind_history_url == "http://127.0.0.1:9000"


def test_an_upload_address_of_its_own_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch, SEGMIND_API_URL="http://127.0.0.1:1", SEGMIND_UPLOAD_URL="http://127.0.0.1:2"
    )
    assert settings.segmind_upload_url == "http://127.0.0.1:2"
    assert settings.segmind_history_url == "http://127.0.0.1:1"


def test_every_bad_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            monkeypatch,
            DISCORD_TOKEN="",
            SEGMIND_API_URL="api.segmind.com",
            JOBS_AT_ONCE="many",
            INPUT_MEGAPIXELS="0",
            LOG_LEVEL="loud",
        )
    lines = caught.value.sentence.splitlines()
    names = ("DISCORD_TOKEN", "SEGMIND_API_URL", "JOBS_AT_ONCE", "INPUT_MEGAPIXELS", "LOG_LEVEL")
    for name in names:
        assert any(line.startswith(name) for line in lines), name


@pytest.mark.parametrize("address", ["http://127.0.0.1:90x0", "http://127.0.0.1:99999"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with pytest.raises(ConfigError, match="SEGMIND_API_URL is wrong: must have a whole number as its port"):
        load(monkeypatch, SEGMIND_API_URL=address)


def test_a_password_in_an_address_is_refused_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        load(monkeypatch, SEGMIND_API_URL="https://me:hunter2@example.com")
    assert "SEGMIND_API_URL" in caught.value.sentence
    assert "hunter2" not in caught.value.sentence


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    for secret in SECRETS.values():
        assert secret not in f"{settings!r} {settings}"
    with pytest.raises(ConfigError) as caught:
        load(monkeypatch, JOBS_AT_ONCE="many")
    assert not any(secret in f"{caught.value!r} {caught.value.sentence}" for secret in SECRETS.values())


def test_a_dotenv_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("JOBS_AT_ONCE=3\nPICTURE_WORKERS=4\n", "utf-8")
    settings = load(monkeypatch, PICTURE_WORKERS="5")
    assert settings.jobs_at_once == 3
    assert settings.picture_workers == 5
