"""What is believed of a log that lives elsewhere."""

from servers.stores.lives import Life, Lives

FIRST = Life("e1", "run1", 10, 0)


def lives(*told: Life) -> Lives:
    known = Lives()
    assert all([known.believe(life) for life in told])
    return known


def test_the_highest_count_told_is_remembered() -> None:
    known = lives(FIRST, FIRST._replace(taken=12), FIRST._replace(taken=11))
    known.hear("e1", "run1", 15)
    known.hear("e1", "run1", 14)
    assert known.now == FIRST._replace(taken=15)


def test_news_of_another_life_is_not_counted() -> None:
    known = lives(FIRST)
    known.hear("e2", "run1", 99)
    known.hear("e1", "run2", 99)
    assert known.now.taken == 10


def test_a_restart_that_kept_all_goes_on_in_the_same_epoch() -> None:
    known = lives(FIRST, Life("e1", "run2", 10, 10))
    assert known.now.run == "run2"


def test_a_restart_that_kept_less_than_is_remembered_is_not_believed() -> None:
    known = lives(FIRST)
    assert not known.believe(Life("e1", "run2", 12, 9)), "its count has grown since, by what others sent"
    assert known.now == FIRST, "so the next call tells Redis what was lost"
    assert known.believe(Life("e2", "run2", 12, 12))


def test_an_answer_from_a_life_that_is_over_is_not_passed_on() -> None:
    known = lives(FIRST, Life("e1", "run2", 10, 10))
    assert not known.believe(FIRST._replace(taken=11))
    assert known.now == Life("e1", "run2", 10, 10)
