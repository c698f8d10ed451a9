"""The command line.

``__main__.py``         where ``nianbao`` starts
``command_table.py``    all commands with their modules and examples; ``help_groups.py`` their groups in help
``commands/``           one module a command, or a few that belong together
``derived.py``          the command of a question, from its entry; ``asking.py`` one question asked
``answers/``            how answers read: lists by the columns of their question, others by a function of their own
``texts/``              what other commands print
``templates/``          pages that stand alone (``--html``)
``help_pages.py``       pages of help in the language of the run
``failures.py``         what is told of an exception that ended a command; ``exit_codes.py`` exit codes
``options.py``          options that commands share, and what days, years, kinds and places among them mean
``common.py``           opening an archive, errors, exit codes
``output.py``           rows as a table, plain lines, JSON or CSV; ``standard_output.py`` all of it or an error

What a command needs is imported by its function, so that a question is answered without Scrapy and without the readers.
"""
