"""The command line.

``__main__.py``          where ``nianbao`` starts; ``running.py`` one run: language, signals, recorded help, exit code
``commands.toml``        commands that ask no question, their groups and examples; ``command_table.py`` loads them
``commands/``            the functions of these commands, by subject
``command_functions.py`` how a plain function becomes a command, and is given an open archive
``question_commands.py`` the command of a question, made of its entry: arguments, options, their values for a shell
``asking.py``            one question asked: its answer shown, written to a file or given to a program
``answers/``             what is asked and worked out for answers that are more than a table
``templates/``           what people read on a terminal (``screens.py``)
``tables.toml``          the columns of tables; ``output.py`` rows as a table, plain lines, JSON or CSV
``table_layout.py``      which columns a terminal has room for, and how their text is broken
``help_pages.py``        pages of help in the language of the run
``failures.py``          what is told of an exception that ended a command
``common.py``            opening an archive, errors, exit codes; what days, portals, kinds and files mean
``files_read.py``        files that ``nianbao read`` reads, and what it says of them to other programs

What a command needs is imported by its function, so that a question is answered without Scrapy and without the readers.
"""
