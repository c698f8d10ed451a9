"""The imitation portals.

* ``site.py``         turns a request into an answer: what is shown at this instant, validators, attachments
* ``systems.toml``    content systems as data: addresses, items, pagers; ``systems.py`` reads it
* ``templates/``       their markup
* ``family.py``       a system at one portal: addresses, list pages and documents from that data
* ``vsb.py`` ``gkmlpt.py`` ``hanweb_jcms.py`` …   what a system does that is not in its data
* ``all.py``          the site of each of the scenario's hosts
"""
