"""The imitation portals, one module per family.

* ``site.py``         question → answer: what is shown at this instant, validators, attachments
* ``family.py``       what all families share; ``templates/`` the markup
* ``hanweb_jcms.py``  汶上: addressed by organ and year
* ``channel_oid.py``  沂源: ``channel_<oid>/doc_<oid>.html``
* ``trs.py``          济源 (bare ids, static) and 尧都 (dated ids)
* ``dated_list.py``   洛阳 and 栾川: dated directories
* ``vsb.py`` ``ucap.py`` ``nfcms.py``   those systems; ``static_list.py`` one class per shape of addresses
* ``generic.py``      systems nobody described: cards, forms, pagers that no one reads
* ``all.py``          the scenario's portals as sites, by host
"""
