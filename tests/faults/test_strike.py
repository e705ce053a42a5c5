from understudy.faults.strike import Lots
from understudy.render.draws import Draws


def test_lots_are_draws_under_the_faults_name():
    draws = Draws(1, "GET /", 7)
    lots = Lots(draws, "a")

    assert lots.unit() == draws.unit("fault a strike")
    assert lots.integer("n", 1, 6) == draws.integer("fault a n", 1, 6)
    assert lots.raw("bytes", 100) == draws.raw("fault a bytes", 100)[:64] + lots.raw("bytes", 100)[64:]
    assert lots.unit() != Lots(draws, "b").unit()


def test_lots_of_lots_have_both_names():
    draws = Draws(1, "GET /", 0)

    assert Lots(Lots(draws, "a"), "chunk 1").unit("x") == draws.unit("fault a fault chunk 1 x")
