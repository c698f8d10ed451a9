"""Commands of Scrapy that this project changes, each in a module of its name.

* ``crawl.py``  ends with an error if there is no archive to crawl into
"""
