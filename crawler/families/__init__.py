"""One content-management system = one base class; a portal is attributes on top of it.

* ``portal.py``        PortalSpider: the contract of a portal; knows nothing of storage (``crawler.flow`` does)
* ``lists.py``         a stored list page, and what a family makes of it; all that reads one is pure:
* ``items.py``         its raw links; ``headings.py`` ``publishers.py`` whose an item is, of which year, by what
                       stands over it or in its row
* ``page_kinds.py``    what a page calls itself; ``emptiness.py`` ``outlines.py`` what one without items is
* ``subcolumns.py``    further lists it leads to; ``year_choices.py`` ``year_fields.py`` ``group_tabs.py`` offered
* ``addresses.py`` ``pagers.py``   addresses of links, and where a list goes on
* ``script_pagers.py`` ``posted_pages.py``   pages that scripts count; that a form is sent for (``button_scripts.py``)
* ``list_ends.py``     signs that a list goes on where no address leads; ``makings.py`` how a page makes its entries,
                       ``divided.py`` how many of them stand together
* ``signatures.toml``  marks by which a family is recognised, shapes of addresses; ``crawler.signatures`` reads it
* ``hanweb_jcms.py``   大汉 JCMS: ``<datastore>`` lists, dataproxy paging, reports addressed by organ and year
* ``trs_wcm.py``       拓尔思 WCM: static lists, createPageHTML and countPage pagers, bare ``t123.html`` addresses
* ``channel_oid.py``   淄博/济南: ``channel_<oid>/doc_<oid>.html``
* ``dated_list.py``    河南 platform and 洛阳: ``/2025/12-08/945529.html``, pages ``index_1.html``
* ``vsb.py``           博达: ``/info/1025/10755.htm``, page numbers that count down, columns of one article
* ``ucap.py``          UCAP / ccontent: ``<32 hex>.shtml``, ``common_list_2.shtml``, packed pagers
* ``nfcms.py``         广东 NFCMS: ``/content/post_1.html``, ``index_2.html``, the phone's copies
* ``static_list.py``   regular static sites that are no large family, by the shapes of their addresses
* ``generic.py``       any other system, from the page alone
* ``gkmlpt.py``        开普 gkmlpt (广东): shells with a category in the hash, entries as JSON, documents in a script
* ``hanweb_jpaas.py``  大汉 JPAAS: lists behind ``build/unit``, totals in attributes of the pager
* ``lonsun.py``        龙讯 (安徽): lists behind ``/site/label/8888``, reports addressed by organ and year
* ``ucap_query.py``    UCAP of 江西: newest entries in a script, all by POST to ``/queryList``
* ``ucap_channel.py``  UCAP whose scripts ask by channel: ``/searchList/<32 hex>``, ``/getFileListByCodeId``
* ``articles.py``      a document in place of a list (pure)
* ``answers.py`` ``steps.py`` ``scripted.py``   answers of interfaces, requests to them, documents in scripts (pure)
"""
