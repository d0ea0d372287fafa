"""Complete workspaces that run as they are, and what stands in for their source systems.

Not here: anything that the product needs; it never imports from this package.
"""
