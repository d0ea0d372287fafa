"""Kestrel Coffee, the example organisation: its workspace, and what stands in for its source systems.

The workspace is the YAML, SQL, CSV and Markdown files. The Python beside them makes the data (`generator`), answers like
the CRM (`crm_server`) and starts both around a command (`stand_in`).
"""
