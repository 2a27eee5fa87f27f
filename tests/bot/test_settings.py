from pathlib import Path

import pytest
from places import ROOT

from bot.settings import ConfigurationError, Settings, index_password, load_settings

NAME = "write the name of a host alone, such as ask.example.org (other scripts as xn--…)"
HOST = f"server.allowed_hosts.1: {NAME}"
ORIGIN = "server.allowed_origins.0: write the scheme and the host alone, such as https://intranet.example.org"
URL = "write an address such as https://ask.example.org"
DATABASE = "write oceanbase://USER@HOST:2881/DATABASE"
PASSWORD = (
    "holds a password: leave it out and put it into WENBAO_INDEX_PASSWORD (a ':' of the user's name is written %3A)"
)


def configuration(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    return str(caught.value).replace(str(path), "config.yaml")


def test_an_empty_file_gives_the_defaults_with_paths_beside_the_file(tmp_path):
    settings = load_settings(configuration(tmp_path, ""))
    assert settings.corpus.paths == (tmp_path / "seeds",)
    assert settings.index.path == tmp_path / ".wenbao"
    assert settings.encoder.model == "multilingual-e5-small"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8000)
    assert (settings.telegram.api_base_url, settings.telegram.mode) == ("https://api.telegram.org/bot", "polling")


