"""The command line.

``__main__.py``         where ``nianbao`` starts; ``running.py`` one run: language, signals, exit code
``commands.toml``       commands that ask no question, their groups and examples; ``command_table.py`` loads them
``commands/``           one module a command, or a few that belong together
``archive_command.py``  how a function that is given an archive becomes a command
``derived.py``          the command of a question, from its entry; ``model_options.py`` its options
``asking.py``           one question asked: its answer shown, written to a file or given to a program
``answers/``            how answers read: lists by the columns of their question, others by a function of their own
``texts/``              what other commands print
``templates/``          pages that stand alone (``--html``)
``help_pages.py``       pages of help in the language of the run
``failures.py``         what is told of an exception that ended a command
``options.py``          options that commands share, and what days, years, kinds and places among them mean
``common.py``           opening an archive, errors, exit codes
``output.py``           rows as a table, plain lines, JSON or CSV; ``tables.toml`` the tables of commands
``standard_output.py``  all of what is printed, or an error

What a command needs is imported by its function, so that a question is answered without Scrapy and without the readers.
"""
