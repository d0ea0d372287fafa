"""Makes the data of Kestrel Coffee's four source systems from a seed: the same seed gives the same bytes.

`organisation` says who and when, `stories` what happens to them; `finance`, `crm`, `hr` and `operations` each make one
system's rows as plain values; `files` writes them in the form in which that system would hand them out; `build` puts
it together.

Not here: anything that reads the data back.
"""
