"""Which use case a student defends a choice for."""

from random import Random

from loadtests.scenario import load

CASES = ("stock-ticker", "game", "co-editing", "sports", "notifications", "dashboard", "stream-chat")


def drawn(random: Random) -> str:
    """The name of a scenario that has an objective."""
    return random.choice(CASES)


def task(random: Random) -> str:
    name = drawn(random)
    case = load(name)
    return f"""# Your use case: {name}

{case.description}

- **Objective**: `{case.objective}`
- **Workload**: rooms: {case.rooms}; people in each: {case.participants}; of these may write: {case.senders}. All is
  in `loadtests/scenarios/{name}.toml`.
- **Where this comes from**: {" ".join(case.source.split())}

Measure it. This takes about a minute, and puts a folder with the run into `runs`, beside your report:

```sh
.venv/bin/lab compare {name} --quick --out answers/13-capstone/runs
```

On a machine that cannot measure, take the recorded run `results/reference/use-cases`. Your rows in it are those that
end with `at {name}`.
"""
