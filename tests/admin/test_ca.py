"""The certificate of a proxy's authority over HTTP."""

from cryptography.x509 import load_pem_x509_certificate

from tests.admin.kit import control
from tests.kit import get


def test_the_certificate(serve, tmp_path):
    server = serve({"forward_proxy": {"ca_folder": str(tmp_path / "ca")}})
    answer = get(server, "/__record/ca.pem")
    assert (answer.status, answer.header("content-type")) == (200, "application/x-pem-file")
    certificate = load_pem_x509_certificate(answer.body)
    assert "Understudy" in certificate.subject.rfc4514_string()
    assert b"PRIVATE" not in answer.body
    assert get(server, "/__record/ca.pem").body == answer.body


def test_a_server_that_is_no_proxy(serve, tmp_path):
    answer = control(serve({}), "GET", "/__record/ca.pem")
    assert answer.status == 404
    assert "forward_proxy: true" in answer.json()["error"]


def test_an_authority_that_cannot_be_used(serve, tmp_path):
    (tmp_path / "ca").write_text("a file")
    answer = control(serve({"forward_proxy": {"ca_folder": str(tmp_path / "ca")}}), "GET", "/__record/ca.pem")
    assert answer.status == 409
    assert answer.json()["error"].startswith("there is no certificate authority: ")
