"""The conversation of a student: who writes what to Ben, and how often he asks when he polls."""

from random import Random

NAMES = ("Zoë", "Łukasz", "Øyvind", "Çelik", "Noël", "Jürgen", "Chloé")
TEXTS = (  # long enough for a frame of 126 bytes, whoever writes
    "Café at seven? ☕",
    "Grüße aus Köln 🚋",
    "Dîner à 20 h 🍲",
    "½ past ten, at the pier?",
    "¿Mañana, a las nueve? ☀",
    "Tack så mycket 🙏",
)
POLLS = (3, 4)  # with 2 the acknowledgements would weigh as much as the closing


def draw(random: Random) -> dict[str, str | int]:
    return {"name": random.choice(NAMES), "text": random.choice(TEXTS), "polls": random.choice(POLLS)}


def task(random: Random) -> str:
    drawn = draw(random)
    name, text, polls = drawn["name"], drawn["text"], drawn["polls"]
    measure, count = ".venv/bin/python answers/07-bytes/measure.py", ".venv/bin/python answers/07-bytes/count.py"
    return f"""# Your conversation

**{name}** writes to Ben, once: **{text}**

- By *short polling* Ben asks {polls} times on one connection. The last time he finds the message. Then he hangs up.
- By *WebSocket* he opens a socket, is told that it is ready, gets the message, and hangs up.

What {name} does to send it is not counted, only Ben's connection. Write down your guess before you measure:

| bytes, in both directions | payload | socket | IP |
| --- | --- | --- | --- |
| by short polling | | | |
| by WebSocket | | | |

Then measure. `.venv/bin/lab serve all` has to run in another terminal.

```sh
{measure} short-polling '{name}' '{text}' {polls} | {count}
{measure} websocket '{name}' '{text}' | {count}
```
"""
