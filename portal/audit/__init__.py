"""Who did what, when: append only, each entry chained by hash to its organisation's previous one."""
