"""The command line. ``command_table.py`` lists the commands; each module holds one group of them.

``__main__`` is where ``nianbao`` starts. What a command needs is imported by its function, so that a question is
answered without Scrapy and without the readers.
"""
