"""The command line.

``__main__.py``          where ``nianbao`` starts; ``running.py`` one run: language, signals, exit code
``commands.toml``        commands that ask no question, their groups and examples; ``command_table.py`` loads them
``commands/``            one module a command, or a few that belong together
``command_functions.py`` how a plain function becomes a command, and is given an open archive
``derived.py``           the command of a question, from its entry; ``model_options.py`` its options,
                         ``completion.py`` their values for a shell
``asking.py``            one question asked: its answer shown, written to a file or given to a program
``answers/``             what is asked and worked out for answers that are more than a table
``templates/``           what people read: ``NAME.txt`` on a terminal (``screens.py``), ``NAME.html`` as a page
``tables.toml``          the columns of tables; ``output.py`` rows as a table, plain lines, JSON or CSV
``help_pages.py``        pages of help in the language of the run
``failures.py``          what is told of an exception that ended a command
``options.py``           what days, years, kinds and places mean that commands take
``common.py``            opening an archive, errors, exit codes
``standard_output.py``   all of what is printed, or an error

What a command needs is imported by its function, so that a question is answered without Scrapy and without the readers.
"""
