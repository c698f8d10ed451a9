"""The imitation portals.

* ``site.py``         question → answer: what is shown at this instant, validators, attachments
* ``systems.toml``    content systems as data: addresses, items, pagers; ``systems.py`` reads it
* ``templates/``       their markup
* ``family.py``       a system at a portal: addresses, list pages and documents from that data
* ``vsb.py`` ``gkmlpt.py`` ``hanweb_jcms.py`` …   what a system does beyond its data
* ``all.py``          the scenario's portals as sites, by host
"""
