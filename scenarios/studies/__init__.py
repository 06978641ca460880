"""The published studies as commands: trainings that answer one question, beside the figures in print."""
