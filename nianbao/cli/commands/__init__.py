"""One module a command, or a few commands that belong together; ``command_table.py`` lists them."""
