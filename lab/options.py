"""What the command line's options have in common: the numbers that they take, and how bad ones are refused."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer

T = TypeVar("T", int, float)


def number(kind: Callable[[str], T], least: T, most: T, metavar: str, help: str) -> Any:
    """An option that takes a number from `least` to `most`."""

    def parse(value: str | T) -> T:
        try:
            found = kind(value)  # type: ignore[arg-type]  # a default comes as the number that it is
            if least <= found <= most:
                return found
        except ValueError:
            pass
        what = "whole number" if kind is int else "number"
        raise typer.BadParameter(f"{value} is not a {what} from {least:,} to {most:,}")

    return typer.Option(parser=parse, metavar=metavar, help=help)


def refusal(error: typer.TyperException) -> str:
    """What is wrong with a command line, as one sentence."""
    message = error.format_message().removeprefix("Invalid value for ").rstrip(".").replace("'", "")
    return f"{message} (--help lists what there is)."