def test_the_shipped_file_documents_every_key_and_states_the_defaults(tmp_path):
    shipped = load_settings(ROOT / "config.yaml").model_dump(exclude={"web", "corpus", "index"})
    assert shipped == load_settings(configuration(tmp_path, "")).model_dump(exclude={"web", "corpus", "index"})
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for section, field in Settings.model_fields.items():
        assert f"\n{section}:\n" in text
        for key in field.annotation.model_fields:
            assert f"\n  {key}:" in text, f"{section}.{key} is not in config.yaml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("server:\n  prot: 3\n", "config.yaml, line 2: server.prot: unknown key"),
        ("srv:\n  port: 3\n", "config.yaml, line 1: srv: unknown key"),
        (
            "\n\nserver:\n  host: x\n  port: 70000\n",
            "config.yaml, line 5: server.port: input should be less than or equal to 65535",
        ),
        ("telegram: {mode: pigeon}\n", "config.yaml, line 1: telegram.mode: input should be 'polling' or 'webhook'"),
        (
            "server:\n  trusted_proxies: [10.0.0.1/8]\n",
            "config.yaml, line 2: server.trusted_proxies.0: value is not a valid IPv4 or IPv6 network",
        ),
        ("server:\n  port: 1\n  port: 2\n", "config.yaml, line 3: the key port stands here twice"),
        ("server:\n  access: closed\n", "config.yaml, line 2: server.access: input should be 'open' or 'keys'"),
        ("server:\n\n  log: xml\n", "config.yaml, line 3: server.log: input should be 'text' or 'json'"),
        (
            "server:\n  questions_per_minute: -1\n",
            "config.yaml, line 2: server.questions_per_minute: input should be greater than or equal to 0",
        ),
        (
            "server:\n  questions_per_minute: yes\n",
            "config.yaml, line 2: server.questions_per_minute: yes and no (true and false) are no value here",
        ),
        (
            "server:\n  trusted_proxies:\n  - ::1\n  - 10.0.0.0/8\n  - nowhere\n",
            "config.yaml, line 5: server.trusted_proxies.2: value is not a valid IPv4 or IPv6 network",
        ),
        (
            "server:\n  trusted_proxies: 10.0.0.0/8\n",
            "config.yaml, line 2: server.trusted_proxies: a list is expected, such as [a, b]",
        ),
        ("index: {store: redis}\n", "config.yaml, line 1: index.store: input should be 'local' or 'oceanbase'"),
        (
            "server: {}\nindex:\n  store: oceanbase\n",
            f"config.yaml, line 2: index.url: index.store oceanbase needs it: {DATABASE}",
        ),
        *(
            (f"index:\n  store: oceanbase\n  url: {url}\n", f"config.yaml, line 3: index.url: {says}")
            for url, says in [
                ("oceanbase://root:geheim@h:2881/wenbao", PASSWORD),
                ("oceanbase://root:@h/wenbao", PASSWORD),
                ("postgres://root@h/wenbao", f"does not begin with oceanbase://: {DATABASE}"),
                ("oceanbase://h:2881/wenbao", f"names no user: {DATABASE}"),
                ("oceanbase://root@h/wenbao?passwd=x", "has an unknown option 'passwd': there are unix_socket and tls"),
            ]
        ),
        *(
            (f"server:\n  allowed_hosts:\n  - a.example\n  - {host}\n", f"config.yaml, line 4: {HOST}")
            for host in ("https://a.example", "a.example:80", "例子.example", "'a b'", "''")
        ),
        *(
            (f"server:\n  allowed_origins:\n  - {origin}\n", f"config.yaml, line 3: {ORIGIN}")
            for origin in (
                "a.example",
                "https://a.example/",
                "https://u@a.example",
                "https://a:99999",
                "'https://[::1'",
            )
        ),
        *(
            (f"server:\n  public_url: {url}\n", f"config.yaml, line 2: server.public_url: {URL}")
            for url in ("ask.example.org", "https://", "https://a:99999/", "'https://[x'", "https://a.example/x y")
        ),
        ("server:\n  host: ''\n", "config.yaml, line 2: server.host: string should have at least 1 character"),
        ("telegram:\n  api_base_url: 'http://a:b'\n", f"config.yaml, line 2: telegram.api_base_url: {URL}"),
        (
            "telegram:\n  documents: ''\n",
            "config.yaml, line 2: telegram.documents: string should have at least 1 character",
        ),
        (
            "telegram:\n  users:\n    - 1\n    - me\n",
            "config.yaml, line 4: telegram.users.1: input should be a valid integer, "
            "unable to parse string as an integer",
        ),
        (
            "telegram:\n  users: [1, true]\n",
            "config.yaml, line 2: telegram.users: yes and no (true and false) are no value here",
        ),
        ("corpus:\n  scan_seconds: 0\n", "config.yaml, line 2: corpus.scan_seconds: input should be greater than 0"),
        (
            "corpus:\n  scan_seconds: .nan\n",
            "config.yaml, line 2: corpus.scan_seconds: input should be less than or equal to 86400",
        ),
        (
            "web:\n  examples:\n    zh:\n      - a\n      - 2\n",
            "config.yaml, line 5: web.examples.zh.1: input should be a valid string",
        ),
        (
            "\ncorpus:\nserver:\n  port: 1\n",
            "config.yaml, line 2: corpus: keys are expected below it; leave it out where there are none",
        ),
        ("1: 2\n", "config.yaml, line 1: a key is a word"),
        ("server:\n  ? [a, b]\n  : c\n", "config.yaml, line 2: a key is a word"),
        ("server: [1\n", "config.yaml, line 2: expected ',' or ']', but got '<stream end>'"),
        ("- server\n", "config.yaml, line 1: sections are expected, such as `server:`"),
    ],
)
def test_an_error_names_the_key_and_the_line(tmp_path, text, message):
    assert error_of(configuration(tmp_path, text)) == message


