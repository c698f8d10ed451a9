"""The command line.

``__main__.py``          the entry point; ``running.py`` runs the program: language, signals, recorded help, exit code
``commands.toml``        commands that ask no question, their groups and examples; ``command_table.py`` loads them
``commands/``            the functions of these commands, by subject
``command_functions.py`` converts plain functions to commands and passes them an open archive
``question_commands.py`` makes the command of each question: arguments, options, completion in a shell
``asking.py``            asks one question, then shows its answer, writes it to a file or prints it for a program
``answers/``             functions that show answers which need more than a table
``templates/``           text templates of what people read on a terminal (``screens.py`` renders them)
``tables.toml``          the columns of tables; ``output.py`` prints rows as a table that fits a terminal, plain lines,
                         JSON or CSV
``help_pages.py``        formats pages of help in the language of the run
``failures.py``          converts the exception that ended a command to a sentence and an exit code
``common.py``            opens the archive, prints errors, reads options such as days, portals, kinds and files
``local_files.py``       reads files for ``nianbao read``; ``judged_reading.py`` says whose reports they are and what is
                         doubtful, also as JSON

Functions import what only they need, so that asking a question loads neither Scrapy nor the readers of documents.
"""
