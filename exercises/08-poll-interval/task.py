"""Four places of a student: two in which an interval will do, and two in which none does."""

from random import Random

KINDS = ("roomy", "narrow", "quiet", "busy")
WHO = (
    "Travellers at a station",
    "Readers of scores",
    "Bidders at an auction",
    "Drivers with a map",
    "Nurses on a ward",
)
Place = dict[str, float]


def draw(random: Random) -> dict[str, Place]:
    """One of each kind. In a narrow one an interval as long as the objective asks too often by a few in a hundred."""
    return {kind: place(kind, random) for kind in KINDS}


def place(kind: str, random: Random) -> Place:
    clients, objective_s = 1000 * random.randint(2, 9), random.choice((1, 2) if kind == "quiet" else (1, 2, 4, 5))
    share = {"roomy": random.choice((1.6, 2.0, 2.5)), "narrow": 0.975}.get(kind, 0.4)
    rate = {"quiet": 0.02, "busy": 4.0}.get(kind) or random.choice((0.1, 0.5, 2.0))
    budget = round(share * clients / objective_s)
    return {"clients": clients, "messages_per_s": rate, "objective_s": objective_s, "budget_per_s": budget}


def task(random: Random) -> str:
    places = list(draw(random).values())
    random.shuffle(places)
    table = "\n".join(
        " | ".join([f"| {who}", *(f"{value:g}" for value in one.values()), "|"])
        for who, one in zip(random.sample(WHO, len(places)), places, strict=True)
    )
    return f"""# Your four places

| who listens | how many | messages a second | 95 in 100 within, seconds | questions a second at most | your choice |
| --- | --- | --- | --- | --- | --- |
{table}

In two of them an interval keeps both the objective and the budget. In two there is none. Which are they?
"""
