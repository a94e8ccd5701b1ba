"""How messages come to a room: what a poll that looks in now and then, or soon after an answer, will find."""

import math

from msgspec import Struct


class Gap(Struct, frozen=True):
    """What becomes of long polls that come back so many `seconds` after an answer, while nobody waits at the server.

    `held` is the share of them that find nothing and are held, each until one message comes; `caught` is how many
    messages one finds on average. A message caught waits anything from `soonest` to all of the gap, uniformly.
    """

    seconds: float
    held: float
    caught: float
    soonest: float = 0.0

    @property
    def messages(self) -> float:
        """What an answer brings, on average: each poll ends with the one it was held for, or with those it found."""
        return self.held + self.caught


class Poisson(Struct, frozen=True):
    """Messages at random moments, independent of each other; none at all where the rate is 0."""

    rate: float  # messages a second

    def none_within(self, seconds: float) -> float:
        """The probability that no message comes within so many seconds."""
        return math.exp(-self.rate * seconds)

    def gap(self, seconds: float) -> Gap:
        """What came before says nothing of what comes: the gap has rate x seconds of them, none by the exponential."""
        return Gap(seconds, self.none_within(seconds), self.rate * seconds)

    @property
    def spells(self) -> float:
        """How many spells of silence there are in a second, which a message begins."""
        return self.rate

    def lasting(self, seconds: float) -> float:
        """The share of the spells that last so long."""
        return self.none_within(seconds)

    def silences(self, seconds: float) -> float:
        """How often a second a silence of that length is over, when the clock begins anew with it and each message.

        Of the spells between two messages a share x = exp(-rate x seconds) lasts so long, x^2 twice as long, and so on.
        """
        if not self.rate:
            return 1 / seconds
        return self.rate * geometric(self.lasting(seconds))


class Periodic(Struct, frozen=True):
    """Messages in a fixed rhythm."""

    rate: float

    def none_within(self, seconds: float) -> float:
        """A span that begins at any moment misses every beat with the probability that the rhythm leaves."""
        return max(0.0, 1 - self.rate * seconds)

    def gap(self, seconds: float) -> Gap:
        """A poll that is back before the next message is held, always: after a message, a message is a period away.

        One that is later finds rate x seconds of them, always; it was never held, so its answers drift through the
        rhythm, and a message waits anything up to the gap. This is the knee: at a round trip of one period.
        """
        late = self.rate * seconds >= 1
        return Gap(seconds, 0.0, self.rate * seconds) if late else Gap(seconds, 1.0, 0.0)

    @property
    def spells(self) -> float:
        return self.rate

    def lasting(self, seconds: float) -> float:
        return float(self.rate * seconds < 1)

    def silences(self, seconds: float) -> float:
        return self.rate * math.floor(1 / (self.rate * seconds))


class Bursts(Struct, frozen=True):
    """Silence of `every_s` on average, exponentially distributed, then `size` messages at random within `within_s`."""

    every_s: float
    size: int
    within_s: float

    @property
    def rate(self) -> float:
        return self.size / (self.every_s + self.within_s)

    def none_within(self, seconds: float) -> float:
        """The span begins in a silence, or after a burst's last message, and the silence goes on."""
        quiet = self.every_s + self.within_s / (self.size + 1)
        return quiet / (self.every_s + self.within_s) * math.exp(-seconds / self.every_s)

    def gap(self, seconds: float) -> Gap:
        """The first message of a burst finds its poll held. The others come as if at random, dense / s, for `rest` s.

        Answers bring of those what they would of a Poisson process of that density; but never more than there are, so
        that at least one follows. Of a gap that outlasts the burst even the last message waits what is over.
        """
        others, rest = self.size - 1, self.within_s * self.size / (self.size + 1)
        if not others:
            return Gap(seconds, 1.0, 0.0)
        inside = Poisson(others / rest).gap(seconds)
        answers = others / min(others, inside.messages)
        held = 1 + answers * inside.held
        polls = 1 + answers
        return Gap(seconds, held / polls, (self.size - held) / polls, max(0.0, seconds - rest))

    @property
    def spells(self) -> float:
        """Those in a burst are short: none is counted but the one after it."""
        return self.rate / self.size

    def lasting(self, seconds: float) -> float:
        return math.exp(-seconds / self.every_s)

    def silences(self, seconds: float) -> float:
        return self.spells * geometric(self.lasting(seconds))


Arrivals = Poisson | Periodic | Bursts


def geometric(x: float) -> float:
    """x + x^2 + x^3 + …"""
    return x / (1 - x)
