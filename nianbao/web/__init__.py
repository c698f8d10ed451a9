"""The pages of one archive: server-rendered, without scripts, in Chinese and English.

``pages.py``     the routes: overview, lists, a duty, a report, a difference, method, data
``captures.py``  the routes of single captures
``serving.py``   what every page needs: the archive, the page made of a template
``views.py``     what a page shows of an answer: cells of tables, tiles, forms (pure)
``forms.py``     the fields in which a question is asked, made from its parameters (pure)
``rendering.py`` templates and their words: messages, instants, statuses
``archived.py``  what a portal sent, made harmless
``columns.toml`` what the page of each question shows of a line
``templates/``   one file a page; ``static/`` the style sheet
"""
