"""The model of `sweep_peers.py` as Mesa's `batch_run` wants it: made from keywords, with a data collector."""

from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.store import ScoreStore
from mesa import DataCollector
from sweep_peers import scenario_of


class QuorumModel(CoalitionModel):
    """A run by its number; it ends after the scenario's rounds."""

    def __init__(self, number: int) -> None:
        super().__init__(scenario_of(number), ScoreStore())
        self.datacollector = DataCollector(
            {
                "members": lambda model: len(model.coalitions[1].members),
                "trainings": lambda model: model.counts.done,
            }
        )

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)
        self.running = self.round < self.world.rounds
