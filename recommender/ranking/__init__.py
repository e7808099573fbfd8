"""From candidates to a slate: the shop's assortment, scenarios, rules, the fallback ladder, the loop and the reasons.

Everything here is a function of its arguments: no clock, no store, no chance.
"""
