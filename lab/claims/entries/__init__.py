"""The claims. C: what the introductory article says; L: what the literature says."""

from lab.claims.entries import asking, carrying, keeping, practice, waiting, weight
from lab.claims.judging import Claim
from lab.errors import BadUse


def order(claim: Claim) -> tuple[str, int]:
    return claim.id[0], int(claim.id[1:])


PARTS = (waiting, keeping, asking, weight, carrying, practice)
CLAIMS: list[Claim] = sorted((claim for part in PARTS for claim in part.CLAIMS), key=order)


def named(id: str) -> Claim:
    """BadUse where there is no such claim."""
    found = next((claim for claim in CLAIMS if claim.id.lower() == id.lower()), None)
    if found is None:
        raise BadUse(f"There is no claim {id!r}: there are {', '.join(claim.id for claim in CLAIMS)}.")
    return found
