"""The imitation portals.

* ``site.py``         question → answer: what is shown at this instant, validators, attachments
* ``systems.toml``    content systems as data: addresses, items, pagers; ``systems.py`` reads it; ``templates/``: markup
* ``family.py``       a system at a portal: addresses, list pages and documents from that data
* ``gkmlpt.py`` ``hanweb_jcms.py`` ``hanweb_jpaas.py`` ``lonsun.py`` ``posted.py`` ``script_made.py`` ``ucap_query.py``
  ``vsb.py``          what a system does beyond its data
* ``all.py``          the scenario's portals as sites, by host
"""
