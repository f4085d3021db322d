"""Those who work: agents as generators, their tools and prompts, and the models behind them.

An agent yields wishes and is sent what happened. Nothing in this room touches a sandbox's own code, a task, a clock or the
environment; only `agents.models` speaks to the outside, and only to a model.
"""
