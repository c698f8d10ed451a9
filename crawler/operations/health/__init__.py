"""Is everything well? What is not is told once when it begins and once when it is over.

``facts.py``     an archive → what is known of each portal and of the archive
``problems.py``  facts → problems (pure); thresholds, sentences and advice stand in ``health.toml``
``alarms.py``    problems, and what was told before → what is to be told; ``nianbao up`` does it now and then
``alerts.py``    alerts by mail for readers, of what became known of a place or in reports with some words
``messages.py``  sends it, to a chat or by mail
"""
