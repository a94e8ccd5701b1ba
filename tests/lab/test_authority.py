"""lab/authority.py: one certificate for this machine, which nobody else trusts."""

import contextlib
import ssl

import pytest

from lab import authority, doctor
from lab.errors import BadUse


@pytest.fixture
def made(tool, tmp_path):
    tool("openssl")
    return authority.make(tmp_path)


def test_who_trusts_the_authority_trusts_its_server_by_the_strictest_rules(made):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    client = ssl.create_default_context(cafile=made.ca)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there, server_hostname="127.0.0.1")
    answering = server.wrap_bio(there, back, server_side=True)
    for step in (asking, answering, asking, answering):
        with contextlib.suppress(ssl.SSLWantReadError):
            step.do_handshake()
    assert ("IP Address", "127.0.0.1") in asking.getpeercert()["subjectAltName"]


def test_nothing_is_left_of_the_authority_to_sign_with(made, tmp_path):
    keys = [path.name for path in tmp_path.iterdir() if "PRIVATE KEY" in path.read_text()]
    assert keys == ["server.key"]


def test_without_openssl_it_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "which", lambda name: None)
    with pytest.raises(BadUse, match=r"There is no openssl here.*apt-get install openssl"):
        authority.make(tmp_path)


def test_what_openssl_says_is_passed_on(tool, tmp_path):
    tool("openssl")
    with pytest.raises(BadUse, match=r"openssl could not make a certificate: .*"):
        authority.make(tmp_path / "nowhere")
