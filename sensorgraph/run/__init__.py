"""The verbs, one file each, and what turns a run file into objects. Imports nothing, so that ``--help`` is quick."""
