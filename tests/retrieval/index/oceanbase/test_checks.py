"""Servers, databases and users that are not fit for an index, and what is said of them."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest
from pymysql.err import OperationalError

from retrieval.errors import StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.checks import check, missing_rights
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import failure_of
from retrieval.index.oceanbase.url import Address, address_of

DB = Address("root@sales#main", "wenbao", "db")
AT = "oceanbase://root%40sales%23main@db:2881/wenbao"
NEEDS = "the index needs OceanBase 4.3.5 or seekdb 1.0, or newer"


class Canned:
    """A session with a server of that version and charset, on which the user has these grants."""

    def __init__(self, version, charset="utf8mb4", grants=("GRANT ALL PRIVILEGES ON *.* TO 'root'",)):
        self.answers = [[(version,)], [(charset,)], [(line,) for line in grants]]

    def all(self, statements):
        return self.answers[: len(statements)]


def told(url, password):
    """Return the kind of error that a check raises, and what it says after the URL."""
    with closing(Database(url, password)) as database, pytest.raises((StoreUnusable, StoreUnreachable)) as refused:
        database.check()
    assert str(refused.value).startswith(f"{address_of(url)}")
    return type(refused.value), str(refused.value).removeprefix(f"{address_of(url)}").lstrip(": ")


@contextmanager
def user(database, *grants):
    """Yield the URL of a user without any rights on a database but these."""
    with database.session() as session:
        session.change("CREATE USER reader IDENTIFIED BY 'pass 词'")
        for one in grants:
            session.change(f"GRANT {one} ON {database.address.database}.* TO reader")
    yield str(database.address).replace("root@", "reader@")
    with database.session() as session:
        session.change("DROP USER reader")


def test_a_good_server_is_good(database):
    database.check()


def test_a_wrong_password_user_database_and_place_are_told_with_the_remedy(seekdb):
    account = (
        "the user or the password is wrong: put the password into WENBAO_INDEX_PASSWORD, and the user into index.url, "
        "of an OceanBase with tenants as user%40tenant or user%40tenant%23cluster"
    )
    assert told(seekdb.url, "wrong") == told(seekdb.url, None) == (StoreUnusable, account)
    assert told(seekdb.url_of("wenbao", "nobody"), seekdb.password) == (StoreUnusable, account)
    assert told(seekdb.url_of("nowhere"), seekdb.password) == (
        StoreUnusable,
        "there is no such database: CREATE DATABASE `nowhere` CHARACTER SET utf8mb4",
    )
    assert told(f"{seekdb.url}&tls=required", seekdb.password) == (
        StoreUnusable,
        "the server does not speak TLS, or not with us: leave tls out of index.url, or set it up there",
    )
    see = "see that the server runs and index.url is right"
    assert told(seekdb.url.replace("sql.sock", "no.sock"), None) == (
        StoreUnreachable,
        f"cannot be reached (No such file or directory): {see}",
    )
    assert told("oceanbase://root@127.0.0.1:1/wenbao", None) == (
        StoreUnreachable,
        f"cannot be reached (Connection refused): {see}",
    )
    assert told("oceanbase://root@nowhere.invalid/wenbao", None)[0] is StoreUnreachable


def test_missing_rights_are_told_with_the_statement_that_gives_them(database):
    name = database.address.database
    with user(database) as url:
        assert told(url, "pass 词") == (
            StoreUnusable,
            f"the user may not use the database: GRANT ALL PRIVILEGES ON `{name}`.* TO 'reader'",
        )
    with user(database, "SELECT, INSERT, UPDATE", "DELETE, CREATE") as url:
        assert told(url, "pass 词") == (
            StoreUnusable,
            f"the user may not DROP, ALTER, INDEX: GRANT DROP, ALTER, INDEX ON `{name}`.* TO 'reader'",
        )
        with closing(Database(url, "pass 词")) as refused, refused.session() as session:
            session.change("CREATE TABLE a (b INT)")
            with pytest.raises(StoreUnusable, match=f"the user may not DROP .*: GRANT DROP ON `{name}`"):
                session.change("DROP TABLE a")
            with pytest.raises(StoreUnusable, match="SUPER .*: an administrator of the server can do it"):
                session.change("SET GLOBAL max_allowed_packet = 2048")
    with user(database, "ALL PRIVILEGES") as url, closing(Database(url, "pass 词")) as allowed:
        allowed.check()


def test_a_database_of_other_characters_is_told(seekdb, database):
    with database.session() as session:
        session.change("CREATE DATABASE latin CHARACTER SET binary")
        assert told(seekdb.url_of("latin"), seekdb.password) == (
            StoreUnusable,
            "the database is binary, not utf8mb4: make another one, CREATE DATABASE … CHARACTER SET utf8mb4, "
            "and name it in index.url",
        )
        session.change("DROP DATABASE latin")


def test_a_packet_that_is_too_large_is_told(database):
    with database.session() as session:
        with pytest.raises(StoreUnusable, match="max_allowed_packet: SET GLOBAL max_allowed_packet = 67108864"):
            session.rows("SELECT LENGTH(%s)", ["大" * 6 * 2**20])
        assert session.rows("SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("8.0.36", f"is 8.0.36, no OceanBase: {NEEDS}"),
        ("11.4.2-MariaDB-log", f"is 11.4.2-MariaDB-log, no OceanBase: {NEEDS}"),
        ("5.7.25-OceanBase-v4.2.1.8", f"is OceanBase 4.2.1, too old: {NEEDS}"),
        ("5.7.25-OceanBase_CE-v4.3.4.1", f"is OceanBase 4.3.4, too old: {NEEDS}"),
        ("5.7.25-OceanBase seekdb-v0.9.0.0", f"is seekdb 0.9.0, too old: {NEEDS}"),
    ],
)
def test_another_kind_of_server_and_an_old_one_are_told(version, said):
    with pytest.raises(StoreUnusable) as refused:
        check(Canned(version), DB)
    assert str(refused.value) == f"{AT} {said}"


@pytest.mark.parametrize(
    "version",
    ["5.7.25-OceanBase-v4.3.5.3", "5.7.25-OceanBase_CE-v4.4.0.0", "5.7.25-OceanBase seekdb-v1.4.0.0"],
)
def test_newer_servers_are_good(version):
    check(Canned(version), DB)


def test_a_server_that_lacks_the_variables_of_oceanbase_is_told_already_when_connecting():
    error = OperationalError(1193, "Unknown system variable 'ob_query_timeout'")
    said = f"{AT}: Unknown system variable 'ob_query_timeout', so this is no OceanBase: {NEEDS}"
    assert repr(failure_of(error, DB)) == repr(StoreUnusable(said))


def test_a_user_of_a_tenant_is_granted_rights_by_the_name_within_it():
    with pytest.raises(StoreUnusable) as refused:
        check(Canned("5.7.25-OceanBase-v4.3.5.3", grants=["GRANT USAGE ON *.* TO 'root'"]), DB)
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX"
    assert str(refused.value) == f"{AT}: the user may not {rights}: GRANT {rights} ON `wenbao`.* TO 'root'"


@pytest.mark.parametrize(
    ("grants", "absent"),
    [
        (["GRANT ALL PRIVILEGES ON `wenbao`.* TO 'a'"], []),
        (["GRANT ALL ON *.* TO 'a' WITH GRANT OPTION"], []),
        (["GRANT ALL PRIVILEGES ON `wen%`.* TO 'a'"], []),
        (["GRANT ALL PRIVILEGES ON `wenba_`.* TO 'a'"], []),
        (["GRANT ALL PRIVILEGES ON `wenba\\_`.* TO 'a'", "GRANT SELECT ON *.* TO 'a'"], ["INSERT", "UPDATE"]),
        (["GRANT ALL PRIVILEGES ON `wenbao`.`things` TO 'a'", "GRANT SELECT ON *.* TO 'a'"], ["INSERT", "UPDATE"]),
        (["GRANT USAGE ON *.* TO 'a'", "GRANT `writers`@`%` TO 'a'"], []),
    ],
)
def test_rights_come_from_every_grant_that_covers_the_database_and_a_role_may_give_any(grants, absent):
    assert missing_rights(grants, "wenbao")[:2] == absent
