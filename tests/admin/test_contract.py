import pytest

from tests.kit import get, wait_for
from tests.openapi.served import PETS
from tests.record.live import Real
from understudy import UnderstudyError

KEY = "X-Key: k\r\n"


@pytest.fixture
def real():
    with Real() as real:
        yield real


@pytest.fixture
def server(serve, tmp_path, real):
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "config.yaml").write_text(f"openapi: {{ spec: pets.yaml, proxy: '{real.url}' }}\n")
    return serve(tmp_path / "config.yaml")


def test_what_was_violated_is_counted_and_forgotten(server):
    get(server, "/v1/pets", headers=KEY)
    get(server, "/v1/pets?limit=11", headers=KEY)
    get(server, "/v1/dogs")
    said = get(server, "/__contract").json()
    assert said["operations"] == {"GET /pets": 2, "POST /pets": 0, "GET /pets/{petId}": 0}
    assert said["counts"] == {"error": 2, "warning": 3}
    assert said["findings"][0] == {
        "level": "error",
        "check": "invalid-reply",
        "operation": "GET /pets",
        "pointer": "/body",
        "message": "Response body must be array",
        "times": 1,
    }
    metrics = get(server, "/__metrics").body.decode()
    assert 'understudy_contract_requests_total{operation="GET /pets"} 2.0' in metrics
    assert 'understudy_contract_violations_total{check="invalid-reply",operation="GET /pets"} 1.0' in metrics
    assert 'understudy_contract_violations_total{check="undocumented-request",operation=""} 1.0' in metrics
    assert get(server, "/__contract", "DELETE").json() == {"message": "Forgotten"}
    assert get(server, "/__contract").json()["counts"] == {"error": 0, "warning": 3}


def test_in_python(server, endpoints):
    get(server, "/v1/pets", headers=KEY)
    found = server.contract()
    assert found == get(server, "/__contract").json()
    assert found["counts"] == {"error": 1, "warning": 2}
    server.clear_contract()
    assert server.contract()["requests"] == 0
    with pytest.raises(UnderstudyError, match="nothing is held against a document"):
        endpoints({"path": "/"}).contract()


def test_the_report_on_all_requests_has_it(server, endpoints):
    get(server, "/v1/pets", headers=KEY)
    found = server.contract()
    report = server.report()
    assert report.contract == found
    assert report.verdict == "untested"
    assert get(server, "/__report").json()["contract"] == found
    assert get(server, "/__report", "POST", body=b"{}").json()["contract"] == found
    for query in ("client=x", "path=/v1/pets", "endpoint=listPets", "since=2026-01-01T00:00:00Z", "space=a"):
        assert "contract" not in get(server, f"/__report?{query}").json()
    assert server.report(path="/v1/pets").contract is None
    assert "contract" not in get(endpoints({"path": "/"}), "/__report").json()


def test_counts_outlive_the_log_and_a_reload(server, tmp_path):
    get(server, "/v1/pets", headers=KEY)
    get(server, "/__logs", "DELETE")
    (tmp_path / "pets.yaml").write_text(PETS.replace("getPet", "onePet"))
    assert get(server, "/__reload", "POST").status == 200
    assert get(server, "/__contract").json()["operations"]["GET /pets"] == 1
    get(server, "/v1/pets/1")
    wait_for(lambda: get(server, "/__contract").json()["operations"]["GET /pets/{petId}"] == 1)


def test_nothing_is_held_against_a_document(serve):
    server = serve({"endpoints": [{"path": "/a"}]})
    assert get(server, "/__contract").status == 404
    assert "openapi" in get(server, "/__contract", "DELETE").json()["error"]
    assert "contract" not in get(server, "/__metrics").body.decode()
