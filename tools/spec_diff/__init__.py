"""Compare our description of an API with the one that the service publishes now; print what is new.

Run from the root of the repository:

    python -m tools.spec_diff [OURS] UPSTREAM [--known FILE]

Both are OpenAPI 3.0 or 3.1 in YAML or JSON, as a file or an http(s) address; `OURS` is `openapi.yaml` unless
named. Nothing is printed if nothing is new. Otherwise there is one line for each difference: BREAKING (one of
our requests could be refused, or an answer not understood), ADDED (more is possible) or CHANGED, then the
place in our file, then what is different there. A schema that several operations use is one place.

Texts, examples, the order of keys, names of schemas and ways to write the same thing (a reference or the
schema itself, `allOf`, `nullable`, `const`, alternatives of plain types) make no difference. What comes back
is described leniently on purpose: there, what our description does not cover is told, and each new or missing
field and value.

Where our description differs from the published one on purpose, `openapi.known.yaml` beside this file says
what is published; the list of another description is called after it. Each entry is laid
over our description before the comparison, so that a further change at the same place is told as well:

    - at: components/schemas/Sms/properties/type   # in our file; * is any key, ~1 a slash in a key
      published: {default: utf}                    # a JSON merge patch: null removes a key
      why: A client that fills in a default changes the price.

Exit status: 0 nothing new, 1 something new, 2 wrong usage, or something that cannot be read or compared.
"""
