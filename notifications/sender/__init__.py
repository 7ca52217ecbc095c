"""The process that hands messages to providers: `python -m dispatch sender`. Any number of them may run."""
