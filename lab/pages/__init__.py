"""What a page of the course may say beside Markdown: a Python-Markdown extension.

Directives (directives.py), replaced before the page is parsed, in code as well:

    {{ value irc-room websocket latency_p50 }}    a number with its unit; of an experiment: long-polling@100
    {{ value irc-room websocket ip_bytes B }}     the same with no more of its unit, B per message
    {{ ratio irc-room long-polling ip_bytes }}    how many times as much as the reference, WebSocket
    {{ seen proxies websocket-opens good }}       what a demonstration saw of something, and where
    {{ prediction poll-wait }}                    what the reader predicted, beside what was measured

and each on a line of its own:

    {{ table irc-room }}                          the result table, with the run that it is from
    {{ figure irc-room bytes-per-message }}       a figure of the run, inline
    {{ picture one-word }}                        a drawing in results/reference
    {{ controls controls }}                       what the instrument was asked, and whether it noticed
    {{ source servers/minimal/sse.py receive }}   a function, class or constant of a file; without a name the whole file
    {{ exercise 03-sse-resume }}                  an exercise, and how to begin
    {{ exercises }}                               all of them
    {{ claim C4 }}                                a claim, its verdict, and what it rests on
    {{ claims }}                                  all of them, each of which unfolds
    {{ decisions use-cases }}                     each use case, and who wins it; unfolded, at what price
    {{ observed hijack did-it-read }}             a table of a demonstration's report; without its name the picture
    {{ faults faults }}                           what became of each store's promise in a run of faults
    {{ timeline faults }}                         what was done in it, and what was delivered, over time
    {{ capacity capacity }}                       how many clients met an objective, and what stood in the way of more
    {{ probes }}                                  what `lab doctor` looks for, and what is lost without it

Blocks: a question to answer (quiz.py), and a guess to write down (predict.py).

What names nothing recorded, or cannot be understood, stops the build with a sentence (refusal.py), so that a page
cannot show a number that nobody measured.
"""

from typing import Any

from markdown import Markdown
from pymdownx.blocks import BlocksExtension, BlocksProcessor

from lab.pages.directives import Directives
from lab.pages.predict import Predict
from lab.pages.quiz import Quiz
from lab.pages.reachable import Reachable
from lab.pages.recorded import REFERENCE
from lab.pages.unread import Unread

__all__ = ["REFERENCE", "Grammar", "makeExtension"]


class Grammar(BlocksExtension):
    """Registers directives and blocks."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        block_mgr.register(Quiz, {})
        block_mgr.register(Predict, {})
        md.preprocessors.register(Directives(md), "directives", 27)  # before fences and HTML blocks are set aside
        md.treeprocessors.register(Unread(md), "unread", 25)  # before what is inline is parsed
        md.postprocessors.register(Reachable(md), "reachable", 5)  # when all is HTML again


def makeExtension(**settings: Any) -> Grammar:
    """What Python-Markdown calls."""
    return Grammar(**settings)
