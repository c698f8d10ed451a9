"""The doors: what people and programs hold in their hands. ``cli/`` is the command line."""
