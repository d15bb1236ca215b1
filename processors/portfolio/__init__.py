"""The portfolio of a run: a pure fold over its ticks and signals, and the figures of what comes out.

`fold.step` folds one record for every lane at once; `run.run` folds a whole run and gives a result per lane. A model
says how fills and gates are simulated: `rule_text` or `v1`.
"""
