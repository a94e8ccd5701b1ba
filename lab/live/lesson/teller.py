"""The moving messages: echoes as they come, in handfuls, so that a class of two hundred is ten frames a second."""

import asyncio

from lab.live import news
from lab.live.desk import Desk

HANDFUL_S = 0.1
MOST = 200  # moves in a handful; what is more is not drawn


class Teller:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.moves: list[news.Move] = []
        self.some = asyncio.Event()

    def add(self, move: news.Move) -> None:
        if len(self.moves) < MOST:
            self.moves.append(move)
            self.some.set()

    async def work(self) -> None:
        while True:
            await self.some.wait()
            self.some.clear()
            moves, self.moves = self.moves, []
            self.desk.tell(news.Flow(moves))
            await asyncio.sleep(HANDFUL_S)