def test_trusted_proxies_are_addresses_or_networks(tmp_path):
    settings = load_settings(
        configuration(tmp_path, "server: {trusted_proxies: [127.0.0.1, 10.0.0.0/8, 'fd00::/8']}\n")
    )
    assert [str(one) for one in settings.server.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


def test_the_environment_overrides_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("WENBAO_SERVER__PORT", "9000")
    monkeypatch.setenv("WENBAO_CORPUS__PATHS", '["reports"]')
    settings = load_settings(configuration(tmp_path, "server: {port: 1, host: '::1'}\n"))
    assert (settings.server.host, settings.server.port) == ("::1", 9000)
    assert settings.corpus.paths == (tmp_path / "reports",)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WENBAO_SERVER__PROT", "1", "environment variable WENBAO_SERVER__PROT: unknown key"),
        (
            "WENBAO_SERVER__PORT",
            "-1",
            "environment variable WENBAO_SERVER__PORT: input should be greater than or equal to 0",
        ),
        (
            "WENBAO_SERVER__ALLOWED_HOSTS",
            "a.example",
            "environment variable WENBAO_SERVER__ALLOWED_HOSTS: lists and mappings are written as JSON",
        ),
        ("WENBAO_SERVER__ALLOWED_HOSTS", '["a", "b c"]', f"environment variable WENBAO_SERVER__ALLOWED_HOSTS: {NAME}"),
        ("WENBAO_SERVER", "x", "environment variable WENBAO_SERVER: lists and mappings are written as JSON"),
        (
            "WENBAO_SERVER",
            '{"port": -1}',
            "environment variable WENBAO_SERVER: input should be greater than or equal to 0",
        ),
        ("WENBAO_SERVER__PORT__X", "1", "environment variable WENBAO_SERVER__PORT__X: input should be a valid integer"),
        ("WENBAO_SERVER__LOG", "xml", "environment variable WENBAO_SERVER__LOG: input should be 'text' or 'json'"),
        (
            "WENBAO_WEB__EXAMPLES__ZH",
            "x",
            "environment variable WENBAO_WEB__EXAMPLES__ZH: lists and mappings are written as JSON",
        ),
        ("WENBAO_SRV__PORT", "1", "environment variable WENBAO_SRV__PORT: there is no section srv"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path, monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    assert error_of(configuration(tmp_path, "server:\n  port: 5\n")) == message


def test_a_mistake_in_the_file_is_not_laid_on_a_variable_for_another_key_of_the_section(tmp_path, monkeypatch):
    monkeypatch.setenv("WENBAO_SERVER", '{"host": "::1"}')
    message = "config.yaml, line 2: server.port: input should be less than or equal to 65535"
    assert error_of(configuration(tmp_path, "server:\n  port: 70000\n")) == message


def test_a_file_that_refers_to_itself_or_has_an_impossible_date_is_an_error_of_the_file(tmp_path):
    assert error_of(configuration(tmp_path, "web: &a [*a]\n")).startswith("config.yaml is no YAML: ")
    assert error_of(configuration(tmp_path, "web: 2024-13-45\n")).startswith("config.yaml is no YAML: ")


def test_a_database_is_named_by_its_address_and_its_password_comes_from_the_environment(tmp_path, monkeypatch):
    url = "oceanbase://root%40sys%23one@db.example.org:2881/wenbao?unix_socket=/run/sql.sock&tls=required"
    monkeypatch.setenv("WENBAO_INDEX__URL", url)
    monkeypatch.setenv("WENBAO_INDEX__STORE", "oceanbase")
    assert index_password() is None
    monkeypatch.setenv("WENBAO_INDEX_PASSWORD", "geheim und lang")
    settings = load_settings(configuration(tmp_path, ""))
    assert (settings.index.store, settings.index.url, index_password()) == ("oceanbase", url, "geheim und lang")
    assert "geheim" not in repr(settings)
    monkeypatch.delenv("WENBAO_INDEX__URL")
    assert error_of(configuration(tmp_path, "")).startswith("config.yaml, line 1: index.url: index.store oceanbase")


def test_secrets_in_the_environment_are_no_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "tok-1")
    monkeypatch.setenv("WENBAO_API_TOKENS", "tok-1")
    assert "tok-1" not in repr(load_settings(configuration(tmp_path, "")))


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    assert error_of(tmp_path / "config.yaml") == (
        "no configuration file config.yaml: run in the folder that holds it, or name it with --config"
    )


def test_a_relative_model_folder_is_beside_the_file(tmp_path):
    (tmp_path / "model").mkdir()
    settings = load_settings(configuration(tmp_path, "encoder: {model: model}\n"))
    assert settings.encoder.model == str(tmp_path / "model")
